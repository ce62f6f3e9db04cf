using System.Collections.Immutable;
using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Tables;

/// <summary>How an attribute names another resource.</summary>
public enum ReferenceBy
{
    /// <summary>By an identity that is unique on its own: id, ARN, self link, path.</summary>
    Id,

    /// <summary>By the name of a resource of the target types or kinds.</summary>
    Name,
}

/// <summary>What an attribute that names another resource means.</summary>
/// <param name="Relation">The relation from the attribute's resource to the one it names.</param>
/// <param name="Targets">The types or kinds the named resource may be; empty when any.</param>
/// <param name="By">How it is named. A reference by name may also hold an identity.</param>
public sealed record ReferenceRule(RelationKind Relation, ImmutableArray<string> Targets, ReferenceBy By)
{
    /// <summary>Whether a resource can be the one named.</summary>
    public bool Admits(string type, ResourceKind kind) =>
        Targets.IsEmpty || Targets.Contains(type, StringComparer.Ordinal) || Targets.Contains(kind.Name, StringComparer.Ordinal);
}

/// <summary>Which relation each attribute makes, from <c>Data/references.tsv</c>. Immutable and thread-safe.</summary>
public sealed class ReferenceTable
{
    private readonly Dictionary<(string Scope, string Path), ReferenceRule> _rules = [];

    internal ReferenceTable(TableText table)
    {
        foreach (TableRow row in table)
        {
            if (!RelationNames.TryParse(row[2].ToString(), out RelationKind relation)) throw row.Broken($"'{row[2]}' is no relation");
            ReferenceBy by = row[4] switch
            {
                "id" => ReferenceBy.Id,
                "name" => ReferenceBy.Name,
                _ => throw row.Broken($"'{row[4]}' is neither id nor name"),
            };
            var rule = new ReferenceRule(relation, TypeTable.WordsOf(row[3]), by);
            foreach (string scope in TypeTable.WordsOf(row[0]))
                foreach (string path in TypeTable.WordsOf(row[1]))
                    if (!_rules.TryAdd((scope, path), rule))
                        throw row.Broken($"'{path}' of '{scope}' stands twice");
        }
    }

    /// <summary>The table that comes with the program.</summary>
    public static ReferenceTable BuiltIn => field ??= new ReferenceTable(TableText.BuiltIn("references.tsv"));

    /// <summary>How many rules there are.</summary>
    public int Count => _rules.Count;

    /// <summary>
    /// The rule of an attribute: that of the type before that of the cloud before that of all (<c>*</c>), and among these the
    /// one with the longest path. Null when no rule speaks of it; an exact identity found there is then a
    /// <see cref="RelationKind.Uses"/>.
    /// </summary>
    /// <param name="cloud">The resource's cloud.</param>
    /// <param name="type">The resource's type.</param>
    /// <param name="path">The names of the path without indices, joined by dots: <c>vpc_config.subnet_ids</c>.</param>
    public ReferenceRule? Find(Cloud cloud, string type, string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return FindIn(type, path) ?? FindIn(cloud.Word(), path) ?? FindIn("*", path);
    }

    private ReferenceRule? FindIn(string scope, string path)
    {
        while (true)
        {
            if (_rules.TryGetValue((scope, path), out ReferenceRule? rule)) return rule;
            int dot = path.IndexOf('.', StringComparison.Ordinal);
            if (dot < 0) return null;
            path = path[(dot + 1)..];
        }
    }
}
