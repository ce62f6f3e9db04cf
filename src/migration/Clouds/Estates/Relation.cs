namespace Sirsi.Clouds.Estates;

/// <summary>How one resource stands to another. Read as: source, kind, target.</summary>
public enum RelationKind
{
    /// <summary>Lies inside: a subnet in a network, a machine in a subnet, a bucket in a resource group.</summary>
    In,

    /// <summary>Is fixed to: a disk to its machine, an address to its interface.</summary>
    AttachedTo,

    /// <summary>Needs it to work: a machine its image, a function its role, a service its database.</summary>
    Uses,

    /// <summary>Sends traffic to: a load balancer to its machines, a record to its address.</summary>
    RoutesTo,

    /// <summary>Is reachable under the rules of: a machine and its firewall.</summary>
    AllowedBy,

    /// <summary>Is a setting of: a versioning rule of its bucket. The setting moves with what it configures.</summary>
    Configures,

    /// <summary>Terraform was told of an order, and no attribute says why.</summary>
    DependsOn,
}

/// <summary>A resolved relation from the resource that holds it.</summary>
/// <param name="Kind">How the two stand to each other.</param>
/// <param name="Target">The <see cref="Resource.Id"/> of the other resource; it exists in the same estate.</param>
/// <param name="Evidence">The attribute path that says so, for example <c>vpc_security_group_ids[0]</c>.</param>
public sealed record Relation(RelationKind Kind, string Target, string Evidence);

/// <summary>The names of relation kinds in files.</summary>
public static class RelationNames
{
    /// <summary>The word used in files: <c>in</c>, <c>attached_to</c>, <c>uses</c>, <c>routes_to</c>, <c>allowed_by</c>,
    /// <c>configures</c>, <c>depends_on</c>.</summary>
    public static string Word(this RelationKind kind) => kind switch
    {
        RelationKind.In => "in",
        RelationKind.AttachedTo => "attached_to",
        RelationKind.Uses => "uses",
        RelationKind.RoutesTo => "routes_to",
        RelationKind.AllowedBy => "allowed_by",
        RelationKind.Configures => "configures",
        RelationKind.DependsOn => "depends_on",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a relation kind."),
    };

    /// <summary>Reads the word written by <see cref="Word"/>; false for any other text.</summary>
    public static bool TryParse(string? word, out RelationKind kind)
    {
        foreach (RelationKind candidate in Enum.GetValues<RelationKind>())
        {
            if (candidate.Word() != word) continue;
            kind = candidate;
            return true;
        }

        kind = default;
        return false;
    }
}
