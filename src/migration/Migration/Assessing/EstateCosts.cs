using System.Collections.Immutable;
using Sirsi.Clouds.Estates;

namespace Sirsi.Migration.Assessing;

/// <summary>
/// Costs of the resources of an estate. A resource alone does not tell all: a group has its size from its template, and a machine's
/// list of disks or its address may repeat what is a resource of its own, which must not be paid twice.
/// </summary>
internal sealed class EstateCosts(Estate estate, CostEstimator estimator, ResourceScopes scopes)
{
    /// <summary>From where a resource borrows the facts that say how large it is.</summary>
    private static readonly Dictionary<string, (string Lender, string[] Facts)> Borrowed = new(StringComparer.Ordinal)
    {
        ["compute.group"] = ("compute.template", ["size", "os"]),
        ["container.nodepool"] = ("compute.template", ["size", "os"]),
        ["container.service"] = ("container.task", ["cpuUnits", "memoryMiB"]),
    };

    /// <summary>The cost of the resource at <paramref name="index"/>.</summary>
    public CostEstimate Of(int index)
    {
        Resource resource = estate.Resources[index];
        AttributeMap facts = resource.Kind.Name switch
        {
            "compute.vm" => WithoutRepeats(index, resource),
            "network.ip" => resource.Facts.With(AttributeMap.Of((DerivedFacts.Attached, AttributeValue.Of(scopes.IsAttached(index))))),
            string kind when Borrowed.TryGetValue(kind, out var borrowed) => WithBorrowed(resource, borrowed.Lender, borrowed.Facts),
            _ => resource.Facts,
        };
        return estimator.Estimate(resource.Cloud, resource.Kind, resource.Type, resource.Region, facts);
    }

    private AttributeMap WithBorrowed(Resource resource, string lender, string[] names)
    {
        foreach (Relation relation in resource.Relations)
        {
            Resource other = estate.Find(relation.Target)!;
            if (other.Kind.Name == lender)
                return AttributeMap.From(other.Facts.Where(fact => names.Contains(fact.Key, StringComparer.Ordinal))).With(resource.Facts);
        }

        return resource.Facts;
    }

    private AttributeMap WithoutRepeats(int index, Resource machine)
    {
        bool hasAddress = false;
        var attached = new List<AttributeMap>();
        foreach (Resource other in scopes.NeighboursOf(index))
        {
            hasAddress |= other.Kind.Name == "network.ip";
            if (other.Kind.Name == "storage.disk") attached.Add(other.Facts);
        }

        bool repeatsAddress = hasAddress && machine.Facts["publicIp"].AsBoolean is true;
        if (!repeatsAddress && (attached.Count == 0 || machine.Facts["dataDisks"].AsList.IsEmpty)) return machine.Facts;
        AttributeMap facts = AttributeMap.From(machine.Facts.Where(fact => !(repeatsAddress && fact.Key == "publicIp")));
        return facts.With(AttributeMap.Of(("dataDisks", AttributeValue.Of(Without(machine.Facts["dataDisks"].AsList, attached)))));
    }

    /// <summary>The disks that are no resource of their own: each attached one takes an equal one away.</summary>
    private static ImmutableArray<AttributeValue> Without(ImmutableArray<AttributeValue> disks, List<AttributeMap> attached)
    {
        List<AttributeValue> left = [.. disks];
        foreach (AttributeMap disk in attached)
        {
            int at = left.FindIndex(item => item.AsMap is { } map && map["sizeGiB"] == disk["sizeGiB"] && map["type"] == disk["type"]);
            if (at >= 0) left.RemoveAt(at);
        }

        return [.. left];
    }
}
