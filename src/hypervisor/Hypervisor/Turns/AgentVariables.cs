namespace Sirsi.Hypervisor.Turns;

/// <summary>
/// An agent's truth: names and bytes. Changes are pending until the turn commits. One turn at a time uses it; <see cref="Copy"/> is for anybody. The values handed in
/// belong to it.
/// </summary>
internal sealed class AgentVariables
{
    private SortedDictionary<string, ReadOnlyMemory<byte>>? _committed;
    private SortedDictionary<string, ReadOnlyMemory<byte>?>? _pending;
    private long _bytes;
    private long _pendingBytes;

    /// <summary>What all of them take, pending changes included, in bytes.</summary>
    public long Bytes => _bytes + _pendingBytes;

    /// <summary>How much the turn's changes add, in bytes; below 0 when they take away.</summary>
    public long PendingGrowth => _pendingBytes;

    /// <summary>What <see cref="PendingGrowth"/> would be with a variable of that length.</summary>
    public long GrowthWith(string name, int length) =>
        _pendingBytes + name.Length + length - (TryGet(name, out ReadOnlyMemory<byte> old) ? BytesOf(name, old) : 0);

    /// <summary>The changes of the turn, by name; null for a variable that goes.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>?>? Pending => _pending is { Count: > 0 } ? _pending : null;

    /// <summary>As they are after the last turn.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Copy()
    {
        lock (this) return _committed is null ? new(StringComparer.Ordinal) : new SortedDictionary<string, ReadOnlyMemory<byte>>(_committed, StringComparer.Ordinal);
    }

    public bool TryGet(string name, out ReadOnlyMemory<byte> value)
    {
        if (_pending is not null && _pending.TryGetValue(name, out ReadOnlyMemory<byte>? changed))
        {
            value = changed ?? default;
            return changed is not null;
        }

        value = default;
        return _committed is not null && _committed.TryGetValue(name, out value);
    }

    /// <summary>Sets or, with null, removes a variable; false, and nothing changed, when the limit does not allow it.</summary>
    public bool TrySet(string name, ReadOnlyMemory<byte>? value, long bytesMax)
    {
        long before = TryGet(name, out ReadOnlyMemory<byte> old) ? BytesOf(name, old) : 0;
        long after = value is { } bytes ? BytesOf(name, bytes) : 0;
        if (after > before && Bytes - before + after > bytesMax) return false;
        (_pending ??= new(StringComparer.Ordinal))[name] = value;
        _pendingBytes += after - before;
        return true;
    }

    public void Commit()
    {
        if (_pending is not { Count: > 0 }) return;
        lock (this)
        {
            foreach ((string name, ReadOnlyMemory<byte>? value) in _pending)
            {
                if (value is { } bytes) (_committed ??= new(StringComparer.Ordinal))[name] = bytes;
                else _committed?.Remove(name);
            }
        }

        _bytes += _pendingBytes;
        Discard();
    }

    /// <summary>No turn comes soon: lets go what only turns use. Not during one.</summary>
    public void Rest() => _pending = null;

    public void Discard()
    {
        _pending?.Clear();
        _pendingBytes = 0;
    }

    private static long BytesOf(string name, ReadOnlyMemory<byte> value) => name.Length + value.Length;
}
