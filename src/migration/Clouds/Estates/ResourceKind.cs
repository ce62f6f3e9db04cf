namespace Sirsi.Clouds.Estates;

/// <summary>
/// What a resource is, in words that hold for every cloud: <c>compute.vm</c>, <c>storage.bucket</c>. The whole vocabulary is the
/// table <c>Data/kinds.tsv</c>; <c>docs/estate-model.md</c> explains it.
/// </summary>
/// <param name="Name">Lower case, family and member separated by a dot, or one word.</param>
public readonly record struct ResourceKind(string Name)
{
    /// <summary>A type our tables do not know. The resource stays in the estate.</summary>
    public static ResourceKind Unknown => new("unknown");

    /// <summary>A setting of another resource: it has a <see cref="RelationKind.Configures"/> relation and moves with it.</summary>
    public static ResourceKind Setting => new("setting");

    /// <summary>The part before the first dot: <c>compute</c> of <c>compute.vm</c>.</summary>
    public string Family => Name.IndexOf('.', StringComparison.Ordinal) is var dot and > 0 ? Name[..dot] : Name;

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
