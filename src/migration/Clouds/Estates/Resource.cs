using System.Collections.Immutable;

namespace Sirsi.Clouds.Estates;

/// <summary>One thing that exists (or is planned) in a cloud. Immutable.</summary>
public sealed record Resource
{
    /// <summary>
    /// Unique in its estate and stable from run to run: the Terraform address (<c>module.shop.aws_instance.web[0]</c>), preceded by
    /// the source's name and a colon only when two sources hold the same address.
    /// </summary>
    public required string Id { get; init; }

    /// <summary>Whose cloud it is in.</summary>
    public required Cloud Cloud { get; init; }

    /// <summary>The provider's own type name, for example <c>aws_instance</c>.</summary>
    public required string Type { get; init; }

    /// <summary>What people call it: its name in the cloud, its Name tag, or the last part of its address.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, in words for every cloud.</summary>
    public required ResourceKind Kind { get; init; }

    /// <summary>The region's id (<c>us-east-1</c>, <c>westeurope</c>, <c>us-central1</c>), when it has one and it is known.</summary>
    public string? Region { get; init; }

    /// <summary>The facts our checks, prices and mappings read: same names for every cloud (<c>docs/estate-model.md</c>).</summary>
    public AttributeMap Facts { get; init; } = AttributeMap.Empty;

    /// <summary>The provider's own attributes, all of them; what may be secret is masked.</summary>
    public AttributeMap Attributes { get; init; } = AttributeMap.Empty;

    /// <summary>Tags or labels.</summary>
    public AttributeMap Tags { get; init; } = AttributeMap.Empty;

    /// <summary>Relations to other resources of the estate, sorted by kind, target and evidence, without repeats.</summary>
    public ImmutableArray<Relation> Relations { get; init; } = [];

    /// <summary>The input it was read from.</summary>
    public string Source { get; init; } = "";
}
