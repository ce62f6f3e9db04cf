using System.Collections.Immutable;
using Sirsi.Clouds.Prices;

namespace Sirsi.Migration.Assessing;

/// <summary>What an estate costs, what is wrong with it, and how ready it is to move. Immutable.</summary>
/// <param name="Resources">One entry per resource, in the order of the estate.</param>
/// <param name="Findings">Failed checks, most severe first, then by check and resource.</param>
public sealed record Assessment(ImmutableArray<ResourceAssessment> Resources, ImmutableArray<Finding> Findings)
{
    /// <summary>US dollars a month of all that has a price; what has none is counted in <see cref="UnpricedCount"/>, not as 0.</summary>
    public decimal MonthlyUsd { get; } = Resources.Sum(static resource => resource.Cost.MonthlyUsd ?? 0);

    /// <summary>How many resources cost something, and we do not know how much.</summary>
    public int UnpricedCount { get; } = Resources.Count(static resource => resource.Cost.Status is CostStatus.Unknown or CostStatus.Partial);
}

/// <summary>The assessment of one resource.</summary>
/// <param name="ResourceId">Which.</param>
/// <param name="Cost">Its monthly cost where it is now.</param>
/// <param name="Readiness">How ready it is to move, with reasons.</param>
public sealed record ResourceAssessment(string ResourceId, CostEstimate Cost, Readiness Readiness);

/// <summary>Whether a cost is known.</summary>
public enum CostStatus
{
    /// <summary>All that is charged by time or size has a price.</summary>
    Known,

    /// <summary>Some lines have a price, others are listed as missing.</summary>
    Partial,

    /// <summary>Charged by use (requests, traffic) that a configuration does not tell; unit prices are listed where known.</summary>
    Usage,

    /// <summary>The provider charges nothing for it by itself.</summary>
    Free,

    /// <summary>It costs something, and no price is known.</summary>
    Unknown,
}

/// <summary>A monthly cost (730 hours) and what it rests on.</summary>
/// <param name="Status">Whether it is known.</param>
/// <param name="Lines">The parts that have a price.</param>
/// <param name="Missing">In words: the parts that have none, and why.</param>
public sealed record CostEstimate(CostStatus Status, ImmutableArray<CostLine> Lines, ImmutableArray<string> Missing)
{
    /// <summary>A resource that costs nothing by itself.</summary>
    public static CostEstimate Free { get; } = new(CostStatus.Free, [], []);

    /// <summary>The sum of the lines; null (never 0) when nothing is known.</summary>
    public decimal? MonthlyUsd { get; } =
        Status is CostStatus.Known or CostStatus.Partial ? Lines.Sum(static line => line.MonthlyUsd) : Status is CostStatus.Free ? 0 : null;
}

/// <summary>One priced part of an estimate: quantity × price.</summary>
/// <param name="What">In words: <c>m5.large, Linux</c>, <c>root disk gp3</c>.</param>
/// <param name="Quantity">How many units a month: 730 hours, 100 GiB-months.</param>
/// <param name="Price">The unit price with its source and date.</param>
/// <param name="MonthlyUsd">US dollars a month.</param>
public sealed record CostLine(string What, decimal Quantity, Price Price, decimal MonthlyUsd);

/// <summary>How ready a resource is to move.</summary>
public enum ReadinessLevel
{
    /// <summary>It can move as it is.</summary>
    Ready,

    /// <summary>It can move when the listed conditions are met.</summary>
    Conditional,

    /// <summary>It can not move as it is.</summary>
    NotReady,

    /// <summary>It need not move: a setting, or something the target brings along.</summary>
    NotNeeded,

    /// <summary>We know too little of it.</summary>
    Unknown,
}

/// <summary>A readiness with its reasons.</summary>
/// <param name="Level">How ready.</param>
/// <param name="Reasons">Why, each a sentence for people; empty for a plain <see cref="ReadinessLevel.Ready"/>.</param>
public sealed record Readiness(ReadinessLevel Level, ImmutableArray<string> Reasons);

/// <summary>How bad a finding is.</summary>
public enum Severity
{
    /// <summary>Worth knowing.</summary>
    Information,

    /// <summary>Good practice.</summary>
    Low,

    /// <summary>Should be mended in the course of the work.</summary>
    Medium,

    /// <summary>Should be mended soon.</summary>
    High,

    /// <summary>Mend it now.</summary>
    Critical,
}

/// <summary>A check that failed on a resource.</summary>
/// <param name="Check">The check.</param>
/// <param name="ResourceId">The resource.</param>
/// <param name="Evidence">The facts that made it fail, for people: <c>public = true</c>. No secret.</param>
public sealed record Finding(Check Check, string ResourceId, string Evidence);
