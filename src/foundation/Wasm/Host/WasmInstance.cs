using System.Diagnostics.CodeAnalysis;
using Sirsi.Wasm.Binary;
using Sirsi.Wasm.Host;

namespace Sirsi.Wasm;

/// <summary>
/// A module brought to life: its functions with memories, tables and globals of its own or imported. One thread at a time: a call that
/// finds another thread inside is refused. Its memory is given back when it is disposed of, or when nothing refers to it any more.
/// </summary>
public sealed unsafe class WasmInstance : IDisposable
{
    private const int Nobody = 0;
    private const int Disposed = -1;

    private const int Private = 0;
    private const int Linked = 1;
    private const int GivenBack = 2;

    // A field, because compiled code reads it.
    internal readonly WasmTable[] Tables;

    private readonly WasmFunction?[] _functions;
    private readonly WasmGlobal?[] _globalObjects;
    private readonly ulong[] _globalStorage;

    /// <summary>The thread that is inside, or one of the constants above.</summary>
    private int _inside;

    /// <summary>How often the thread that is inside has come in again.</summary>
    private int _again;

    /// <summary>Whether other instances may reach its functions; decided once and for all.</summary>
    private int _reach;

    internal WasmInstance(WasmModule module, WasmExtern[] imports)
    {
        ModuleContent content = module.Content;
        Module = module;
        Imports = imports;
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
#pragma warning disable MA0055 // What it gives back is not memory of the garbage collector, and hosts may forget to dispose.
    ~WasmInstance() => Module?.Engine.ReleaseInstance();
#pragma warning restore MA0055

    /// <summary>The module it was made from.</summary>
    public WasmModule Module { get; }

    /// <summary>What it was linked with, in the order of the module's imports.</summary>
    internal WasmExtern[] Imports { get; }

    internal WasmMemory[] Memories { get; }

    internal WasmTag[] Tags { get; }

    /// <summary>For each global where its value lies.</summary>
    internal ulong** Globals { get; }

    internal bool[] DroppedElements { get; }

    internal bool[] DroppedData { get; }

    /// <summary>The two words of each global of its own.</summary>
    internal Span<ulong> OwnGlobals => _globalStorage.AsSpan(_globalObjects.Length);

    /// <summary>
    /// Whether other instances may be able to call its functions. Then only the garbage collector can tell when that has an end.
    /// </summary>
    internal bool IsLinked => Volatile.Read(ref _reach) == Linked;

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
        using WasmCall call = WasmCall.Begin(Module.Engine);
        return function.Invoke(call, arguments);
    }

    /// <summary>
    /// What the instance is now: memories, globals, tables, dropped segments. New instances can be made of it
    /// (<see cref="WasmLinker.Instantiate(WasmSnapshot)"/>), and this one can be set back to it
    /// (<see cref="WasmSnapshot.Restore(WasmInstance)"/>). Only between calls.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// A call is inside, or the instance has a state that is not its own: an imported memory, table or mutable global, or a reference to
    /// something of the host or of another instance. The message names it.
    /// </exception>
    public WasmSnapshot TakeSnapshot()
    {
        EnterAlone();
        try
        {
            return new(this);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Another instance in the same state, with the same imports; the two share nothing that either can change.</summary>
    /// <exception cref="InvalidOperationException">As <see cref="TakeSnapshot"/>.</exception>
    /// <exception cref="WasmException">A limit is passed.</exception>
    public WasmInstance Fork()
    {
        using WasmSnapshot snapshot = TakeSnapshot();
        return Instantiation.Run(snapshot, Imports);
    }

    /// <summary>
    /// Gives its memories back. Whoever calls it from now on gets an <see cref="ObjectDisposedException"/>, and spans of its memories must not
    /// be used. Memories that other instances import stay until those are disposed of; when other instances may hold functions of
    /// this one, all of it stays until nothing refers to it. Harmless when done again.
    /// </summary>
    /// <exception cref="InvalidOperationException">A call is inside.</exception>
    public void Dispose()
    {
        int before = Interlocked.CompareExchange(ref _inside, Disposed, Nobody);
        if (before == Disposed) return;
        if (before != Nobody) throw new InvalidOperationException("A call is inside the instance: dispose of it when that is over.");
        GC.SuppressFinalize(this);
        Module.Engine.ReleaseInstance();
        if (Interlocked.CompareExchange(ref _reach, GivenBack, Private) == Linked) return;
        foreach (WasmMemory? memory in Memories) memory?.EndUse();
    }

    /// <summary>Notes that a thread comes in; every success needs its <see cref="Leave"/>.</summary>
    internal void Enter(int thread)
    {
        int before = Interlocked.CompareExchange(ref _inside, thread, Nobody);
        if (before == Nobody) return;
        if (before != thread) throw Refused(before);
        _again++;
    }

    internal void Leave()
    {
        if (_again > 0) _again--;
        else Volatile.Write(ref _inside, Nobody);
    }

    /// <summary>Comes in when nobody is inside, this thread neither.</summary>
    internal void EnterAlone()
    {
        int before = Interlocked.CompareExchange(ref _inside, Environment.CurrentManagedThreadId, Nobody);
        if (before != Nobody) throw Refused(before);
    }

    /// <summary>Notes that other instances may be able to reach its functions from now on.</summary>
    /// <exception cref="ObjectDisposedException">What its functions need is no longer there.</exception>
    internal void MarkLinked()
    {
        if (IsLinked) return;
        ObjectDisposedException.ThrowIf(Interlocked.CompareExchange(ref _reach, Linked, Private) == GivenBack, this);
    }

    internal WasmExtern Export(WasmExport export)
    {
        // Through these others can get at its functions, or it at theirs.
        if (export.Type is WasmTableType or WasmTagType || export.Type is WasmGlobalType { Value: var type } && type.IsReference()) MarkLinked();
        return export.Type.Kind switch
        {
            WasmExternKind.Function => FunctionAt(export.Index),
            WasmExternKind.Table => Tables[export.Index],
            WasmExternKind.Memory => Memories[export.Index],
            WasmExternKind.Global => GlobalAt(export.Index),
            _ => Tags[export.Index],
        };
    }

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

    /// <summary>The index of a function that is its own or imported; false for others.</summary>
    internal bool TryIndexOf(WasmFunction function, out int index)
    {
        index = function.Instance == this
            ? Module.Content.ImportedFunctions + function.Header->Index
            : Array.IndexOf(_functions, function, 0, Module.Content.ImportedFunctions);
        return index >= 0;
    }

    private WasmExtern? Find(string name) => Module.FindExport(name) is { } export ? Export(export) : null;

    [DoesNotReturn]
    private Exception Refused(int inside)
    {
        ObjectDisposedException.ThrowIf(inside == Disposed, this);
        throw new InvalidOperationException(
            inside == Environment.CurrentManagedThreadId ? "A call is inside the instance." : "The instance is in use by another thread.");
    }
}
