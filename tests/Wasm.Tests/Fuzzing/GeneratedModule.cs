namespace Sirsi.Wasm.Tests.Fuzzing;

/// <summary>A module while it is generated. Imported things come first in each list.</summary>
internal sealed class GeneratedModule
{
    private readonly List<byte[]> _imports = [];

    internal List<WasmFunctionType> Types { get; } = [];

    internal List<WasmFunctionType> Functions { get; } = [];

    internal List<WasmGlobalType> Globals { get; } = [];

    internal List<WasmLimits> Memories { get; } = [];

    internal List<WasmTableType> Tables { get; } = [];

    internal List<WasmFunctionType> Tags { get; } = [];

    /// <summary>Of the module's own globals.</summary>
    internal List<byte[]> Initializers { get; } = [];

    internal List<byte[]> Elements { get; } = [];

    internal List<WasmValueType> ElementTypes { get; } = [];

    internal List<byte[]> Data { get; } = [];

    internal List<byte[]> Bodies { get; } = [];

    internal int ImportedFunctions { get; private set; }

    internal int ImportedGlobals { get; private set; }

    internal int ImportedMemories { get; private set; }

    internal int ImportedTables { get; private set; }

    internal int ImportedTags { get; private set; }

    /// <summary>Whether it keeps to what Node 20 can run.</summary>
    internal bool IsPlain { get; init; }

    /// <summary>Whether it has loops of many rounds.</summary>
    internal bool HasHotLoops { get; init; }

    /// <summary>Whether NaNs that arithmetic makes are replaced, as the specification leaves their bits open.</summary>
    internal bool ReplacesNaNs { get; init; }

    internal int TypeIndex(WasmFunctionType type)
    {
        int index = Types.IndexOf(type);
        if (index >= 0) return index;
        Types.Add(type);
        return Types.Count - 1;
    }

    internal void ImportFunction(string module, string name, WasmFunctionType type)
    {
        Import(module, name, 0).Add(new ByteWriter().Unsigned((ulong)TypeIndex(type)).ToArray());
        Functions.Add(type);
        ImportedFunctions++;
    }

    internal void ImportTable(string module, string name, WasmTableType type)
    {
        Import(module, name, 1).Add(Table(type));
        Tables.Add(type);
        ImportedTables++;
    }

    internal void ImportMemory(string module, string name, WasmLimits limits)
    {
        Import(module, name, 2).Add(Limits(limits));
        Memories.Add(limits);
        ImportedMemories++;
    }

    internal void ImportGlobal(string module, string name, WasmGlobalType type)
    {
        Import(module, name, 3).Add(Global(type));
        Globals.Add(type);
        ImportedGlobals++;
    }

    internal void ImportTag(string module, string name, WasmFunctionType type)
    {
        Import(module, name, 4).Add([0, .. new ByteWriter().Unsigned((ulong)TypeIndex(type)).ToArray()]);
        Tags.Add(type);
        ImportedTags++;
    }

    internal byte[] ToBytes()
    {
        var module = new ByteWriter().Bytes([0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0]);
        byte[][] functions = [.. Functions.Skip(ImportedFunctions).Select(Index)];
        byte[][] tags = [.. Tags.Skip(ImportedTags).Select(tag => (byte[])[0, .. Index(tag)])];
        IEnumerable<byte[]> imports = _imports.Chunk(2).Select(static parts => (byte[])[.. parts[0], .. parts[1]]);
        Section(module, 1, Types.Select(Type));
        Section(module, 2, imports);
        Section(module, 3, functions);
        Section(module, 4, Tables.Skip(ImportedTables).Select(Table));
        Section(module, 5, Memories.Skip(ImportedMemories).Select(Limits));
        Section(module, 13, tags);
        Section(module, 6, Globals.Skip(ImportedGlobals).Zip(Initializers, static (type, value) => (byte[])[.. Global(type), .. value]));
        Section(module, 7, Exports());
        Section(module, 9, Elements);
        if (Data.Count > 0) module.Byte(12).Sized(new ByteWriter().Unsigned((ulong)Data.Count).ToArray());
        Section(module, 10, Bodies.Select(static body => new ByteWriter().Sized(body).ToArray()));
        Section(module, 11, Data);
        return module.ToArray();
    }

    private List<byte[]> Import(string module, string name, byte kind)
    {
        _imports.Add(new ByteWriter().Name(module).Name(name).Byte(kind).ToArray());
        return _imports;
    }

    private IEnumerable<byte[]> Exports()
    {
        (char Letter, byte Kind, int Count)[] kinds =
            [('f', 0, Functions.Count), ('t', 1, Tables.Count), ('m', 2, Memories.Count), ('g', 3, Globals.Count), ('e', 4, Tags.Count)];
        foreach ((char letter, byte kind, int count) in kinds)
            for (int i = 0; i < count; i++) yield return new ByteWriter().Name($"{letter}{i}").Byte(kind).Unsigned((ulong)i).ToArray();
    }

    private byte[] Index(WasmFunctionType type) => new ByteWriter().Unsigned((ulong)TypeIndex(type)).ToArray();

    private static byte[] Type(WasmFunctionType type) =>
        new ByteWriter().Byte(0x60)
            .Sized([.. type.Parameters.Select(static one => (byte)one)])
            .Sized([.. type.Results.Select(static one => (byte)one)]).ToArray();

    private static byte[] Table(WasmTableType type) => [(byte)type.Element, .. Limits(type.Limits)];

    private static byte[] Global(WasmGlobalType type) => [(byte)type.Value, (byte)(type.IsMutable ? 1 : 0)];

    private static byte[] Limits(WasmLimits limits)
    {
        var writer = new ByteWriter().Byte((byte)((limits.Maximum is null ? 0 : 1) | (limits.Is64 ? 4 : 0))).Unsigned(limits.Minimum);
        if (limits.Maximum is { } maximum) writer.Unsigned(maximum);
        return writer.ToArray();
    }

    private static void Section(ByteWriter module, byte id, IEnumerable<byte[]> items)
    {
        byte[][] all = [.. items];
        if (all.Length == 0) return;
        var content = new ByteWriter().Unsigned((ulong)all.Length);
        foreach (byte[] item in all) content.Bytes(item);
        module.Byte(id).Sized(content.ToArray());
    }
}
