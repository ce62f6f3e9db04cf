using Sirsi.Clouds.Tables;

namespace Sirsi.Clouds.Estates;

/// <summary>
/// A place in the attributes of a type, without indexes, with what the reference table says of it. The nodes of a type are made as
/// its attributes are first met, so that the table is asked once for each place and not once for each value.
/// </summary>
internal sealed class PathNode
{
    private const int RememberedMax = 512;
    private const int StemLengthMin = 4;

    private static readonly string[] Endings = ["_id", "_name", "_arn"];

    private readonly Cloud _cloud;
    private readonly string _type;
    private readonly Dictionary<string, PathNode> _below = new(StringComparer.Ordinal);

    private PathNode(Cloud cloud, string type, string path, string name)
    {
        (_cloud, _type, Path) = (cloud, type, path);
        Rule = path.Length == 0 ? null : ReferenceTable.BuiltIn.Find(cloud, type, path);
        Stem = StemOf(name);
        IsSilent = (path == name && Identities.RoleOf(name) is { IsIdentity: true }) || ResourceTags.IsTagPath(path);
    }

    /// <summary>The names joined by dots.</summary>
    public string Path { get; }

    /// <summary>Whether what stands there speaks of no other resource: the resource's own identity, its tags.</summary>
    public bool IsSilent { get; }

    /// <summary>What the table says, or null.</summary>
    public ReferenceRule? Rule { get; }

    /// <summary>What the name says is named there: <c>subnet_group</c> of <c>subnet_group_name</c>; empty when nothing.</summary>
    public string Stem { get; }

    /// <summary>The types of the estate that <see cref="Stem"/> may mean, nearest to this type first; set when first needed.</summary>
    public string[]? NamedTypes { get; set; }

    /// <summary>The place where a type's attributes begin.</summary>
    public static PathNode Root(Cloud cloud, string type) => new(cloud, type, "", "");

    /// <summary>The place below.</summary>
    public PathNode Below(string name)
    {
        if (_below.TryGetValue(name, out PathNode? node)) return node;
        node = new PathNode(_cloud, _type, Path.Length == 0 ? name : Path + "." + name, name);
        // Maps of people's own names (tags, labels) have no end.
        if (_below.Count < RememberedMax) _below.Add(name, node);
        return node;
    }

    private static string StemOf(string name)
    {
        string stem = name.TrimEnd('s');
        foreach (string ending in Endings)
            if (stem.EndsWith(ending, StringComparison.Ordinal)) stem = stem[..^ending.Length];
        return stem.Length < StemLengthMin || stem is "name" or "type" or "description" or "status" or "version" ? "" : stem;
    }

    /// <summary>The place of a path with indexes, as evidence is written.</summary>
    public PathNode At(string evidence)
    {
        PathNode at = this;
        foreach (Range part in evidence.AsSpan().Split('.'))
        {
            string name = evidence[part];
            int open = name.IndexOf('[', StringComparison.Ordinal);
            at = at.Below(open < 0 ? name : name[..open]);
        }

        return at;
    }
}
