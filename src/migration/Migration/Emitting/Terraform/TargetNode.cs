using Sirsi.Clouds.Estates;
using Sirsi.Migration.Designing;
using Sirsi.Migration.Emitting.Terraform.Hcl;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>A resource that is written, with what it stands in relation to among the others that are written.</summary>
internal sealed class TargetNode(int index, Resource source, TargetResource target, string type)
{
    private readonly List<TargetNode> _outgoing = [];
    private readonly List<TargetNode> _incoming = [];
    private readonly List<Resource> _folded = [];

    /// <summary>The position of <see cref="Source"/> in the estate.</summary>
    public int Index => index;

    /// <summary>What it is made from.</summary>
    public Resource Source => source;

    /// <summary>What the design says of it.</summary>
    public TargetResource Target => target;

    /// <summary>The Terraform type of its main resource.</summary>
    public string Type => type;

    /// <summary>Its Terraform label.</summary>
    public string Label => target.Name;

    /// <summary>Its canonical kind.</summary>
    public string Kind => target.Kind.Name;

    /// <summary>Its facts.</summary>
    public AttributeMap Facts => target.Facts;

    /// <summary>Resources of the estate that become part of this one, in the order of the estate.</summary>
    public IReadOnlyList<Resource> Folded => _folded;

    /// <summary>A reference to an attribute of the main resource: <c>aws_subnet.app.id</c>.</summary>
    public HclValue this[string attribute] => new HclExpression($"{type}.{target.Name}.{attribute}");

    /// <summary>
    /// A reference to what its emitter writes besides the main resource under the same label: <c>azurerm_network_interface.web.id</c>.
    /// </summary>
    public HclValue Companion(string companionType, string attribute) => new HclExpression($"{companionType}.{target.Name}.{attribute}");

    /// <summary>
    /// The other resources of a kind that this one points to or is pointed to by: first those it points to, each once, in the order of
    /// the estate's relations.
    /// </summary>
    public IEnumerable<TargetNode> Related(string kind) =>
        _outgoing.Concat(_incoming).Where(node => node.Kind == kind).Distinct();

    /// <summary>The first of <see cref="Related"/>, or null.</summary>
    public TargetNode? First(string kind)
    {
        foreach (TargetNode node in _outgoing)
            if (node.Kind == kind) return node;
        foreach (TargetNode node in _incoming)
            if (node.Kind == kind) return node;
        return null;
    }

    /// <summary>The first related resource whose main type is <paramref name="terraformType"/>, or null.</summary>
    public TargetNode? FirstOf(string terraformType) =>
        _outgoing.Find(node => node.Type == terraformType) ?? _incoming.Find(node => node.Type == terraformType);

    internal void PointTo(TargetNode other)
    {
        _outgoing.Add(other);
        other._incoming.Add(this);
    }

    internal void Fold(Resource resource) => _folded.Add(resource);
}
