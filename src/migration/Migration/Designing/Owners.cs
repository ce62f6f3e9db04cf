using Sirsi.Clouds.Estates;

namespace Sirsi.Migration.Designing;

/// <summary>
/// Finds what a folded resource becomes part of: the resource a setting configures; for other folded kinds the first it points to, or else
/// the first that points to it, of the kinds its row names (of any kind for a setting); through other folded resources if need be. Each
/// resource is looked at a bounded number of times; chains that bite their tail have no owner.
/// </summary>
internal sealed class Owners
{
    private const int Open = -1, None = -2, Searching = -3;

    private readonly Estate _estate;
    private readonly ServiceChoice?[] _folded;
    private readonly int[] _owner;
    private readonly List<int>?[] _pointedAtBy;

    /// <summary>Owners in an estate; <paramref name="folded"/> holds the choice of each folded resource and null for the others.</summary>
    public Owners(Estate estate, ServiceChoice?[] folded)
    {
        (_estate, _folded) = (estate, folded);
        _owner = new int[folded.Length];
        Array.Fill(_owner, Open);
        _pointedAtBy = new List<int>?[folded.Length];
        for (int index = 0; index < folded.Length; index++)
            foreach (Relation relation in estate.Resources[index].Relations)
            {
                int target = estate.IndexOf(relation.Target);
                if (folded[target] is not null && target != index) (_pointedAtBy[target] ??= []).Add(index);
            }
    }

    /// <summary>The position of the owner, which is not folded, or -1.</summary>
    public int Of(int index)
    {
        List<int> path = [];
        int at = index;
        while (_folded[at] is not null && _owner[at] is Open)
        {
            _owner[at] = Searching;
            path.Add(at);
            int next = NextOwner(at);
            if (next < 0) break;
            at = next;
        }

        int owner = _folded[at] is null ? at : _owner[at] >= 0 ? _owner[at] : None;
        foreach (int visited in path) _owner[visited] = owner;
        return owner >= 0 ? owner : -1;
    }

    private int NextOwner(int index)
    {
        ServiceChoice choice = _folded[index]!;
        foreach (Relation relation in _estate.Resources[index].Relations)
            if (relation.Kind is RelationKind.Configures && _estate.IndexOf(relation.Target) is var configured && configured != index)
                return configured;
        foreach (Relation relation in _estate.Resources[index].Relations)
            if (_estate.IndexOf(relation.Target) is var target && target != index && choice.Into.Contains(KindOf(target)))
                return target;
        foreach (int source in _pointedAtBy[index] ?? [])
            if (choice.Into.Contains(KindOf(source)) || KindOf(index) == ResourceKind.Setting.Name)
                return source;
        return -1;
    }

    private string KindOf(int index) => _estate.Resources[index].Kind.Name ?? "";
}
