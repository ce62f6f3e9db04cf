using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Tables;
using Sirsi.Migration.Assessing;
using Sirsi.Migration.Designing;

namespace Sirsi.Migration.Emitting.Report;

/// <summary>What several sections of the report need, worked out once.</summary>
internal sealed class ReportFacts
{
    private static readonly Dictionary<string, string> FamilyTitles = new(StringComparer.Ordinal)
    {
        ["compute"] = "Compute",
        ["container"] = "Containers",
        ["storage"] = "Storage",
        ["database"] = "Databases",
        ["cache"] = "Caches",
        ["network"] = "Network",
        ["dns"] = "DNS",
        ["identity"] = "Identity",
        ["key"] = "Keys",
        ["secret"] = "Secrets",
        ["certificate"] = "Certificates",
        ["alarm"] = "Alarms",
        ["queue"] = "Queues",
        ["topic"] = "Topics",
        ["subscription"] = "Subscriptions",
        ["stream"] = "Streams",
        ["cdn"] = "Content delivery",
        ["api"] = "Programming interfaces",
        ["etl"] = "Data pipelines",
        ["ml"] = "Machine learning",
        ["iot"] = "Internet of things",
        ["eventbus"] = "Event routing",
    };

    public ReportFacts(MigrationResult result)
    {
        Result = result;
        Estate estate = result.Estate;
        Before = new CostEstimate?[estate.Resources.Length];
        Mappings = new Mapping?[estate.Resources.Length];
        foreach (ResourceAssessment assessed in result.Assessment.Resources)
            if (estate.IndexOf(assessed.ResourceId) is var index and >= 0) Before[index] = assessed.Cost;
        foreach (Mapping mapping in result.Design.Mappings)
            if (estate.IndexOf(mapping.ResourceId) is var index and >= 0) Mappings[index] = mapping;
        string sources = string.Join(" and ", estate.Resources.Select(static resource => resource.Cloud)
            .Where(static cloud => cloud is not Cloud.Other).Distinct().Order().Select(static cloud => cloud.Title()));
        Title = $"{(sources.Length == 0 ? "Estate" : sources)} to {result.Design.Target.Title()}";
    }

    /// <summary>Everything.</summary>
    public MigrationResult Result { get; }

    /// <summary>From where to where.</summary>
    public string Title { get; }

    /// <summary>The cost of each resource today, by its place in the estate.</summary>
    public CostEstimate?[] Before { get; }

    /// <summary>What becomes of each resource, by its place in the estate.</summary>
    public Mapping?[] Mappings { get; }

    /// <summary>The name of a family for people.</summary>
    public static string FamilyTitle(string family) =>
        FamilyTitles.TryGetValue(family, out string? title) ? title : family.Length == 0
            ? "Other" : $"{char.ToUpperInvariant(family[0])}{family[1..]}";

    /// <summary>The name of a kind for people: <c>Virtual machine</c>.</summary>
    public static string KindTitle(string kind) => KindTable.BuiltIn.Find(kind)?.Title ?? kind;

    /// <summary>Whether a part of a cost is missing.</summary>
    public static bool LacksPrice(CostEstimate? cost) => cost is { Status: CostStatus.Unknown or CostStatus.Partial };

    /// <summary>The name of an outcome for people.</summary>
    public static string OutcomeTitle(MappingOutcome outcome) => outcome switch
    {
        MappingOutcome.Equivalent => "Equivalent",
        MappingOutcome.Adapted => "Adapted",
        MappingOutcome.Folded => "Part of another",
        MappingOutcome.NotNeeded => "Not needed",
        MappingOutcome.NoEquivalent => "No equivalent",
        MappingOutcome.Stays => "Stays",
        _ => "Unknown",
    };
}
