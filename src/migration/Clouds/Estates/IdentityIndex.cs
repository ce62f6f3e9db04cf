namespace Sirsi.Clouds.Estates;

/// <summary>
/// Which resources an identity (id, ARN, self link, Azure path) or a name belongs to. Case does not matter: it does not in Azure, and
/// elsewhere no two identities differ in it alone. Built in one pass; a look-up visits a bounded number of resources.
/// </summary>
internal sealed class IdentityIndex
{
    private const int HoldersMax = 16;

    private static readonly string[] GcpHosts = ["https://", "http://", "//"];

    private readonly Dictionary<string, List<int>> _byIdentity = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, List<int>>.AlternateLookup<ReadOnlySpan<char>> _byText;
    private readonly Dictionary<(string Kind, string Name), List<int>> _byName = new(KindAndName.Comparer);

    public IdentityIndex() => _byText = _byIdentity.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Registers an identity.</summary>
    public void Add(string identity, int resource)
    {
        ReadOnlySpan<char> normal = Normal(identity);
        if (normal.IsEmpty) return;
        if (!_byText.TryGetValue(normal, out List<int>? holders)) _byText[normal] = holders = [];
        Add(holders, resource);
    }

    /// <summary>Registers the name of a resource of a type and kind.</summary>
    public void AddName(string typeOrKind, string name, int resource)
    {
        if (name.Length == 0) return;
        if (!_byName.TryGetValue((typeOrKind, name), out List<int>? holders)) _byName.Add((typeOrKind, name), holders = []);
        Add(holders, resource);
    }

    /// <summary>The resources an identity belongs to, in the order they were added; empty when none.</summary>
    public IReadOnlyList<int> Find(ReadOnlySpan<char> identity) =>
        _byText.TryGetValue(Normal(identity), out List<int>? holders) ? holders : [];

    /// <summary>The resources of a type or kind that have a name.</summary>
    public IReadOnlyList<int> FindName(string typeOrKind, string name) =>
        _byName.TryGetValue((typeOrKind, name), out List<int>? holders) ? holders : [];

    /// <summary>Google's self links and resource names without host, service and version: what begins with <c>projects/</c>.</summary>
    internal static ReadOnlySpan<char> Normal(ReadOnlySpan<char> identity)
    {
        identity = identity.Trim().TrimEnd('/');
        foreach (string scheme in GcpHosts)
        {
            if (!identity.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) continue;
            int host = identity[scheme.Length..].IndexOf('/');
            bool isGoogle = host > 0 && identity.Slice(scheme.Length, host).EndsWith(".googleapis.com", StringComparison.OrdinalIgnoreCase);
            int projects = isGoogle ? identity.IndexOf("/projects/", StringComparison.OrdinalIgnoreCase) : -1;
            return projects > 0 ? identity[(projects + 1)..] : identity;
        }

        return identity;
    }

    private static void Add(List<int> holders, int resource)
    {
        if (holders.Count < HoldersMax && (holders.Count == 0 || holders[^1] != resource)) holders.Add(resource);
    }

    private sealed class KindAndName : IEqualityComparer<(string Kind, string Name)>
    {
        public static KindAndName Comparer { get; } = new();

        public bool Equals((string Kind, string Name) left, (string Kind, string Name) right) =>
            left.Kind == right.Kind && string.Equals(left.Name, right.Name, StringComparison.OrdinalIgnoreCase);

        public int GetHashCode((string Kind, string Name) key) =>
            HashCode.Combine(key.Kind.GetHashCode(StringComparison.Ordinal), key.Name.GetHashCode(StringComparison.OrdinalIgnoreCase));
    }
}
