using System.Collections.Immutable;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Prices;

namespace Sirsi.Migration.Assessing;

/// <summary>Judges an estate: what it costs, what is wrong with it, how ready it is to move.</summary>
public static class Assessor
{
    /// <summary>
    /// Assesses every resource. A pure function: the same estate, prices, checks and moment give the same assessment. Time and memory
    /// grow with the number of resources and relations.
    /// </summary>
    /// <param name="estate">The estate.</param>
    /// <param name="prices">Where prices and machine sizes are looked up.</param>
    /// <param name="options">Checks and moment.</param>
    public static Assessment Assess(Estate estate, PriceCatalogue prices, AssessOptions options)
    {
        ArgumentNullException.ThrowIfNull(estate);
        ArgumentNullException.ThrowIfNull(prices);
        ArgumentNullException.ThrowIfNull(options);
        var scopes = new ResourceScopes(estate, prices, options.Now);
        var costs = new EstateCosts(estate, new CostEstimator(prices), scopes);
        ReadinessRules readiness = ReadinessRules.Embedded;
        var resources = ImmutableArray.CreateBuilder<ResourceAssessment>(estate.Resources.Length);
        var findings = new List<Finding>();
        for (int index = 0; index < estate.Resources.Length; index++)
        {
            Resource resource = estate.Resources[index];
            ChecksOfKind? checks = options.Checks.ForKind(resource.Kind);
            AttributeMap derived = scopes.Of(index, (checks?.Needs ?? DerivedFactSet.None) | readiness.NeedsOf(resource.Kind));
            if (checks is not null) Evaluate(resource, derived, checks.Checks, findings);
            resources.Add(new ResourceAssessment(resource.Id, costs.Of(index), readiness.Judge(resource, derived)));
        }

        findings.Sort(static (left, right) => Compare(left, right));
        return new Assessment(resources.MoveToImmutable(), [.. findings]);
    }

    private static void Evaluate(Resource resource, AttributeMap derived, ImmutableArray<CompiledCheck> checks, List<Finding> findings)
    {
        foreach (CompiledCheck check in checks)
            if (check.AppliesTo(resource.Cloud) && check.Fails(resource.Facts, derived))
                findings.Add(new Finding(check.Check, resource.Id, check.EvidenceOf(resource.Facts, derived)));
    }

    private static int Compare(Finding left, Finding right)
    {
        int bySeverity = right.Check.Severity.CompareTo(left.Check.Severity);
        if (bySeverity != 0) return bySeverity;
        int byCheck = string.CompareOrdinal(left.Check.Id, right.Check.Id);
        return byCheck != 0 ? byCheck : string.CompareOrdinal(left.ResourceId, right.ResourceId);
    }
}
