using Sirsi.Journal;

namespace Sirsi.Bus.Embedded;

/// <summary>How the embedded log works.</summary>
public sealed record EmbeddedBusOptions
{
    /// <summary>The folder of all logs, created when absent. One process at a time writes there; others may follow.</summary>
    public required string Folder { get; init; }

    /// <summary>What an acknowledged publication has survived; <see cref="JournalSync.Durable"/>, a loss of power, by default.</summary>
    public JournalSync Sync { get; init; } = JournalSync.Durable;

    /// <summary>With <see cref="JournalSync.Interval"/>, how long something may be unflushed: 1 ms to 1 h; 1 s by default.</summary>
    public TimeSpan SyncInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How large a segment file grows at most, 4 MiB to 1 GiB; 64 MiB by default. Retention drops whole segments.</summary>
    public int SegmentBytes { get; init; } = 64 << 20;

    /// <exception cref="ArgumentException">A value breaks its rule.</exception>
    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Folder);
        if (SegmentBytes is < 4 << 20 or > 1 << 30) throw new ArgumentOutOfRangeException(nameof(SegmentBytes), SegmentBytes, "It is 4 MiB to 1 GiB.");
    }
}
