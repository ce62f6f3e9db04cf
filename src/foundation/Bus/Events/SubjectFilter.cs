using System.Text;

namespace Sirsi.Bus.Events;

/// <summary>
/// A pattern of subjects: <c>*</c> stands for one part, <c>&gt;</c> at the end for one or more. The first part is literal, for it names
/// the log. Immutable.
/// </summary>
public sealed class SubjectFilter
{
    private readonly byte[] _literal;
    private readonly byte[][]? _parts;

    /// <summary>Reads a pattern such as <c>agent.*.task.&gt;</c>.</summary>
    /// <exception cref="ArgumentException">It is none; the message tells the part and why.</exception>
    public SubjectFilter(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        if (TopicParts.ProblemOf(pattern, wildcards: true) is { } problem)
            throw new ArgumentException($"'{pattern}' is no filter of subjects: {problem}.", nameof(pattern));
        Pattern = pattern;
        _literal = Encoding.UTF8.GetBytes(pattern);
        if (pattern.AsSpan().ContainsAny('*', '>')) _parts = [.. pattern.Split('.').Select(Encoding.UTF8.GetBytes)];
    }

    /// <summary>What it was read from.</summary>
    public string Pattern { get; }

    /// <summary>Whether a subject, in UTF-8, fits. Does not allocate.</summary>
    public bool Matches(ReadOnlySpan<byte> subject)
    {
        if (_parts is null) return subject.SequenceEqual(_literal);
        foreach (byte[] part in _parts)
        {
            if (part is [(byte)'>']) return !subject.IsEmpty;
            int dot = subject.IndexOf((byte)'.');
            ReadOnlySpan<byte> next = dot < 0 ? subject : subject[..dot];
            if (next.IsEmpty || !(part is [(byte)'*'] || next.SequenceEqual(part))) return false;
            subject = dot < 0 ? default : subject[(dot + 1)..];
        }

        return subject.IsEmpty;
    }

    /// <summary>The pattern.</summary>
    public override string ToString() => Pattern;
}
