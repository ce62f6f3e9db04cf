using System.Runtime.InteropServices;

namespace Sirsi.Clouds.Estates;

/// <summary>
/// Which resources an identity (id, ARN, self link, Azure path) or a name belongs to. Case does not matter: it does not in Azure, and
/// elsewhere no two identities differ in it alone. Built in one pass; a look-up visits a bounded number of resources.
/// </summary>
internal sealed class IdentityIndex
{
    private const int HoldersMax = 16;

    private const string ServiceAccount = "serviceAccount:";

    private static readonly string[] GcpHosts = ["https://", "http://", "//"];

    private readonly Dictionary<string, int> _byIdentity = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _byText;
    private readonly Dictionary<(string Kind, string Name), int> _byName = new(KindAndName.Comparer);

    /// <summary>Chains of holders: each entry names a resource and the next entry.</summary>
    private readonly List<(int Resource, int Next)> _entries = [];

    public IdentityIndex() => _byText = _byIdentity.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Registers an identity.</summary>
    public void Add(string identity, int resource)
    {
        ReadOnlySpan<char> normal = Normal(identity);
        if (normal.IsEmpty) return;
        if (_byText.TryGetValue(normal, out int first)) Append(first, resource);
        // The text itself is the key where nothing had to be cut off: no copy of it.
        else _byIdentity.Add(normal.Length == identity.Length ? identity : normal.ToString(), NewEntry(resource));
    }

    /// <summary>Registers the name of a resource of a type or kind.</summary>
    public void AddName(string typeOrKind, string name, int resource)
    {
        ref int first = ref CollectionsMarshal.GetValueRefOrAddDefault(_byName, (typeOrKind, name), out bool exists);
        if (exists) Append(first, resource);
        else first = NewEntry(resource);
    }

    /// <summary>The resources an identity belongs to, in the order they were added; none when nobody has it.</summary>
    public Holders Find(ReadOnlySpan<char> identity) => new(_entries, _byText.TryGetValue(Normal(identity), out int first) ? first : -1);

    /// <summary>The resources of a type or kind that have a name.</summary>
    public Holders FindName(string typeOrKind, string name) =>
        new(_entries, _byName.TryGetValue((typeOrKind, name), out int first) ? first : -1);

    /// <summary>Google's self links and resource names without host, service and version: what begins with <c>projects/</c>.</summary>
    internal static ReadOnlySpan<char> Normal(ReadOnlySpan<char> identity)
    {
        identity = identity.Trim().TrimEnd('/');
        if (identity.StartsWith(ServiceAccount, StringComparison.Ordinal)) return identity[ServiceAccount.Length..];
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

    private int NewEntry(int resource)
    {
        _entries.Add((resource, -1));
        return _entries.Count - 1;
    }

    private void Append(int first, int resource)
    {
        int at = first;
        for (int length = 1; length <= HoldersMax; length++)
        {
            (int holder, int next) = _entries[at];
            if (holder == resource) return;
            if (next < 0)
            {
                if (length < HoldersMax) _entries[at] = (holder, NewEntry(resource));
                return;
            }

            at = next;
        }
    }

    /// <summary>Walks the holders of one identity.</summary>
    public struct Holders(List<(int Resource, int Next)> entries, int first)
    {
        private int _next = first;

        public int Current { get; private set; }

        public readonly Holders GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_next < 0) return false;
            (Current, _next) = entries[_next];
            return true;
        }
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
