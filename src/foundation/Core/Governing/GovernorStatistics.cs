using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Sirsi.Core.Governing;

/// <summary>The counts of one kind of operation, those of descendants included.</summary>
/// <param name="Kind">Which kind.</param>
/// <param name="Total">Operations admitted so far.</param>
/// <param name="Throttled">Of the total, those that had to wait first.</param>
/// <param name="Waiting">Operations that wait now.</param>
/// <param name="InFlight">Operations that run now.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct KindStatistics(OperationKind Kind, long Total, long Throttled, int Waiting, int InFlight);

/// <summary>
/// What a governor and all its descendants have done, at one instant: the numbers fit each other. Every request is in exactly one of
/// <see cref="Total"/>, <see cref="Waiting"/>, <see cref="Cancelled"/> and <see cref="Refused"/>.
/// </summary>
public sealed record GovernorStatistics
{
    /// <summary>The governor's name.</summary>
    public required string Name { get; init; }

    /// <summary>Operations admitted so far.</summary>
    public required long Total { get; init; }

    /// <summary>Of the total, those that had to wait first.</summary>
    public required long Throttled { get; init; }

    /// <summary>Operations that wait now.</summary>
    public required int Waiting { get; init; }

    /// <summary>Operations that run now: admitted, and not yet given back.</summary>
    public required int InFlight { get; init; }

    /// <summary>Requests whose wait was cancelled.</summary>
    public required long Cancelled { get; init; }

    /// <summary>Requests refused: by the sandbox, by a full queue, or because the governor closed.</summary>
    public required long Refused { get; init; }

    /// <summary>Checkpoints of running operations that had to wait.</summary>
    public required long CheckpointsThrottled { get; init; }

    /// <summary>Running operations that wait at a checkpoint now.</summary>
    public required int CheckpointsWaiting { get; init; }

    /// <summary>Processor time measured so far; zero where nothing is capped and so nothing measured.</summary>
    public required TimeSpan CpuTime { get; init; }

    /// <summary>Bytes reserved now.</summary>
    public required long MemoryReservedBytes { get; init; }

    /// <summary>The most bytes that were ever reserved at once.</summary>
    public required long MemoryReservedBytesPeak { get; init; }

    /// <summary>Whether it is paused itself.</summary>
    public required bool IsPaused { get; init; }

    /// <summary>The counts of each kind, in the order of the kinds.</summary>
    public required ImmutableArray<KindStatistics> ByKind { get; init; }
}
