namespace Sirsi.Bus.Events;

/// <summary>The rule all names of topics obey: parts of lower-case letters, digits, <c>-</c> and <c>_</c>, divided by dots.</summary>
internal static class TopicParts
{
    public const int PartLengthMax = 64;
    public const int PartsMax = 14;
    public const int LengthMax = 255;

    public static bool IsPart(ReadOnlySpan<char> part)
    {
        if (part.IsEmpty || part.Length > PartLengthMax) return false;
        foreach (char c in part)
            if (!(char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_')) return false;
        return true;
    }

    /// <summary>Why <paramref name="subject"/> is none, or null when it is one.</summary>
    public static string? ProblemOf(string subject, bool wildcards)
    {
        if (subject.Length is 0 or > LengthMax) return $"it has {subject.Length} characters, and 1 to {LengthMax} are allowed";
        string[] parts = subject.Split('.');
        if (parts.Length > PartsMax) return $"it has {parts.Length} parts, and {PartsMax} are allowed";
        for (int i = 0; i < parts.Length; i++)
        {
            if (IsPart(parts[i])) continue;
            bool wild = wildcards && i > 0 && (parts[i] == "*" || (parts[i] == ">" && i == parts.Length - 1));
            if (!wild) return ProblemOfPart(parts[i], i, wildcards);
        }

        return null;
    }

    private static string ProblemOfPart(string part, int index, bool wildcards) =>
        part is "*" or ">"
            ? !wildcards ? $"part {index + 1} is a wildcard, which only filters may have"
                : index == 0 ? "its first part, which names the log, must not be a wildcard"
                : "'>' stands only at the end"
            : $"part {index + 1}, '{part}', is not 1 to {PartLengthMax} lower-case letters, digits, '-' or '_'";
}
