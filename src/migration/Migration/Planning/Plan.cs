using System.Collections.Immutable;

namespace Sirsi.Migration.Planning;

/// <summary>How a design is carried out: waves of steps with times, dependencies and ways back. Immutable.</summary>
/// <param name="Waves">In order; a wave starts when the one before it is verified.</param>
/// <param name="Steps">All steps, by wave and start, in an order that respects <see cref="Step.DependsOn"/>.</param>
public sealed record Plan(ImmutableArray<Wave> Waves, ImmutableArray<Step> Steps)
{
    /// <summary>The longest chain of steps; its sum is the shortest possible duration.</summary>
    public ImmutableArray<string> CriticalPath { get; init; } = [];

    /// <summary>Dependency cycles that were found, and the edge each was broken at.</summary>
    public ImmutableArray<BrokenCycle> Cycles { get; init; } = [];

    /// <summary>Work that the plan leaves to people before it can start: decisions, unknown resources.</summary>
    public ImmutableArray<string> OpenPoints { get; init; } = [];

    /// <summary>The assumptions behind the times, as shown in the report.</summary>
    public required PlanAssumptions Assumptions { get; init; }

    /// <summary>From the first step's start to the last step's end, with steps of a wave side by side up to the assumed crew.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The sum over waves of the longest downtime in each.</summary>
    public required TimeSpan Downtime { get; init; }

    /// <summary>All data that has to be copied, in GiB, as far as sizes are known.</summary>
    public required double TransferGiB { get; init; }
}

/// <summary>What the times rest on. Immutable.</summary>
public sealed record PlanAssumptions
{
    /// <summary>Bandwidth between the clouds, in megabits a second. Default 1,000.</summary>
    public double BandwidthMbps { get; init; } = 1_000;

    /// <summary>The share of the bandwidth that copies get, 0 to 1. Default 0.7.</summary>
    public double BandwidthShare { get; init; } = 0.7;

    /// <summary>How many steps run side by side, at least 1. Default 4. Copies take turns on the line, each at the full rate.</summary>
    public int Crew { get; init; } = 4;

    /// <summary>Most resources in one wave, at least 1, unless what belongs together is larger. Default 50.</summary>
    public int WaveResourcesMax { get; init; } = 50;

    /// <summary>Bytes assumed for a bucket, share or database whose size the source does not tell, in GiB. Default 100.</summary>
    public double UnknownStoreGiB { get; init; } = 100;

    /// <summary>Fails with what is out of its range.</summary>
    internal void Validate()
    {
        RequireAbove(BandwidthMbps, double.MaxValue, nameof(BandwidthMbps));
        RequireAbove(BandwidthShare, 1, nameof(BandwidthShare));
        ArgumentOutOfRangeException.ThrowIfLessThan(Crew, 1, nameof(Crew));
        ArgumentOutOfRangeException.ThrowIfLessThan(WaveResourcesMax, 1, nameof(WaveResourcesMax));
        if (!(UnknownStoreGiB >= 0 && double.IsFinite(UnknownStoreGiB)))
            throw new ArgumentOutOfRangeException(nameof(UnknownStoreGiB), UnknownStoreGiB, "It must be 0 or more.");
    }

    private static void RequireAbove(double value, double atMost, string name)
    {
        if (!(value > 0 && value <= atMost))
            throw new ArgumentOutOfRangeException(name, value, $"It must be above 0 and at most {atMost}.");
    }
}

/// <summary>Steps that move together.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Title">What it is about: <c>Network and identity</c>, <c>Shop database and its applications</c>.</param>
/// <param name="ResourceIds">What moves in it or needs a person, sorted. Settings are not listed: they go with their owners.</param>
/// <param name="StepIds">Its steps, in order.</param>
/// <param name="Start">Planned start, counted from the start of the plan.</param>
/// <param name="Duration">Planned length.</param>
/// <param name="Downtime">The longest downtime in it.</param>
public sealed record Wave(
    int Number,
    string Title,
    ImmutableArray<string> ResourceIds,
    ImmutableArray<string> StepIds,
    TimeSpan Start,
    TimeSpan Duration,
    TimeSpan Downtime);

/// <summary>What a step does.</summary>
public enum StepAction
{
    /// <summary>Applies the generated code of a resource on the target.</summary>
    Provision,

    /// <summary>Copies data while the source goes on serving.</summary>
    Replicate,

    /// <summary>Stops writes, copies the rest, and lets the target serve.</summary>
    CutOver,

    /// <summary>Checks that the target does what the source did.</summary>
    Verify,

    /// <summary>Something only a person can do.</summary>
    Manual,

    /// <summary>Removes the source after the agreed time.</summary>
    Retire,
}

/// <summary>One step of a plan.</summary>
public sealed record Step
{
    /// <summary>Unique in the plan and stable: <c>w02-cutover-module.shop.aws_db_instance.main</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The wave it is in, from 1.</summary>
    public required int Wave { get; init; }

    /// <summary>What it does.</summary>
    public required StepAction Action { get; init; }

    /// <summary>The resource it is about; null for a step about the whole wave.</summary>
    public string? ResourceId { get; init; }

    /// <summary>What is done, in one line for the runbook.</summary>
    public required string Title { get; init; }

    /// <summary>Ids of the steps that must have ended before, sorted.</summary>
    public ImmutableArray<string> DependsOn { get; init; } = [];

    /// <summary>Planned start, counted from the start of the plan.</summary>
    public TimeSpan Start { get; init; }

    /// <summary>Planned length, transfer included.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>How long the resource does not serve.</summary>
    public TimeSpan Downtime { get; init; }

    /// <summary>Data copied, in GiB; 0 when none. Null when there is data and its size is not known.</summary>
    public double? TransferGiB { get; init; } = 0;

    /// <summary>How to undo it, in one line: the inverse of the action.</summary>
    public required string Rollback { get; init; }

    /// <summary>How long undoing takes.</summary>
    public TimeSpan RollbackDuration { get; init; }

    /// <summary>What the times rest on, in a few words.</summary>
    public string Basis { get; init; } = "";
}

/// <summary>A cycle in the dependencies and where it was broken.</summary>
/// <param name="ResourceIds">
/// The shortest cycle through that edge, each depending on the next, the last on the first; only the two ends when cycles are so many and
/// so large that searching them all would not be linear.
/// </param>
/// <param name="From">The edge that is left out starts here …</param>
/// <param name="To">… and ends here.</param>
/// <param name="Reason">Why this edge.</param>
public sealed record BrokenCycle(ImmutableArray<string> ResourceIds, string From, string To, string Reason);
