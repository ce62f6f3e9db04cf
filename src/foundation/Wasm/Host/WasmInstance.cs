using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm;

/// <summary>
/// A module brought to life: its functions with memories, tables and globals of its own or imported. Not thread-safe: one call at a
/// time. Its
/// memory is given back when nothing refers to it any more.
/// </summary>
public sealed unsafe class WasmInstance
{
    // A field, because compiled code reads it.
    internal readonly WasmTable[] Tables;

    private readonly WasmFunction?[] _functions;
    private readonly WasmGlobal?[] _globalObjects;
    private readonly ulong[] _globalStorage;

    internal WasmInstance(WasmModule module)
    {
        ModuleContent content = module.Content;
        Module = module;
        _functions = content.Functions.Count == 0 ? [] : new WasmFunction?[content.Functions.Count];
        Tables = content.Tables.Count == 0 ? [] : new WasmTable[content.Tables.Count];
        Memories = content.Memories.Count == 0 ? [] : new WasmMemory[content.Memories.Count];
        Tags = content.Tags.Count == 0 ? [] : new WasmTag[content.Tags.Count];
        int globals = content.Globals.Count;
        _globalObjects = globals == 0 ? [] : new WasmGlobal?[globals];

        // One pinned block: a pointer per global, then two words for each global of the instance's own.
        _globalStorage = globals == 0 ? [] : GC.AllocateArray<ulong>(globals + (2 * content.GlobalInitializers.Count), pinned: true);
        fixed (ulong* storage = _globalStorage) Globals = (ulong**)storage;
        for (int i = content.ImportedGlobals; i < globals; i++)
            Globals[i] = (ulong*)Globals + globals + (2 * (i - content.ImportedGlobals));
        DroppedElements = content.Elements.Length == 0 ? [] : new bool[content.Elements.Length];
        DroppedData = content.Data.Length == 0 ? [] : new bool[content.Data.Length];
        module.Engine.CountInstance();
    }

    /// <summary>Releases its place among the engine's instances.</summary>
#pragma warning disable MA0055 // What it gives back is not memory of the garbage collector, and no guest can be made to dispose of it.
    ~WasmInstance() => Module?.Engine.ReleaseInstance();
#pragma warning restore MA0055

    /// <summary>The module it was made from.</summary>
    public WasmModule Module { get; }

    internal WasmMemory[] Memories { get; }

    internal WasmTag[] Tags { get; }

    /// <summary>For each global where its value lies.</summary>
    internal ulong** Globals { get; }

    internal bool[] DroppedElements { get; }

    internal bool[] DroppedData { get; }

    /// <summary>The exported function of that name; null when there is none.</summary>
    public WasmFunction? Function(string name) => Find(name) as WasmFunction;

    /// <summary>The exported memory of that name; null when there is none.</summary>
    public WasmMemory? Memory(string name) => Find(name) as WasmMemory;

    /// <summary>The exported table of that name; null when there is none.</summary>
    public WasmTable? Table(string name) => Find(name) as WasmTable;

    /// <summary>The exported global of that name; null when there is none.</summary>
    public WasmGlobal? Global(string name) => Find(name) as WasmGlobal;

    /// <summary>Calls an exported function with the engine's default budget.</summary>
    /// <exception cref="ArgumentException">There is no such function, or the arguments do not fit.</exception>
    /// <exception cref="WasmTrap">The guest was stopped.</exception>
    public WasmValue[] Invoke(string name, params ReadOnlySpan<WasmValue> arguments)
    {
        WasmFunction function = Function(name) ?? throw new ArgumentException($"The module exports no function \"{name}\".", nameof(name));
        using var call = new WasmCall(Module.Engine);
        return function.Invoke(call, arguments);
    }

    internal WasmExtern Export(WasmExport export) => export.Type.Kind switch
    {
        WasmExternKind.Function => FunctionAt(export.Index),
        WasmExternKind.Table => Tables[export.Index],
        WasmExternKind.Memory => Memories[export.Index],
        WasmExternKind.Global => GlobalAt(export.Index),
        _ => Tags[export.Index],
    };

    internal WasmFunction FunctionAt(int index) => _functions[index] ??= new WasmFunction(this, index - Module.Content.ImportedFunctions);

    internal WasmGlobal GlobalAt(int index)
    {
        if (_globalObjects[index] is { } known) return known;
        int own = index - Module.Content.ImportedGlobals;
        return _globalObjects[index] = new WasmGlobal(Module.Content.Globals[index], _globalStorage, _globalObjects.Length + (2 * own));
    }

    internal void Import(int index, WasmFunction function) => _functions[index] = function;

    internal void Import(int index, WasmGlobal global)
    {
        _globalObjects[index] = global;
        Globals[index] = global.Cell;
    }

    private WasmExtern? Find(string name)
    {
        foreach (WasmExport export in Module.Exports)
            if (export.Name == name) return Export(export);
        return null;
    }
}
