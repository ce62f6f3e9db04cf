using System.Collections.Immutable;

namespace Sirsi.Simulation.Running;

/// <summary>What came of one scenario with one seed. The same seed gives the same report, bit for bit.</summary>
public sealed record SimulationReport
{
    /// <summary>The scenario's name.</summary>
    public required string Scenario { get; init; }

    /// <summary>The seed.</summary>
    public required int Seed { get; init; }

    /// <summary>The first promise that was broken; null when all were held.</summary>
    public required string? Violation { get; init; }

    /// <summary>How many steps the machine took: continuations, callbacks and timers.</summary>
    public required long Steps { get; init; }

    /// <summary>How much time passed on the machine.</summary>
    public required TimeSpan VirtualTime { get; init; }

    /// <summary>How often the process ended.</summary>
    public required int Crashes { get; init; }

    /// <summary>A hash over the steps, the time and all that is on the disk in the end: two runs that differ in anything have different ones.</summary>
    public required ulong Fingerprint { get; init; }

    /// <summary>What happened, when it was asked for; else the violation alone.</summary>
    public required ImmutableArray<HistoryEntry> History { get; init; }
}
