namespace Sirsi.Journal;

/// <summary>What opening a journal has found and done.</summary>
/// <param name="Segments">How many segments there are.</param>
/// <param name="FirstSequence">Sequence number of the first record; that of the next one when there is none.</param>
/// <param name="NextSequence">Sequence number the next record will get.</param>
/// <param name="TornTail">What was cut off at the end, because the last writer was stopped while it wrote; null when nothing was.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record JournalRecovery(int Segments, long FirstSequence, long NextSequence, TornTail? TornTail, TimeSpan Elapsed);

/// <summary>Bytes at the end of a journal that are no whole group of records and that no later group vouches for.</summary>
/// <param name="Segment">The segment's file.</param>
/// <param name="Position">Where in the file they began, in bytes.</param>
/// <param name="Bytes">How many there were.</param>
public sealed record TornTail(string Segment, long Position, long Bytes);
