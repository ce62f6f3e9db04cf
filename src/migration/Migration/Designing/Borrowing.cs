using System.Collections.Immutable;
using Sirsi.Clouds.Estates;

namespace Sirsi.Migration.Designing;

/// <summary>
/// Gives resources the facts that another one holds for them (a group's size is its template's, an Aurora cluster's its members'), and
/// takes away disks that a machine repeats although they are resources of their own.
/// </summary>
internal static class Borrowing
{
    /// <summary>Who borrows from whom, and whether the borrower points to the lender or the lender to the borrower.</summary>
    private static readonly (string Borrower, string Lender, bool LenderPoints, string[] Facts)[] Rules =
    [
        ("compute.group", "compute.template", false, ["size", "os", "image"]),
        ("container.nodepool", "compute.template", false, ["size", "os"]),
        ("container.service", "container.task", false, ["cpuUnits", "memoryMiB"]),
        ("compute.webapp", "compute.plan", false, ["size", "os"]),
        ("compute.function", "compute.plan", false, ["os"]),
        ("database.relational", "database.replica", true, ["size", "vcpus", "memoryGiB"]),
        ("database.document", "database.replica", true, ["size"]),
        // A server of Azure SQL has its size and storage in its databases.
        ("database.relational", "database.relational", true, ["size", "vcpus", "memoryGiB", "storageGiB"]),
    ];

    /// <summary>The resources in the order of the estate, with what they borrow.</summary>
    public static Resource[] Apply(Estate estate)
    {
        Resource[] resources = [.. estate.Resources];
        for (int index = 0; index < resources.Length; index++)
        {
            Resource resource = estate.Resources[index];
            string kind = resource.Kind.Name ?? "";
            foreach ((string borrower, string lender, bool lenderPoints, string[] facts) in Rules)
            {
                if (kind != (lenderPoints ? lender : borrower)) continue;
                foreach (Relation relation in resource.Relations)
                {
                    int other = estate.IndexOf(relation.Target);
                    if (other == index || estate.Resources[other].Kind.Name != (lenderPoints ? borrower : lender)) continue;
                    if (lenderPoints) resources[other] = Lend(resource, resources[other], facts);
                    else resources[index] = Lend(estate.Resources[other], resources[index], facts);
                    break;
                }
            }
        }

        RemoveRepeatedDisks(estate, resources);
        return resources;
    }

    private static Resource Lend(Resource lender, Resource borrower, string[] facts)
    {
        var borrowed = new AttributeMap.Builder();
        foreach (string fact in facts)
            if (borrower.Facts[fact].IsNull && !lender.Facts[fact].IsNull)
                borrowed.Add(fact, lender.Facts[fact]);
        // The first member of a cluster without a size of its own is its writer; every other one is a replica.
        if (lender.Kind.Name == "database.replica" && borrowed.Count == 0)
            borrowed.Add("replicas", AttributeValue.Of((borrower.Facts["replicas"].AsWhole ?? 0) + 1));
        return borrowed.Count == 0 ? borrower : borrower with { Facts = borrower.Facts.With(borrowed.Build()) };
    }

    private static void RemoveRepeatedDisks(Estate estate, Resource[] resources)
    {
        var attached = new Dictionary<int, List<AttributeMap>>();
        for (int index = 0; index < resources.Length; index++)
        {
            bool isDisk = resources[index].Kind.Name is "storage.disk";
            if (!isDisk && resources[index].Kind.Name is not "compute.vm") continue;
            foreach (Relation relation in resources[index].Relations)
            {
                int other = estate.IndexOf(relation.Target);
                if (resources[other].Kind.Name != (isDisk ? "compute.vm" : "storage.disk")) continue;
                (int machine, int disk) = isDisk ? (other, index) : (index, other);
                if (resources[machine].Facts["dataDisks"].AsList.IsEmpty) continue;
                if (!attached.TryGetValue(machine, out List<AttributeMap>? disks)) attached[machine] = disks = [];
                disks.Add(resources[disk].Facts);
            }
        }

        foreach ((int machine, List<AttributeMap> disks) in attached)
        {
            List<AttributeValue> left = [.. resources[machine].Facts["dataDisks"].AsList];
            foreach (AttributeMap disk in disks)
                if (left.FindIndex(item => item.AsMap is { } map && map["sizeGiB"] == disk["sizeGiB"]
                    && map["type"] == disk["type"]) is var at and >= 0)
                    left.RemoveAt(at);
            AttributeMap facts = AttributeMap.Of(("dataDisks", AttributeValue.Of(left.ToImmutableArray())));
            resources[machine] = resources[machine] with { Facts = resources[machine].Facts.With(facts) };
        }
    }
}
