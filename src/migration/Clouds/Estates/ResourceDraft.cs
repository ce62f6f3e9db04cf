using Sirsi.Clouds.Tables;

namespace Sirsi.Clouds.Estates;

/// <summary>A resource while its estate is being built.</summary>
/// <param name="index">Its position among the drafts.</param>
/// <param name="id">Its id in the estate.</param>
/// <param name="raw">What its source tells.</param>
/// <param name="cloud">Whose it is.</param>
/// <param name="type">What the tables know of its type; null when nothing.</param>
internal sealed class ResourceDraft(int index, string id, RawResource raw, Cloud cloud, TypeInfo? type)
{
    private readonly List<(Relation Relation, int Target)> _relations = [];
    private HashSet<(RelationKind Kind, int Target)>? _seen;

    public int Index => index;

    public string Id => id;

    public RawResource Raw => raw;

    public Cloud Cloud => cloud;

    public TypeInfo? Type => type;

    public ResourceKind Kind => type?.Kind ?? ResourceKind.Unknown;

    /// <summary>What it is called in its cloud, when an attribute tells.</summary>
    public string? CloudName { get; set; }

    /// <summary>Whether <see cref="CloudName"/> may be the name of something it belongs to.</summary>
    public bool IsNameDoubtful { get; set; }

    /// <summary>The resource it is a setting of.</summary>
    public ResourceDraft? Owner { get; set; }

    /// <summary>Its region, as soon as it is known.</summary>
    public string? Region { get; set; }

    /// <summary>The relations found so far, each with the position of its target.</summary>
    public IReadOnlyList<(Relation Relation, int Target)> Relations => _relations;

    /// <summary>Whether relations were left out because there are too many.</summary>
    public bool WasCut { get; private set; }

    /// <summary>Adds a relation; a kind of relation to one target is kept once, with its first evidence.</summary>
    public void Relate(RelationKind kind, ResourceDraft target, string evidence, int max)
    {
        const int few = 8;
        if (target.Index == index) return;
        if (_relations.Count >= few && _seen is null) _seen = [.. _relations.Select(static known => (known.Relation.Kind, known.Target))];
        bool repeated = _seen?.Contains((kind, target.Index))
            ?? _relations.Exists(known => known.Target == target.Index && known.Relation.Kind == kind);
        if (repeated) return;
        if (_relations.Count >= max)
        {
            WasCut = true;
            return;
        }

        _seen?.Add((kind, target.Index));
        _relations.Add((new Relation(kind, target.Id, evidence), target.Index));
    }

    /// <summary>Whether any relation leads to a resource.</summary>
    public bool IsRelatedTo(int target)
    {
        if (_seen is null) return _relations.Exists(known => known.Target == target);
        foreach (RelationKind kind in Enum.GetValues<RelationKind>())
            if (_seen.Contains((kind, target))) return true;
        return false;
    }
}
