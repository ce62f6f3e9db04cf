using System.Runtime.CompilerServices;
using Sirsi.Wasm.Host;

namespace Sirsi.Wasm;

/// <summary>
/// Names what modules may import, and makes instances of them. Modules linked to each other share one linker. Not thread-safe while
/// names are
/// added; instantiating only reads it.
/// </summary>
public sealed class WasmLinker
{
    private readonly Dictionary<(string Module, string Name), WasmExtern> _names;

    /// <summary>What modules were linked with since the last name was given.</summary>
    private readonly ConditionalWeakTable<WasmModule, WasmExtern[]> _linked = [];

    private volatile bool _hasLinked;

    /// <summary>A linker for modules of one engine.</summary>
    public WasmLinker(WasmEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        Engine = engine;
        _names = [];
    }

    /// <summary>A linker that begins with the names of another.</summary>
    internal WasmLinker(WasmLinker other)
    {
        Engine = other.Engine;
        Wanted = other.Wanted;
        _names = new(other._names);
    }

    /// <summary>The engine.</summary>
    public WasmEngine Engine { get; }

    /// <summary>What will be asked for, when that is known: no other name is kept, and no function made for it.</summary>
    internal IReadOnlySet<(string Module, string Name)>? Wanted { get; init; }

    internal bool Wants(string module, string name) => Wanted?.Contains((module, name)) is not false;

    /// <summary>Gives something a name; a name given before is replaced.</summary>
    public WasmLinker Define(string module, string name, WasmExtern value)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        if (!Wants(module, name)) return this;
        _names[(module, name)] = value;
        if (_hasLinked) _linked.Clear();
        _hasLinked = false;
        return this;
    }

    /// <summary>Gives a host function a name; see <see cref="WasmFunction.FromHost(Delegate)"/>.</summary>
    public WasmLinker DefineFunction(string module, string name, Delegate callback) =>
        Wants(module, name) ? Define(module, name, WasmFunction.FromHost(callback)) : this;

    /// <summary>Makes all exports of an instance importable under a module name.</summary>
    public WasmLinker Define(string module, WasmInstance instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        foreach (WasmExport export in instance.Module.Exports) Define(module, export.Name, instance.Export(export));
        return this;
    }

    /// <summary>
    /// Links the module's imports, makes its memories, tables and globals, copies its active segments and runs its start function,
    /// all within
    /// the budget of <paramref name="call"/> (default: the engine's).
    /// </summary>
    /// <exception cref="WasmException">An import is missing or of another type, or a limit is passed.</exception>
    /// <exception cref="WasmTrap">A segment lies out of bounds, or the start function was stopped.</exception>
    public WasmInstance Instantiate(WasmModule module, WasmCall? call = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        if (module.Engine != Engine) throw new ArgumentException("The module was loaded by another engine.", nameof(module));
        WasmExtern[] imports = Link(module);
        if (call is not null) return Instantiation.Run(module, imports, call);
        using var own = new WasmCall(Engine);
        return Instantiation.Run(module, imports, own);
    }

    /// <summary>
    /// Makes an instance in the state of a snapshot, linked with this linker's names. No code of the guest runs and no fuel is spent. Memories
    /// that lie in a file are shared until they are written to (<see cref="WasmOptions.CopiedBytesMax"/>).
    /// </summary>
    /// <exception cref="WasmException">An import is missing or of another type, a limit is passed, or the machine has no room.</exception>
    /// <exception cref="ObjectDisposedException">The snapshot has been disposed of.</exception>
    public WasmInstance Instantiate(WasmSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (snapshot.Module.Engine != Engine) throw new ArgumentException("The snapshot is of another engine.", nameof(snapshot));
        return Instantiation.Run(snapshot, Link(snapshot.Module));
    }

    private WasmExtern[] Link(WasmModule module)
    {
        if (module.Imports.Length == 0) return [];
        if (_linked.TryGetValue(module, out WasmExtern[]? known)) return known;
        var imports = new WasmExtern[module.Imports.Length];
        for (int i = 0; i < imports.Length; i++) imports[i] = Resolve(module.Imports[i]);
        _linked.AddOrUpdate(module, imports);
        _hasLinked = true;
        return imports;
    }

    private WasmExtern Resolve(WasmImport import)
    {
        if (!_names.TryGetValue((import.Module, import.Name), out WasmExtern? found))
            throw new WasmException(WasmErrorKind.Unlinkable, $"unknown import \"{import.Module}\" \"{import.Name}\"");
        bool fits = (import.Type, found) switch
        {
            (WasmFunctionType wanted, WasmFunction function) => wanted.Equals(function.ExternType),
            (WasmTableType wanted, WasmTable table) => table.Accepts(wanted),
            (WasmMemoryType wanted, WasmMemory memory) => memory.Accepts(wanted),
            (WasmGlobalType wanted, WasmGlobal global) => wanted == global.ExternType,
            (WasmTagType wanted, WasmTag tag) => wanted.Payload.Equals(tag.ExternType.Payload),
            _ => false,
        };
        return fits
            ? found
            : throw new WasmException(
                WasmErrorKind.Unlinkable,
                $"incompatible import type of \"{import.Module}\" \"{import.Name}\": wanted {import.Type}, found {found.ExternType}");
    }
}
