using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Sirsi.Hypervisor.Durability;

namespace Sirsi.Hypervisor.Contexts;

/// <summary>What a session's context holds: entries, what they were, and the last changes. The same from the journal and in a living host. Not thread-safe.</summary>
internal sealed class ContextState(ContextOptions options)
{
    private readonly Dictionary<string, KeyState> _keys = new(StringComparer.Ordinal);

    /// <summary>The keys that exist, in order.</summary>
    private readonly List<string> _order = [];

    /// <summary>Entries that were, of all keys, by revision.</summary>
    private readonly SortedDictionary<long, ContextEntry> _former = [];

    /// <summary>The last changes, without a gap.</summary>
    private readonly Queue<ContextEntry> _recent = new();
    private long _formerBytes;
    private long _recentBytes;

    private sealed class KeyState
    {
        public ContextEntry? Current { get; set; }

        public Queue<ContextEntry> Former { get; } = new();
    }

    /// <summary>The last write's.</summary>
    public long Revision { get; private set; }

    /// <summary>How many keys exist.</summary>
    public int Count => _order.Count;

    /// <summary>What they and their values take.</summary>
    public long Bytes { get; private set; }

    public ContextEntry? Find(string key) => _keys.GetValueOrDefault(key)?.Current;

    /// <summary>A write.</summary>
    public void Add(ContextEntry entry)
    {
        SetRevision(entry.Revision - 1);
        Revision = entry.Revision;
        AddRecent(entry);
        if (!_keys.TryGetValue(entry.Key, out KeyState? key)) _keys.Add(entry.Key, key = new KeyState());
        ContextEntry? before = key.Current;
        key.Current = entry.IsDeleted ? null : entry;
        if (before is not null)
        {
            Bytes -= before.Bytes;
            KeepFormer(key, before);
        }

        if (entry.IsDeleted) KeepFormer(key, entry);
        else Bytes += entry.Bytes;
        if ((before is null) != entry.IsDeleted) ChangeOrder(entry);
        while (_formerBytes > options.HistoryBytesMax) DropFormer(_keys[_former.First().Value.Key]);
        while (key.Former.Count > options.HistoryMax) DropFormer(key);
    }

    /// <summary>The last revision is this one: whatever is missing is no longer known.</summary>
    public void SetRevision(long revision)
    {
        if (revision == Revision) return;
        _recent.Clear();
        _recentBytes = 0;
        Revision = revision;
    }

    /// <summary>Entries whose keys begin with a text and come behind another, by key.</summary>
    public ImmutableArray<ContextEntry> List(string prefix, string? after, int limit)
    {
        int place = _order.BinarySearch(prefix, StringComparer.Ordinal);
        place = place < 0 ? ~place : place;
        if (after is not null && string.CompareOrdinal(after, prefix) >= 0)
        {
            place = _order.BinarySearch(after, StringComparer.Ordinal);
            place = place < 0 ? ~place : place + 1;
        }

        var entries = ImmutableArray.CreateBuilder<ContextEntry>();
        for (; place < _order.Count && entries.Count < limit && _order[place].StartsWith(prefix, StringComparison.Ordinal); place++) entries.Add(_keys[_order[place]].Current!);
        return entries.DrainToImmutable();
    }

    /// <summary>The last entries of a key, the oldest first; deletions are among them.</summary>
    public ImmutableArray<ContextEntry> History(string key, int limit)
    {
        if (!_keys.TryGetValue(key, out KeyState? state)) return [];
        IEnumerable<ContextEntry> all = state.Current is { } current ? state.Former.Append(current) : state.Former;
        return [.. all.TakeLast(limit)];
    }

    /// <summary>The changes from a revision on; false when not all of them are known any more.</summary>
    public bool TryGetFrom(long revision, [NotNullWhen(true)] out IEnumerable<ContextEntry>? changes)
    {
        long first = Revision - _recent.Count + 1;
        changes = revision < first ? null : _recent.Skip((int)Math.Min(revision - first, _recent.Count));
        return changes is not null;
    }

    /// <summary>All of it as facts, in the order of its writes.</summary>
    public IEnumerable<FactKind> Write(FactWriter facts, SessionId session)
    {
        var all = new SortedDictionary<long, ContextEntry>(_former);
        foreach (ContextEntry recent in _recent) all[recent.Revision] = recent;
        foreach (string key in _order) all[_keys[key].Current!.Revision] = _keys[key].Current!;
        foreach (ContextEntry entry in all.Values)
        {
            Write(facts, session, entry);
            yield return FactKind.ContextSet;
        }

        facts.Fact(FactKind.ContextRevision, session).Put(Revision);
        yield return FactKind.ContextRevision;
    }

    /// <summary>One write as a fact.</summary>
    public static void Write(FactWriter facts, SessionId session, ContextEntry entry)
    {
        facts.Fact(entry.IsDeleted ? FactKind.ContextDeleted : FactKind.ContextSet, session).Put(entry.Revision).Put(entry.Key);
        if (!entry.IsDeleted) facts.Put(entry.Version).Put(entry.Value.Span);
        facts.Put(entry.At).Put(entry.By.Value);
    }

    /// <summary>Applies such a fact, behind the session's id.</summary>
    public void Apply(FactKind kind, ref FactReader facts)
    {
        long revision = facts.Number();
        if (kind is FactKind.ContextRevision)
        {
            SetRevision(revision);
            return;
        }

        string key = facts.Text();
        long version = 0;
        ReadOnlyMemory<byte> value = default;
        if (kind is FactKind.ContextSet) (version, value) = (facts.Number(), facts.Bytes().ToArray());
        Add(new ContextEntry(key, value, version, revision, facts.Instant(), facts.Id<Core.Identity.AgentKind>()));
    }

    private void ChangeOrder(ContextEntry entry)
    {
        int place = _order.BinarySearch(entry.Key, StringComparer.Ordinal);
        if (!entry.IsDeleted) _order.Insert(~place, entry.Key);
        else if (place >= 0) _order.RemoveAt(place);
    }

    private void AddRecent(ContextEntry entry)
    {
        _recent.Enqueue(entry);
        _recentBytes += entry.Weight;
        while (_recent.Count > options.RecentMax || _recentBytes > options.HistoryBytesMax) _recentBytes -= _recent.Dequeue().Weight;
    }

    private void KeepFormer(KeyState key, ContextEntry entry)
    {
        key.Former.Enqueue(entry);
        _former.Add(entry.Revision, entry);
        _formerBytes += entry.Weight;
    }

    private void DropFormer(KeyState key)
    {
        ContextEntry dropped = key.Former.Dequeue();
        _former.Remove(dropped.Revision);
        _formerBytes -= dropped.Weight;
        if (key.Current is null && key.Former.Count == 0) _keys.Remove(dropped.Key);
    }
}
