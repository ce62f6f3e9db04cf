using Sirsi.Core.Errors;

namespace Sirsi.Cli.Commands.Agents;

/// <summary>What an id means that was perhaps shortened.</summary>
internal static class IdMatch
{
    private const int ShortestLength = 4;
    private const int LongestLength = 128;

    /// <summary>The one whose id or name is the text, or else whose id begins or ends with it, the kind before the id left out or not.</summary>
    /// <param name="what">What is looked for, in a word: <c>session</c>.</param>
    /// <param name="where">The end of a phrase: where it is looked for; may be empty.</param>
    /// <param name="text">What was written.</param>
    /// <param name="all">Those there are.</param>
    /// <param name="idOf">The id of one.</param>
    /// <param name="nameOf">The name people gave it; may be empty.</param>
    /// <exception cref="CliException">None, or several.</exception>
    public static T Find<T>(string what, string where, string text, IReadOnlyList<T> all, Func<T, string> idOf, Func<T, string> nameOf)
    {
        if (text.Length > LongestLength) throw new CliException(CliErrors.Usage, $"'{text[..LongestLength]}…' is no id.");
        T[] fitting = [.. all.Where(one => text.Length > 0 && (idOf(one) == text || nameOf(one) == text))];
        if (fitting.Length == 0 && text.Length >= ShortestLength) fitting = [.. all.Where(one => Fits(idOf(one), text))];
        if (fitting.Length == 1) return fitting[0];
        if (fitting.Length > 1)
            throw new CliException(CliErrors.Usage, $"'{text}' may be each of these: {string.Join(", ", fitting.Take(8).Select(idOf))}; write more of the id.");
        throw new CliException(CliErrors.NotFound, all.Count == 0
            ? $"There is no {what} '{text}'{where}, nor any other; what has ended is not kept."
            : $"There is no {what} '{text}'{where}, or it has ended; {NearestName.Hint(text, [.. all.Select(idOf)])}");
    }

    private static bool Fits(string id, string text) =>
        id.EndsWith(text, StringComparison.Ordinal) || id.StartsWith(text, StringComparison.Ordinal)
        || id.AsSpan(id.IndexOf('_', StringComparison.Ordinal) + 1).StartsWith(text, StringComparison.Ordinal);
}
