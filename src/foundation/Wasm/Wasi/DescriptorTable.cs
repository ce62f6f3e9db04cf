namespace Sirsi.Wasm.Wasi;

/// <summary>What a guest has open, by number. A new descriptor gets the lowest free number.</summary>
internal sealed class DescriptorTable(int most) : IDisposable
{
    private readonly List<Descriptor?> _open = [];
    private int _lowest;

    internal bool IsFull => FindFree() == most;

    /// <summary>Entries of all folders that are being listed.</summary>
    internal long ListedEntries => _open.Sum(static descriptor => (long)((descriptor as FolderDescriptor)?.Listing?.Count ?? 0));

    internal Descriptor? this[uint number] => number < (uint)_open.Count ? _open[(int)number] : null;

    /// <summary>The number; the table must not be full.</summary>
    internal uint Add(Descriptor descriptor)
    {
        int number = FindFree();
        if (number == _open.Count) _open.Add(descriptor);
        else _open[number] = descriptor;
        _lowest = number + 1;
        return (uint)number;
    }

    internal bool Close(uint number)
    {
        if (this[number] is not { } descriptor) return false;
        descriptor.Dispose();
        _open[(int)number] = null;
        _lowest = Math.Min(_lowest, (int)number);
        return true;
    }

    internal bool Renumber(uint from, uint to)
    {
        if (this[from] is not { } moved || this[to] is not { } replaced) return false;
        if (from == to) return true;
        replaced.Dispose();
        _open[(int)to] = moved;
        _open[(int)from] = null;
        _lowest = Math.Min(_lowest, (int)from);
        return true;
    }

    public void Dispose()
    {
        foreach (Descriptor? descriptor in _open) descriptor?.Dispose();
        _open.Clear();
        _lowest = 0;
    }

    private int FindFree()
    {
        while (_lowest < _open.Count && _open[_lowest] is not null) _lowest++;
        return _lowest;
    }
}
