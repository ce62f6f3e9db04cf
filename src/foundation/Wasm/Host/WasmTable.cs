namespace Sirsi.Wasm;

/// <summary>A table of references. Not thread-safe: it belongs to the thread that runs its instance.</summary>
public sealed class WasmTable : WasmExtern
{
    private readonly ulong _most;
    private object?[] _elements;

    /// <summary>A table of the host's own, filled with null.</summary>
    /// <exception cref="WasmException">It begins larger than <see cref="WasmOptions.TableElementsMax"/>.</exception>
    public WasmTable(WasmEngine engine, WasmTableType type)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(type);
        _most = Math.Min((ulong)engine.Options.TableElementsMax, type.Limits.Maximum ?? ulong.MaxValue);
        if (type.Limits.Minimum > (ulong)engine.Options.TableElementsMax)
            throw new WasmException(WasmErrorKind.LimitExceeded, $"a table of {type.Limits.Minimum} elements is above the limit");
        ExternType = type;
        _elements = type.Limits.Minimum == 0 ? [] : new object?[type.Limits.Minimum];
        Count = _elements.Length;
    }

    /// <inheritdoc/>
    public override WasmTableType ExternType { get; }

    /// <summary>How many elements it has.</summary>
    public int Count { get; private set; }

    /// <summary>The element at an index: a <see cref="WasmFunction"/>, an object of the host, or null.</summary>
    public object? this[int index]
    {
        get => (uint)index < (uint)Count ? _elements[index] : throw new ArgumentOutOfRangeException(nameof(index));
        set
        {
            if ((uint)index >= (uint)Count) throw new ArgumentOutOfRangeException(nameof(index));
            if (ExternType.Element == WasmValueType.FuncRef && value is not (null or WasmFunction))
                throw new ArgumentException("The table holds functions.", nameof(value));
            (value as WasmFunction)?.Instance?.MarkLinked();
            _elements[index] = value;
        }
    }

    internal Span<object?> Elements => _elements.AsSpan(0, Count);

    /// <summary>Grows by <paramref name="delta"/> elements of <paramref name="value"/>; false when a limit forbids it.</summary>
    internal bool TryGrow(ulong delta, object? value)
    {
        if (delta > _most || (ulong)Count + delta > _most) return false;
        int count = Count + (int)delta;
        if (count > _elements.Length)
            Array.Resize(ref _elements, (int)Math.Max((ulong)count, Math.Min(_most, (ulong)_elements.Length * 2)));
        _elements.AsSpan(Count, count - Count).Fill(value);
        Count = count;
        return true;
    }

    /// <summary>Makes the elements these, and no more.</summary>
    internal void Reset(ReadOnlySpan<object?> elements)
    {
        if (_elements.Length == elements.Length) elements.CopyTo(_elements);
        else _elements = elements.ToArray();
        Count = elements.Length;
    }

    internal bool Accepts(WasmTableType wanted) =>
        wanted.Element == ExternType.Element && wanted.Limits.Accept((ulong)Count, ExternType.Limits.Maximum, ExternType.Limits.Is64);
}
