using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Sirsi.Hypervisor.Sessions;

namespace Sirsi.Hypervisor.Contexts;

/// <summary>
/// What the agents of a session know together: keys and bytes, each key with a version to compare and set by. In a host with a folder a write is on disk before anybody sees it. Goes with its session. Thread-safe.
/// </summary>
public sealed partial class SessionContext
{
    private readonly Session _session;
    private readonly ContextOptions _options;
    private readonly ContextState _state;
    private readonly List<ContextWatch> _watches = [];
    private readonly Lock _gate = new();
    private bool _isOver;
    private long _conflicts;

    internal SessionContext(Session session, ContextState state)
    {
        _session = session;
        _options = session.Host.ContextOptions;
        _state = state;
        _plan = new ContextPlan(state, _options);
        session.Budget?.CountStored(state.Bytes);
    }

    /// <summary>The number of its last write; 0 before the first.</summary>
    public long Revision
    {
        get
        {
            lock (_gate) return _state.Revision;
        }
    }

    /// <summary>How many keys there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _state.Count;
        }
    }

    /// <summary>What they and their values take, in bytes.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate) return _state.Bytes;
        }
    }

    /// <summary>How many turns ran again because another write came first, since the host was opened.</summary>
    public long Conflicts => Interlocked.Read(ref _conflicts);

    /// <summary>A key's entry; null when there is none.</summary>
    /// <exception cref="ArgumentException">The key is none.</exception>
    public ContextEntry? Get(string key)
    {
        ThrowIfNoKey(key);
        lock (_gate) return _state.Find(key);
    }

    /// <summary>Entries by their keys, in ordinal order.</summary>
    /// <param name="prefix">What the keys begin with; empty for all.</param>
    /// <param name="after">Only keys behind this one, which need not exist: for the next page the last key of this one.</param>
    /// <param name="limit">At most so many, 1 to 10,000; default 100.</param>
    public ImmutableArray<ContextEntry> List(string prefix = "", string? after = null, int limit = 100)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, ListMax);
        lock (_gate) return _state.List(prefix, after, limit);
    }

    /// <summary>The last entries of a key that are kept (<see cref="ContextOptions.HistoryMax"/>), the oldest first, the one there is last; deletions are among them.</summary>
    /// <param name="key">The key, which need not exist any more.</param>
    /// <param name="limit">The last so many, 1 or more; default all that are kept.</param>
    /// <exception cref="ArgumentException">The key is none.</exception>
    public ImmutableArray<ContextEntry> History(string key, int limit = int.MaxValue)
    {
        ThrowIfNoKey(key);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        lock (_gate) return _state.History(key, limit);
    }

    /// <summary>
    /// Every write, once and in order, from when it is enumerated on or from an earlier revision. Ends when the session closes or the host stops.
    /// </summary>
    /// <param name="prefix">What the keys begin with; empty for all.</param>
    /// <param name="fromRevision">The first write to be told; null, the default, for those that come. One more than <see cref="Revision"/>, taken before a look at the entries, misses nothing.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="HypervisorException">
    /// <see cref="HypervisorErrors.ContextFellBehind"/>: not every write can be told, because too many wait to be read or the first ones are not kept any more (<see cref="ContextOptions.RecentMax"/>); what could be told before is.
    /// <see cref="HypervisorErrors.QuotaExceeded"/>: there are too many watches.
    /// </exception>
    public IAsyncEnumerable<ContextEntry> WatchAsync(string prefix = "", long? fromRevision = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentOutOfRangeException.ThrowIfLessThan(fromRevision ?? 1, 1, nameof(fromRevision));
        return ReadAsync(prefix, fromRevision, cancellation);
    }

    private async IAsyncEnumerable<ContextEntry> ReadAsync(string prefix, long? fromRevision, [EnumeratorCancellation] CancellationToken cancellation)
    {
        (ContextWatch watch, ContextEntry[] before) = BeginWatch(prefix, fromRevision);
        try
        {
            foreach (ContextEntry entry in before) yield return entry;
            while (await watch.NextAsync(cancellation) is { } entry) yield return entry;
        }
        finally
        {
            lock (_gate) _watches.Remove(watch);
        }
    }

    /// <summary>The most entries of one page.</summary>
    public const int ListMax = 10_000;

    /// <summary>A turn runs again because another write came first.</summary>
    internal void OnConflict() => Interlocked.Increment(ref _conflicts);

    /// <summary>Nobody watches any more.</summary>
    internal void EndWatches()
    {
        lock (_gate)
        {
            foreach (ContextWatch watch in _watches) watch.End();
        }
    }

    /// <summary>The session has ended, and with it all that is here.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            _isOver = true;
            _session.Budget?.ReturnStored(_state.Bytes);
        }

        EndWatches();
    }

    /// <exception cref="ArgumentException">The key is none.</exception>
    internal void ThrowIfNoKey(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (key.Length > _options.KeyLengthMax) throw new ArgumentException($"A key is at most {_options.KeyLengthMax} characters.", nameof(key));
        // So that each can be named in a capability, and matched as it is.
        if (key.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0 || key.AsSpan().IndexOfAny(",\"'\\*") >= 0 || key.Contains("..", StringComparison.Ordinal))
            throw new ArgumentException("A key is printable ASCII without blank, comma, quotes, backslash, '*' and '..'.", nameof(key));
    }

    /// <exception cref="ArgumentException">The value is too long.</exception>
    internal void ThrowIfTooLong(ReadOnlyMemory<byte> value)
    {
        if (value.Length > _options.ValueBytesMax) throw new ArgumentException($"A value is at most {_options.ValueBytesMax} bytes; this one has {value.Length}.", nameof(value));
    }

    /// <summary>Whether there is room for a value in place of another, as far as can be said now.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.QuotaExceeded"/>.</exception>
    internal void ThrowUnlessFits(string key, int length, ContextEntry? before)
    {
        long growth = ContextEntry.BytesOf(key, length) - (before?.Bytes ?? 0);
        if (growth <= 0) return;
        HypervisorException? problem;
        lock (_gate) problem = ContextPlan.ProblemOf(_options, _state.Count + (before is null ? 1 : 0), _state.Bytes + growth);
        if (problem is not null) throw problem;
    }

    private (ContextWatch Watch, ContextEntry[] Before) BeginWatch(string prefix, long? from)
    {
        var watch = new ContextWatch(prefix, _options.WatchWaitingMax, _session.Host.Environment.Executor);
        lock (_gate)
        {
            ContextEntry[] before = [];
            if (from is { } revision && revision <= _state.Revision)
            {
                if (!_state.TryGetFrom(revision, out IEnumerable<ContextEntry>? changes))
                    throw new HypervisorException(HypervisorErrors.ContextFellBehind, $"Not all changes since revision {revision} are kept (RecentMax); the last is {_state.Revision}.");
                before = [.. changes.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))];
            }

            if (_watches.Count >= _options.WatchesMax)
                throw new HypervisorException(HypervisorErrors.QuotaExceeded, $"The context of the session has {_options.WatchesMax} watches, which is its quota.");
            if (_isOver || _session.Host.IsStopping) watch.End();
            _watches.Add(watch);
            return (watch, before);
        }
    }
}
