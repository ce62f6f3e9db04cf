using System.Collections.Immutable;

namespace Sirsi.Migration.Assessing;

/// <summary>What an estate costs, what is wrong with it, and how ready it is to move. Immutable.</summary>
/// <param name="Resources">One entry per resource, in the order of the estate.</param>
/// <param name="Findings">Failed checks, most severe first, then by check and resource.</param>
public sealed record Assessment(ImmutableArray<ResourceAssessment> Resources, ImmutableArray<Finding> Findings)
{
    /// <summary>US dollars a month of all that has a price; what has none is counted in <see cref="UnpricedCount"/>, not as 0.</summary>
    public decimal MonthlyUsd { get; } = Resources.Sum(static resource => resource.Cost.MonthlyUsd ?? 0);

    /// <summary>How many resources cost something, and we do not know how much.</summary>
    public int UnpricedCount { get; } =
        Resources.Count(static resource => resource.Cost.Status is CostStatus.Unknown or CostStatus.Partial);
}

/// <summary>The assessment of one resource.</summary>
/// <param name="ResourceId">Which.</param>
/// <param name="Cost">Its monthly cost where it is now.</param>
/// <param name="Readiness">How ready it is to move, with reasons.</param>
public sealed record ResourceAssessment(string ResourceId, CostEstimate Cost, Readiness Readiness);

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

/// <summary>The words of severities in files.</summary>
public static class SeverityNames
{
    /// <summary>The lower-case word: <c>information</c>, <c>low</c>, <c>medium</c>, <c>high</c>, <c>critical</c>.</summary>
    public static string Word(this Severity severity) => severity switch
    {
        Severity.Information => "information",
        Severity.Low => "low",
        Severity.Medium => "medium",
        Severity.High => "high",
        Severity.Critical => "critical",
        _ => throw new ArgumentOutOfRangeException(nameof(severity), severity, "Not a severity."),
    };
}

/// <summary>A check that failed on a resource.</summary>
/// <param name="Check">The check.</param>
/// <param name="ResourceId">The resource.</param>
/// <param name="Evidence">The facts that made it fail, for people: <c>public = true</c>. No secret.</param>
public sealed record Finding(Check Check, string ResourceId, string Evidence);
