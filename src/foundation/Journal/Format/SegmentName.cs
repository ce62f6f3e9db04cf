using System.Globalization;

namespace Sirsi.Journal.Format;

/// <summary>A segment is called after the sequence number of its first record, so names sort as records do.</summary>
internal static class SegmentName
{
    private const string Ending = ".journal";
    private const string UnfinishedEnding = ".new";
    private const int Digits = 19;

    public static string Of(long firstSequence) => firstSequence.ToString("D19", CultureInfo.InvariantCulture) + Ending;

    /// <summary>What a segment is called until its header is safe.</summary>
    public static string Unfinished(long firstSequence) => Of(firstSequence) + UnfinishedEnding;

    public static bool IsUnfinished(string name) => name.EndsWith(Ending + UnfinishedEnding, StringComparison.Ordinal);

    /// <summary>The first sequence number that a name tells; false when it is no segment's.</summary>
    public static bool TryParse(string name, out long firstSequence)
    {
        firstSequence = 0;
        return name.Length == Digits + Ending.Length && name.EndsWith(Ending, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out firstSequence) && firstSequence > 0;
    }
}
