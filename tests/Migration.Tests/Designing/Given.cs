using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Prices;
using Sirsi.Migration.Assessing;
using Sirsi.Migration.Designing;

namespace Sirsi.Migration.Tests.Designing;

/// <summary>Short words for estates in tests about designs.</summary>
internal static class Given
{
    public static DateTimeOffset Now { get; } = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

    public static Resource Aws(string id, string kind, params ReadOnlySpan<(string Name, AttributeValue Value)> facts) =>
        Of(Cloud.Aws, "us-east-1", id, kind, facts);

    public static Resource Azure(string id, string kind, params ReadOnlySpan<(string Name, AttributeValue Value)> facts) =>
        Of(Cloud.Azure, "westeurope", id, kind, facts);

    public static Resource Gcp(string id, string kind, params ReadOnlySpan<(string Name, AttributeValue Value)> facts) =>
        Of(Cloud.Gcp, "us-central1", id, kind, facts);

    public static Resource Related(this Resource resource, RelationKind kind, string target) =>
        resource with { Relations = resource.Relations.Add(new Relation(kind, target, "test")) };

    public static Estate Estate(params IEnumerable<Resource> resources) => new(resources, []);

    public static Design Design(Cloud target, params IEnumerable<Resource> resources) =>
        Design(new DesignOptions { Target = target }, Estate(resources));

    public static Design Design(DesignOptions options, Estate estate) =>
        Designer.Design(estate, Assessor.Assess(estate, PriceCatalogue.Embedded, new AssessOptions { Now = Now }), PriceCatalogue.Embedded,
            options);

    /// <summary>The mapping of the only resource.</summary>
    public static Mapping Mapping(Cloud target, Resource resource) => Assert.Single(Design(target, resource).Mappings);

    public static Mapping For(this Design design, string id) => Assert.Single(design.Mappings, mapping => mapping.ResourceId == id);

    private static Resource Of(Cloud cloud, string region, string id, string kind, ReadOnlySpan<(string Name, AttributeValue Value)> facts)
    {
        int dot = id.IndexOf('.', StringComparison.Ordinal);
        return new Resource
        {
            Id = id,
            Cloud = cloud,
            Type = dot < 0 ? "" : id[..dot],
            Name = id[(dot + 1)..],
            Kind = new ResourceKind(kind),
            Region = region,
            Facts = AttributeMap.Of(facts),
        };
    }
}
