namespace Sirsi.Wasm;

/// <summary>A global variable. Not thread-safe: it belongs to the thread that runs its instance.</summary>
public sealed unsafe class WasmGlobal : WasmExtern
{
    private readonly ulong[] _storage;
    private object? _reference;

    /// <summary>A global of the host's own.</summary>
    /// <exception cref="ArgumentException">The value has another type than the global.</exception>
    public WasmGlobal(WasmGlobalType type, WasmValue value)
        : this(type, GC.AllocateArray<ulong>(2, pinned: true), 0)
    {
        (value.Reference as WasmFunction)?.Instance?.MarkLinked();
        Store(value);
    }

    internal WasmGlobal(WasmGlobalType type, ulong[] pinned, int index)
    {
        ExternType = type;
        _storage = pinned;
        fixed (ulong* cell = &pinned[index]) Cell = cell;
    }

    /// <inheritdoc/>
    public override WasmGlobalType ExternType { get; }

    /// <summary>The value now. Setting an immutable global, or another type, is an error.</summary>
    public WasmValue Value
    {
        get => ExternType.Value switch
        {
            // The upper half of a cell may hold anything then.
            WasmValueType.I32 or WasmValueType.F32 => new(ExternType.Value, (uint)Cell[0]),
            WasmValueType.I64 or WasmValueType.F64 => new(ExternType.Value, Cell[0]),
            WasmValueType.V128 => new(ExternType.Value, Cell[0], Cell[1]),
            _ => new(ExternType.Value, 0, 0, _reference),
        };
        set
        {
            if (!ExternType.IsMutable) throw new InvalidOperationException("The global is immutable.");
            (value.Reference as WasmFunction)?.Instance?.MarkLinked();
            Store(value);
        }
    }

    /// <summary>The two pinned words that hold a number.</summary>
    internal ulong* Cell { get; }

    internal object? Reference
    {
        get => _reference;
        set => _reference = value;
    }

    internal void Store(WasmValue value)
    {
        if (value.Type != ExternType.Value) throw new ArgumentException($"The global is of type {ExternType.Value.Name()}.", nameof(value));
        Cell[0] = value.Low;
        if (value.Type == WasmValueType.V128) Cell[1] = value.High;
        _reference = value.Reference;
        GC.KeepAlive(_storage);
    }
}
