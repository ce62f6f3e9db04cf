using Sirsi.Migration.Assessing;
using Sirsi.Migration.Designing;

namespace Sirsi.Migration;

/// <summary>
/// The monthly cost before and after of the resources whose price is known in full on both sides: the only two sums whose difference says something. Resources that are free on both
/// sides are left out.
/// </summary>
/// <param name="BeforeUsd">US dollars a month before.</param>
/// <param name="AfterUsd">US dollars a month after.</param>
/// <param name="Resources">Over how many resources.</param>
public sealed record CostComparison(decimal BeforeUsd, decimal AfterUsd, int Resources)
{
    /// <summary>The change as a share of what was before; null when there is nothing to compare.</summary>
    public decimal? Change => BeforeUsd > 0 ? (AfterUsd - BeforeUsd) / BeforeUsd : null;

    /// <summary>Compares an assessment with a design of the same estate.</summary>
    public static CostComparison Of(Assessment assessment, Design design)
    {
        ArgumentNullException.ThrowIfNull(assessment);
        ArgumentNullException.ThrowIfNull(design);
        var after = new Dictionary<string, CostEstimate>(StringComparer.Ordinal);
        foreach (Mapping mapping in design.Mappings)
            if (mapping is { Target: not null, Cost.IsWhole: true }) after[mapping.ResourceId] = mapping.Cost;
        decimal before = 0, then = 0;
        int count = 0;
        foreach (ResourceAssessment assessed in assessment.Resources)
        {
            if (!assessed.Cost.IsWhole || !after.TryGetValue(assessed.ResourceId, out CostEstimate? target)) continue;
            if (assessed.Cost.Status is CostStatus.Free && target.Status is CostStatus.Free) continue;
            before += assessed.Cost.MonthlyUsd ?? 0;
            then += target.MonthlyUsd ?? 0;
            count++;
        }

        return new CostComparison(before, then, count);
    }
}
