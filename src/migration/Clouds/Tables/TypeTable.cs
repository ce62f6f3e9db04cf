using System.Collections.Immutable;
using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Tables;

/// <summary>One Terraform type as the tables know it.</summary>
/// <param name="Name">The type, for example <c>aws_ebs_volume</c>.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Configures">
/// The attributes that may name its owner, first that is set first: it has a <see cref="RelationKind.Configures"/> relation to that
/// resource. Always present for a setting whose type tells its owner, and for rules and grants that belong to one resource.
/// </param>
/// <param name="Links">The relations it makes between the resources that its attributes name.</param>
public sealed record TypeInfo(string Name, ResourceKind Kind, ImmutableArray<string> Configures, ImmutableArray<TypeLink> Links);

/// <summary>A relation that an attachment makes between two others: its attribute <c>volume_id</c> names what is attached to <c>instance_id</c>.</summary>
/// <param name="Source">The attribute that names the relation's source.</param>
/// <param name="Kind">The relation.</param>
/// <param name="Target">The attribute that names the relation's target.</param>
public sealed record TypeLink(string Source, RelationKind Kind, string Target);

/// <summary>Which kind each Terraform type is, from <c>Data/types.tsv</c>. Immutable and thread-safe.</summary>
public sealed class TypeTable
{
    private readonly Dictionary<string, TypeInfo> _byName;

    internal TypeTable(TableText table, KindTable kinds)
    {
        var types = ImmutableArray.CreateBuilder<TypeInfo>(4_096);
        _byName = new Dictionary<string, TypeInfo>(4_096, StringComparer.Ordinal);
        foreach (TableRow row in table)
        {
            KindInfo kind = kinds.Find(row[1]) ?? throw row.Broken($"the vocabulary has no kind '{row[1]}'");
            var type = new TypeInfo(row[0].ToString(), kind.Kind, WordsOf(row[2]), LinksOf(row));
            if (!_byName.TryAdd(type.Name, type)) throw row.Broken($"the type '{type.Name}' stands twice");
            types.Add(type);
        }

        Types = types.DrainToImmutable();
    }

    /// <summary>The table that comes with the program.</summary>
    public static TypeTable BuiltIn => field ??= new TypeTable(TableText.BuiltIn("types.tsv"), KindTable.BuiltIn);

    /// <summary>All types, in the table's order.</summary>
    public ImmutableArray<TypeInfo> Types { get; }

    /// <summary>What the table says of a type; null when it does not know it.</summary>
    public TypeInfo? Find(string type) => _byName.GetValueOrDefault(type);

    internal static ImmutableArray<string> WordsOf(ReadOnlySpan<char> cell)
    {
        if (cell.IsEmpty) return [];
        var words = ImmutableArray.CreateBuilder<string>();
        foreach (Range part in cell.Split(',')) words.Add(cell[part].Trim().ToString());
        return words.DrainToImmutable();
    }

    private static ImmutableArray<TypeLink> LinksOf(in TableRow row)
    {
        if (row[3].IsEmpty) return [];
        var links = ImmutableArray.CreateBuilder<TypeLink>();
        foreach (string link in WordsOf(row[3]))
        {
            if (link.Split(' ') is not [var source, var word, var target] || !RelationNames.TryParse(word, out RelationKind kind))
                throw row.Broken($"'{link}' is no link; it is written 'attribute relation attribute'");
            links.Add(new TypeLink(source, kind, target));
        }

        return links.DrainToImmutable();
    }
}
