using Sirsi.Wasm.Binary;
using Sirsi.Wasm.Memory;

namespace Sirsi.Wasm;

/// <summary>
/// What an instance was between two calls. Immutable and thread-safe; disposing of it gives its file and the memories kept for its instances
/// back and leaves the instances made of it alone. It holds no fuel, no budget and nothing of the host: imports are linked anew.
/// </summary>
public sealed class WasmSnapshot : IDisposable
{
    private const int NoFunction = -1;

    private readonly ulong[] _globals;

    /// <summary>For each global of the instance's own: the function it refers to.</summary>
    private readonly int[] _globalFunctions;

    /// <summary>For each table of its own: the functions in it.</summary>
    private readonly int[][] _tables;
    private readonly bool[] _droppedElements;
    private readonly bool[] _droppedData;
    private volatile bool _isDisposed;

    internal WasmSnapshot(WasmInstance instance)
    {
        ModuleContent content = instance.Module.Content;
        if (Foreign(content) is { } foreign) throw Impossible($"it has {foreign}, which is not its own");
        Module = instance.Module;
        _globals = instance.OwnGlobals.ToArray();
        _globalFunctions = new int[content.GlobalInitializers.Count];
        for (int i = 0; i < _globalFunctions.Length; i++)
        {
            int index = content.ImportedGlobals + i;
            _globalFunctions[i] = content.Globals[index].Value.IsReference()
                ? FunctionIndex(instance, instance.GlobalAt(index).Reference, $"global {index}")
                : NoFunction;
        }

        _tables = new int[content.Tables.Count][];
        for (int i = 0; i < _tables.Length; i++) _tables[i] = TableOf(instance, i);
        _droppedElements = [.. instance.DroppedElements];
        _droppedData = [.. instance.DroppedData];
        Images = [.. instance.Memories.Select(static memory => memory.TakeImage(memory.Length))];
    }

    /// <summary>The module its instances are of.</summary>
    public WasmModule Module { get; }

    /// <summary>How many bytes the memories in it have.</summary>
    public long MemoryBytes => Images.Sum(static image => (long)image.Length);

    /// <summary>For each memory what it was.</summary>
    internal MemoryImage[] Images { get; }

    /// <summary>
    /// Sets an instance of the same module back to the snapshot, its memories' sizes included. Its functions, memories, tables and globals
    /// stay the objects they are; spans of its memories must not be used any more. Only between calls.
    /// </summary>
    /// <exception cref="InvalidOperationException">A call is inside, or other instances are linked with it or use its memory.</exception>
    /// <exception cref="WasmException">There is no room for it; some of the instance's memories may have been set back.</exception>
    /// <exception cref="ObjectDisposedException">The snapshot or the instance has been disposed of.</exception>
    public void Restore(WasmInstance instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        if (instance.Module != Module) throw new ArgumentException("The instance is of another module than the snapshot.", nameof(instance));
        ThrowIfDisposed();
        instance.EnterAlone();
        try
        {
            if (instance.IsLinked || Array.Exists(instance.Memories, static memory => memory.IsShared))
                throw new InvalidOperationException("Other instances are linked with the instance: it cannot be set back under them.");
            for (int i = 0; i < Images.Length; i++) instance.Memories[i].Reset(Images[i]);
            Fill(instance);
        }
        finally
        {
            instance.Leave();
        }
    }

    /// <summary>Gives its file back, and the memories kept for instances of it.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        foreach (MemoryImage image in Images) image.Close();
    }

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, this);

    /// <summary>Sets all but the memories.</summary>
    internal void Fill(WasmInstance instance)
    {
        ModuleContent content = Module.Content;
        _globals.CopyTo(instance.OwnGlobals);
        for (int i = 0; i < _globalFunctions.Length; i++)
        {
            int index = content.ImportedGlobals + i;
            if (content.Globals[index].Value.IsReference()) instance.GlobalAt(index).Reference = FunctionAt(instance, _globalFunctions[i]);
        }

        for (int i = 0; i < _tables.Length; i++)
        {
            var elements = new object?[_tables[i].Length];
            for (int element = 0; element < elements.Length; element++) elements[element] = FunctionAt(instance, _tables[i][element]);
            instance.Tables[i].Reset(elements);
        }

        _droppedElements.CopyTo(instance.DroppedElements, 0);
        _droppedData.CopyTo(instance.DroppedData, 0);
    }

    private static WasmFunction? FunctionAt(WasmInstance instance, int index) => index == NoFunction ? null : instance.FunctionAt(index);

    /// <summary>What instances of the module have that is not their own; null when there is nothing.</summary>
    internal static string? Foreign(ModuleContent content) => content.ImportedMemories > 0 ? "an imported memory"
        : content.ImportedTables > 0 ? "an imported table"
        : content.Globals.Take(content.ImportedGlobals).Any(static global => global.IsMutable) ? "an imported mutable global"
        : null;

    private static int[] TableOf(WasmInstance instance, int table)
    {
        Span<object?> elements = instance.Tables[table].Elements;
        var functions = new int[elements.Length];
        for (int i = 0; i < functions.Length; i++) functions[i] = FunctionIndex(instance, elements[i], $"element {i} of table {table}");
        return functions;
    }

    private static int FunctionIndex(WasmInstance instance, object? reference, string where)
    {
        if (reference is null) return NoFunction;
        if (reference is WasmFunction function && instance.TryIndexOf(function, out int index)) return index;
        throw Impossible($"{where} refers to something that is neither its own nor imported");
    }

    private static InvalidOperationException Impossible(string why) => new($"The instance cannot be kept in a snapshot: {why}.");
}
