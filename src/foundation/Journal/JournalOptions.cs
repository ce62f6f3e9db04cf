namespace Sirsi.Journal;

/// <summary>What an acknowledged append has survived.</summary>
public enum JournalSync
{
    /// <summary>A loss of power: it is flushed to the disk. Appends at the same time share a flush.</summary>
    Durable,

    /// <summary>
    /// The end of this process: the operating system has it. It is flushed at most <see cref="JournalOptions.SyncInterval"/> later, and a
    /// loss of power before that may take it.
    /// </summary>
    Interval,

    /// <summary>The end of this process. It is never flushed but when a segment is complete and when the journal is closed.</summary>
    Memory,
}

/// <summary>How a journal works. Immutable: derive a variant with <c>with</c>.</summary>
public sealed record JournalOptions
{
    /// <summary>The largest segment any journal may have, in bytes: 1 GiB.</summary>
    internal const int SegmentBytesGreatest = 1 << 30;

    /// <summary>The smallest <see cref="BufferBytes"/>.</summary>
    internal const int BufferBytesLeast = 256;

    /// <summary>What an acknowledged append has survived. Default <see cref="JournalSync.Durable"/>.</summary>
    public JournalSync Sync { get; init; } = JournalSync.Durable;

    /// <summary>With <see cref="JournalSync.Interval"/>, how long something may be unflushed: 1 ms to 1 h. Default 1 s.</summary>
    public TimeSpan SyncInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How large a segment file grows, in bytes: at least <see cref="BufferBytes"/> + 64, at most 1 GiB. Whole segments are dropped by
    /// retention, and only the last is read through at the start. Default 64 MiB.
    /// </summary>
    public int SegmentBytes { get; init; } = 64 << 20;

    /// <summary>
    /// How much of the disk is taken ahead of the writing, in bytes: 4 KiB to 1 GiB. A larger step spares flushes of the file's length.
    /// Default 8 MiB.
    /// </summary>
    public int ReserveBytes { get; init; } = 8 << 20;

    /// <summary>
    /// Room for appends that wait for the disk, in bytes: 256 to 256 MiB. It is taken twice, one part filled while the other is written.
    /// A group of records, with 32 bytes of its own and 4 for each record, must fit in. Default 2 MiB.
    /// </summary>
    public int BufferBytes { get; init; } = 2 << 20;

    /// <summary>How many appends may wait for room in the buffer before further ones are refused: 0 to 1,000,000. Default 10,000.</summary>
    public int AppendsWaitingMax { get; init; } = 10_000;

    /// <summary>How long an append may wait for room in the buffer before it is refused: 1 ms to 1 h. Default 30 s.</summary>
    public TimeSpan RoomTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <exception cref="ArgumentException">Rules are broken; the message names each.</exception>
    internal void ThrowUnlessValid()
    {
        string problems = string.Join(' ', Problems());
        if (problems.Length > 0) throw new ArgumentException(problems, "options");
    }

    private IEnumerable<string> Problems()
    {
        if (!Enum.IsDefined(Sync)) yield return $"Sync is {(int)Sync}; it must be one of JournalSync.";
        if (!IsSpan(SyncInterval)) yield return $"SyncInterval is {SyncInterval}; it must be 1 ms to 1 h.";
        if (!IsSpan(RoomTimeout)) yield return $"RoomTimeout is {RoomTimeout}; it must be 1 ms to 1 h.";
        if (BufferBytes is < BufferBytesLeast or > 256 << 20) yield return $"BufferBytes is {BufferBytes}; it must be 256 bytes to 256 MiB.";
        if (SegmentBytes > SegmentBytesGreatest || SegmentBytes < (long)BufferBytes + Format.SegmentHeader.Size)
            yield return $"SegmentBytes is {SegmentBytes}; it must be BufferBytes + 64 to 1 GiB.";
        if (ReserveBytes is < 4 << 10 or > 1 << 30) yield return $"ReserveBytes is {ReserveBytes}; it must be 4 KiB to 1 GiB.";
        if (AppendsWaitingMax is < 0 or > 1_000_000) yield return $"AppendsWaitingMax is {AppendsWaitingMax}; it must be 0 to 1,000,000.";
    }

    private static bool IsSpan(TimeSpan span) => span >= TimeSpan.FromMilliseconds(1) && span <= TimeSpan.FromHours(1);
}
