using System.Collections.Immutable;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Designing;

namespace Sirsi.Migration.Tests.Planning;

/// <summary>Estates drawn from a generator, with a design for them, for laws about plans.</summary>
internal static class RandomEstate
{
    private static readonly string[] Kinds = [.. Migration.Planning.KindTimes.Kinds.Order(StringComparer.Ordinal)];

    /// <summary>Any relations at all, cycles included.</summary>
    public static (Estate Estate, Design Design) Wild(Random random, int count, int relationsMax = 4)
    {
        List<Resource> resources = [];
        for (int index = 0; index < count; index++)
        {
            string kind = Kinds[random.Next(Kinds.Length)];
            resources.Add(new Resource
            {
                Id = Id(index),
                Cloud = Cloud.Aws,
                Type = $"aws_{kind.Replace('.', '_')}",
                Name = $"r{index}",
                Kind = new ResourceKind(kind),
                Region = "us-east-1",
                Facts = random.Next(2) == 0 ? AttributeMap.Empty : AttributeMap.Of(("sizeGiB", AttributeValue.Of(random.Next(1, 500)))),
                Tags = random.Next(3) == 0 ? AttributeMap.Of(("App", AttributeValue.Of($"app{random.Next(5)}"))) : AttributeMap.Empty,
                Relations = Relations(random, index, count, random.Next(relationsMax + 1)),
            });
        }

        var estate = new Estate(resources, []);
        return (estate, DesignOf(estate, random));
    }

    /// <summary>Many small applications on common networks, as real estates are: relations lead to what was built before.</summary>
    public static (Estate Estate, Design Design) Orderly(Random random, int count)
    {
        string[] kinds = ["network.subnet", "compute.vm", "database.relational", "network.firewall", "storage.bucket", "compute.function",
            "queue", "alarm"];
        List<Resource> resources = [];
        for (int index = 0; index < count; index++)
        {
            string kind = index % 1000 == 0 ? "network.vpc" : kinds[random.Next(kinds.Length)];
            int block = index / 1000 * 1000;
            List<Relation> relations = index == block ? [] : [new(RelationKind.In, Id(block), "vpc_id")];
            for (int relation = 0; relation < 4 && index > block; relation++)
                relations.Add(new((RelationKind)random.Next(5), Id(random.Next(Math.Max(block, index - 12), index)), $"a{relation}"));
            resources.Add(new Resource
            {
                Id = Id(index),
                Cloud = Cloud.Aws,
                Type = "aws_" + kind,
                Name = $"r{index}",
                Kind = new ResourceKind(kind),
                Tags = AttributeMap.Of(("App", AttributeValue.Of($"app{index / 20}"))),
                Relations = [.. relations],
            });
        }

        var estate = new Estate(resources, []);
        return (estate, DesignOf(estate, null));
    }

    /// <summary>A design for an estate: with a generator any outcome, without one everything moves.</summary>
    public static Design DesignOf(Estate estate, Random? random)
    {
        var mappings = ImmutableArray.CreateBuilder<Mapping>();
        foreach (Resource resource in estate.Resources)
        {
            MappingOutcome outcome = random is null || random.Next(3) > 0 ? MappingOutcome.Equivalent : (MappingOutcome)random.Next(7);
            mappings.Add(new Mapping
            {
                ResourceId = resource.Id,
                Outcome = outcome,
                OwnerId = outcome is MappingOutcome.Folded && !resource.Relations.IsEmpty ? resource.Relations[0].Target : null,
                Reason = "because",
                Decisions = random is not null && random.Next(5) == 0 ? [$"Choose {random.Next(3)}."] : [],
            });
        }

        return new Design(Cloud.Azure, mappings.ToImmutable()) { Region = "eastus" };
    }

    public static string Id(int index) => $"aws_thing.r{index:000000}";

    private static ImmutableArray<Relation> Relations(Random random, int index, int count, int relations) =>
        [.. Enumerable.Range(0, relations).Select(relation => new Relation(
            (RelationKind)random.Next(7), Id(random.Next(4) == 0 ? random.Next(count) : Math.Max(0, index - random.Next(20))),
                $"a{relation}"))];
}
