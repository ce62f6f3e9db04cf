namespace Sirsi.Wasm.Binary;

/// <summary>What follows an opcode in the binary format.</summary>
internal enum Immediates : byte
{
    None, Block, Label, LabelTable, Function, TypeTable, Local, Global, Table, TableTable, ElementTable, Element, MemArg, MemArgLane,
    Lane, Lanes, V128, I32, I64, F32, F64, Memory, MemoryMemory, DataMemory, Data, RefType, SelectTypes, Tag, TryTable,
}

/// <summary>An instruction's name, immediates and, where it is plain, its operands and result.</summary>
internal sealed class OpcodeInfo(Opcode opcode, string name, Immediates immediates, string? signature = null)
{
    private static readonly OpcodeInfo?[] Table = Build();

    /// <summary>By mnemonic; of two instructions with one name (both kinds of select), the first.</summary>
    private static readonly Dictionary<string, OpcodeInfo>.AlternateLookup<ReadOnlySpan<char>> Mnemonics = Named();

    internal Opcode Opcode { get; } = opcode;

    internal string Name { get; } = name;

    internal Immediates Immediates { get; } = immediates;

    /// <summary>Whether operands and result are all there is to know; else the instruction has a rule of its own.</summary>
    internal bool IsPlain { get; } = signature is not null;

    /// <summary>The operands, first to last. <see cref="WasmValueType.None"/> is an address.</summary>
    internal WasmValueType[] Operands { get; } = signature is null ? [] : [.. signature[..signature.IndexOf(':')].Select(Type)];

    internal WasmValueType Result { get; } = signature is null || signature[^1] == ':' ? WasmValueType.None : Type(signature[^1]);

    internal static OpcodeInfo? Of(int opcode) => (uint)opcode < (uint)Table.Length ? Table[opcode] : null;

    /// <summary>The instruction of a mnemonic of the text format; null when there is none.</summary>
    internal static OpcodeInfo? Of(ReadOnlySpan<char> mnemonic) => Mnemonics.TryGetValue(mnemonic, out OpcodeInfo? info) ? info : null;

    /// <summary>The width of a memory access in bytes, as a power of two; for loads, stores and their vector kin only.</summary>
    internal int WidthLog2 { get; } = Width(name);

    private static OpcodeInfo?[] Build()
    {
        var table = new OpcodeInfo?[0x300];
        foreach (OpcodeInfo info in ScalarOpcodes.All) table[(int)info.Opcode] = info;
        foreach (OpcodeInfo info in VectorOpcodes.All) table[(int)info.Opcode] = info;
        return table;
    }

    private static Dictionary<string, OpcodeInfo>.AlternateLookup<ReadOnlySpan<char>> Named()
    {
        var names = new Dictionary<string, OpcodeInfo>(StringComparer.Ordinal);
        foreach (OpcodeInfo? info in Table)
            if (info is not null) names.TryAdd(info.Name, info);
        return names.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    private static WasmValueType Type(char letter) => letter switch
    {
        'i' => WasmValueType.I32,
        'l' => WasmValueType.I64,
        'f' => WasmValueType.F32,
        'd' => WasmValueType.F64,
        'v' => WasmValueType.V128,
        _ => WasmValueType.None,
    };

    private static int Width(string name)
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0) return 0;
        string rest = name[(dot + 1)..];
        if (!rest.StartsWith("load", StringComparison.Ordinal) && !rest.StartsWith("store", StringComparison.Ordinal)) return 0;
        if (rest.Contains('x', StringComparison.Ordinal)) return 3;
        if (rest.Contains("64", StringComparison.Ordinal)) return 3;
        if (rest.Contains("32", StringComparison.Ordinal)) return 2;
        if (rest.Contains("16", StringComparison.Ordinal)) return 1;
        if (rest.Contains('8', StringComparison.Ordinal)) return 0;
        return name[..dot] switch { "v128" => 4, "i64" or "f64" => 3, _ => 2 };
    }
}
