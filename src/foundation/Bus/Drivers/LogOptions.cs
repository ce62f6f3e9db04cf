namespace Sirsi.Bus.Drivers;

/// <summary>How a log is made and kept.</summary>
public sealed record LogOptions
{
    /// <summary>Partitions, 1 to 256; 8 by default. A group has at most so many working members. Fixed when the log is made.</summary>
    public int Partitions { get; init; } = 8;

    /// <summary>How long events are kept, from 1 second; 7 days by default. Whole stretches of the log go, so some stay longer.</summary>
    public TimeSpan RetentionAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How many bytes of events are kept, from 64 KiB; 1 GiB by default. The oldest go, processed or not.</summary>
    public long RetentionBytes { get; init; } = 1L << 30;

    /// <summary>How long the id that a publisher names is remembered so that it is not appended again; 0 for not at all; 2 minutes by default.</summary>
    public TimeSpan DeduplicationWindow { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How many ids are remembered at most, to 16,777,216; 65,536 by default. Where a server remembers them, it may remember more.</summary>
    public int DeduplicationIdsMax { get; init; } = 65_536;

    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    internal void Validate()
    {
        Check(Partitions is >= 1 and <= 256, nameof(Partitions), Partitions, "It is 1 to 256.");
        Check(RetentionAge >= TimeSpan.FromSeconds(1), nameof(RetentionAge), RetentionAge, "It is 1 second or longer.");
        Check(RetentionBytes >= 64 * 1024, nameof(RetentionBytes), RetentionBytes, "It is 64 KiB or more.");
        Check(DeduplicationWindow >= TimeSpan.Zero, nameof(DeduplicationWindow), DeduplicationWindow, "It is not negative.");
        Check(DeduplicationIdsMax is >= 0 and <= 1 << 24, nameof(DeduplicationIdsMax), DeduplicationIdsMax, "It is 0 to 16,777,216.");
    }

    private static void Check(bool holds, string name, object value, string rule)
    {
        if (!holds) throw new ArgumentOutOfRangeException(name, value, rule);
    }
}
