using System.Collections.Immutable;
using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Tables;

/// <summary>How resources of a kind move to another cloud.</summary>
public enum MoveWay
{
    /// <summary>Built anew from its description.</summary>
    Rebuild,

    /// <summary>Its data is copied.</summary>
    Data,

    /// <summary>Its disks are copied as an image.</summary>
    Image,

    /// <summary>It moves with the resource it configures.</summary>
    WithOwner,

    /// <summary>It does not move.</summary>
    None,

    /// <summary>A person decides.</summary>
    Person,
}

/// <summary>One kind of the vocabulary.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Title">The words for people.</param>
/// <param name="Moves">How it moves.</param>
public sealed record KindInfo(ResourceKind Kind, string Title, MoveWay Moves);

/// <summary>The vocabulary of kinds, from <c>Data/kinds.tsv</c>. Immutable and thread-safe.</summary>
public sealed class KindTable
{
    private readonly Dictionary<string, KindInfo> _byName;

    internal KindTable(TableText table)
    {
        var kinds = ImmutableArray.CreateBuilder<KindInfo>();
        _byName = new Dictionary<string, KindInfo>(StringComparer.Ordinal);
        foreach (TableRow row in table)
        {
            var kind = new KindInfo(new ResourceKind(row[0].ToString()), row[1].ToString(), MovesOf(row));
            if (!_byName.TryAdd(kind.Kind.Name, kind)) throw row.Broken($"the kind '{kind.Kind}' stands twice");
            kinds.Add(kind);
        }

        Kinds = kinds.DrainToImmutable();
    }

    /// <summary>The table that comes with the program.</summary>
    public static KindTable BuiltIn => field ??= new KindTable(TableText.BuiltIn("kinds.tsv"));

    /// <summary>All kinds, in the table's order.</summary>
    public ImmutableArray<KindInfo> Kinds { get; }

    /// <summary>The kind of a name; null when the vocabulary lacks it.</summary>
    public KindInfo? Find(string name) => _byName.GetValueOrDefault(name);

    internal KindInfo? Find(ReadOnlySpan<char> name) =>
        _byName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out KindInfo? kind) ? kind : null;

    private static MoveWay MovesOf(in TableRow row) => row[2] switch
    {
        "rebuild" => MoveWay.Rebuild,
        "data" => MoveWay.Data,
        "image" => MoveWay.Image,
        "with its owner" => MoveWay.WithOwner,
        "none" => MoveWay.None,
        "a person decides" => MoveWay.Person,
        _ => throw row.Broken($"'{row[2]}' is no way to move"),
    };
}
