namespace Sirsi.Journal;

/// <summary>How much of what its owner no longer needs a journal keeps all the same. Without limits, nothing.</summary>
public sealed record JournalRetention
{
    /// <summary>Complete segments older than this are dropped; null keeps none for its age. At least 0.</summary>
    public TimeSpan? AgeMax { get; init; }

    /// <summary>The oldest complete segments are dropped while the journal has more bytes than this; null keeps none for its size. At least 0.</summary>
    public long? BytesMax { get; init; }
}

/// <summary>What was dropped.</summary>
/// <param name="Segments">How many segments.</param>
/// <param name="Bytes">How many bytes of the disk.</param>
/// <param name="FirstSequence">The number of the first record that is still there.</param>
public sealed record DroppedSegments(int Segments, long Bytes, long FirstSequence);
