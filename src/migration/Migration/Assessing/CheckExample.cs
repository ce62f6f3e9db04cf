using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Prices;

namespace Sirsi.Migration.Assessing;

/// <summary>
/// Builds the small estate an example of a check describes: one resource with the facts given, and a neighbour for each item of
/// <c>inbound</c> and <c>outbound</c>. The names <c>cloud</c>, <c>kind</c>, <c>terraformType</c>, <c>region</c> and
/// <c>tags</c> set the resource itself.
/// </summary>
internal static class CheckExample
{
    private const string SubjectId = "subject";

    /// <summary>The time examples are judged at; their dates lie far on one side of it.</summary>
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly HashSet<string> NotFacts = new(StringComparer.Ordinal)
    {
        "cloud", "kind", "terraformType", "region", "tags", DerivedFacts.Inbound, DerivedFacts.Outbound,
    };

    /// <summary>Whether the check fails on the example.</summary>
    public static bool Fails(CompiledCheck check, AttributeMap example)
    {
        Estate estate = EstateOf(check.Check, example);
        int index = estate.IndexOf(SubjectId);
        var scopes = new ResourceScopes(estate, PriceCatalogue.Embedded, Now);
        return check.Fails(estate.Resources[index].Facts, scopes.Of(index, check.Needs));
    }

    /// <summary>The estate the example describes; the resource it is about has the id <c>subject</c>.</summary>
    public static Estate EstateOf(Check check, AttributeMap example)
    {
        Cloud cloud = CloudOf(example["cloud"].AsText ?? check.Clouds[0]);
        var resources = new List<Resource>();
        var outbound = new List<Relation>();
        foreach (AttributeValue item in example[DerivedFacts.Outbound].AsList)
        {
            Resource neighbour = NeighbourOf(item, cloud, resources.Count);
            resources.Add(neighbour);
            outbound.Add(new Relation(KindOf(item), neighbour.Id, "example"));
        }

        foreach (AttributeValue item in example[DerivedFacts.Inbound].AsList)
        {
            Resource neighbour = NeighbourOf(item, cloud, resources.Count);
            resources.Add(neighbour with { Relations = [new Relation(KindOf(item), SubjectId, "example")] });
        }

        resources.Add(new Resource
        {
            Id = SubjectId,
            Cloud = cloud,
            Type = example["terraformType"].AsText ?? "example",
            Name = example["name"].AsText ?? "example",
            Kind = new ResourceKind(example["kind"].AsText ?? check.Kinds[0]),
            Region = example["region"].AsText,
            Tags = example["tags"].AsMap ?? AttributeMap.Empty,
            Facts = AttributeMap.From(example.Where(static pair => !NotFacts.Contains(pair.Key))),
            Relations = [.. outbound],
        });
        return new Estate(resources, []);
    }

    private static Resource NeighbourOf(AttributeValue item, Cloud cloud, int number) => new()
    {
        Id = $"neighbour-{number}",
        Cloud = cloud,
        Type = item.AsMap?["terraformType"].AsText ?? "example",
        Name = $"neighbour-{number}",
        Kind = new ResourceKind(item.AsMap?["kind"].AsText ?? "unknown"),
    };

    private static Cloud CloudOf(string word) => CloudNames.TryParse(word, out Cloud cloud) ? cloud : Cloud.Other;

    private static RelationKind KindOf(AttributeValue item) =>
        RelationNames.TryParse(item.AsMap?["relation"].AsText, out RelationKind kind) ? kind : RelationKind.Uses;
}
