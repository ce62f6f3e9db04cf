using System.Collections.Immutable;

namespace Sirsi.Wasm;

/// <summary>The types of values, with the numbers the binary format gives them.</summary>
public enum WasmValueType : byte
{
    /// <summary>No type: never that of a value.</summary>
    None = 0,

    /// <summary>A reference to a caught exception (exception handling).</summary>
    ExnRef = 0x69,

    /// <summary>A reference to an object of the host, or null.</summary>
    ExternRef = 0x6F,

    /// <summary>A reference to a function, or null.</summary>
    FuncRef = 0x70,

    /// <summary>128 bits, read as lanes by vector instructions.</summary>
    V128 = 0x7B,

    /// <summary>IEEE 754 binary64.</summary>
    F64 = 0x7C,

    /// <summary>IEEE 754 binary32.</summary>
    F32 = 0x7D,

    /// <summary>64 bits, signed or not as the instruction says.</summary>
    I64 = 0x7E,

    /// <summary>32 bits, signed or not as the instruction says.</summary>
    I32 = 0x7F,
}

/// <summary>What can be imported and exported.</summary>
public enum WasmExternKind : byte
{
    /// <summary>A function.</summary>
    Function = 0,

    /// <summary>A table of references.</summary>
    Table = 1,

    /// <summary>A linear memory.</summary>
    Memory = 2,

    /// <summary>A global variable.</summary>
    Global = 3,

    /// <summary>A kind of exception (exception handling).</summary>
    Tag = 4,
}

/// <summary>The type of something importable. Immutable.</summary>
/// <param name="Kind">What it is the type of.</param>
public abstract record WasmExternType(WasmExternKind Kind);

/// <summary>How small and how large a memory (in pages of 64 KiB) or table (in elements) may be.</summary>
/// <param name="Minimum">The size at the beginning.</param>
/// <param name="Maximum">The size it may grow to; null when the module sets no bound (the engine's limits still do).</param>
/// <param name="Is64">Whether it is indexed by i64 (memory64) instead of i32.</param>
public readonly record struct WasmLimits(ulong Minimum, ulong? Maximum = null, bool Is64 = false)
{
    /// <summary>The type of its indices.</summary>
    public WasmValueType IndexType => Is64 ? WasmValueType.I64 : WasmValueType.I32;

    /// <summary>Whether something of the given present size and bound may be imported where these limits are asked for.</summary>
    internal bool Accept(ulong size, ulong? maximum, bool is64) =>
        is64 == Is64 && size >= Minimum && (Maximum is not { } bound || (maximum is { } given && given <= bound));
}

/// <summary>The type of a table.</summary>
public sealed record WasmTableType(WasmValueType Element, WasmLimits Limits) : WasmExternType(WasmExternKind.Table);

/// <summary>The type of a memory.</summary>
public sealed record WasmMemoryType(WasmLimits Limits) : WasmExternType(WasmExternKind.Memory);

/// <summary>The type of a global.</summary>
public sealed record WasmGlobalType(WasmValueType Value, bool IsMutable) : WasmExternType(WasmExternKind.Global);

/// <summary>The type of a tag: what its exceptions carry.</summary>
public sealed record WasmTagType(WasmFunctionType Payload) : WasmExternType(WasmExternKind.Tag);

/// <summary>The type of a function. Equal when parameters and results are.</summary>
public sealed record WasmFunctionType : WasmExternType
{
    private readonly int _hash;

    /// <summary>A type with the given parameters and results.</summary>
    public WasmFunctionType(ImmutableArray<WasmValueType> parameters, ImmutableArray<WasmValueType> results)
        : base(WasmExternKind.Function)
    {
        Parameters = parameters;
        Results = results;
        var hash = default(HashCode);
        foreach (WasmValueType type in parameters) hash.Add((byte)type);
        hash.Add(-1);
        foreach (WasmValueType type in results) hash.Add((byte)type);
        _hash = hash.ToHashCode();
        ParameterArray = [.. parameters];
        ResultArray = [.. results];
        ParameterSlots = SlotsOf(parameters.AsSpan());
        ResultSlots = SlotsOf(results.AsSpan());
    }

    /// <summary>The types of the parameters, in order.</summary>
    public ImmutableArray<WasmValueType> Parameters { get; }

    /// <summary>The types of the results, in order.</summary>
    public ImmutableArray<WasmValueType> Results { get; }

    /// <summary>The parameters again, for the validator's block types; never changed.</summary>
    internal WasmValueType[] ParameterArray { get; }

    /// <summary>The results again, for the validator's block types; never changed.</summary>
    internal WasmValueType[] ResultArray { get; }

    /// <summary>How many 8-byte slots of a stack frame the parameters take.</summary>
    internal int ParameterSlots { get; }

    /// <summary>How many 8-byte slots of a stack frame the results take.</summary>
    internal int ResultSlots { get; }

    /// <inheritdoc/>
    public bool Equals(WasmFunctionType? other) =>
        ReferenceEquals(this, other)
        || (other is not null && _hash == other._hash && Parameters.AsSpan().SequenceEqual(other.Parameters.AsSpan())
            && Results.AsSpan().SequenceEqual(other.Results.AsSpan()));

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <summary>As the text format writes it: <c>(i32 i64) -> (f32)</c>.</summary>
    public override string ToString() => $"({Names(Parameters)}) -> ({Names(Results)})";

    internal static int SlotsOf(ReadOnlySpan<WasmValueType> types)
    {
        int slots = types.Length;
        foreach (WasmValueType type in types)
            if (type == WasmValueType.V128) slots++;
        return slots;
    }

    private static string Names(ImmutableArray<WasmValueType> types) => string.Join(' ', types.Select(static type => type.Name()));
}

/// <summary>What a module asks for.</summary>
/// <param name="Module">The module name.</param>
/// <param name="Name">The name within that module.</param>
/// <param name="Type">What is asked for.</param>
public sealed record WasmImport(string Module, string Name, WasmExternType Type);

/// <summary>What a module offers.</summary>
/// <param name="Name">Its name, unique among the module's exports.</param>
/// <param name="Type">What it is.</param>
/// <param name="Index">Its index in the index space of its kind.</param>
public sealed record WasmExport(string Name, WasmExternType Type, int Index);

/// <summary>A custom section: a name and bytes the engine does not interpret.</summary>
public sealed record WasmCustomSection(string Name, ReadOnlyMemory<byte> Content);

internal static class WasmValueTypes
{
    internal static bool IsReference(this WasmValueType type) =>
        type is WasmValueType.FuncRef or WasmValueType.ExternRef or WasmValueType.ExnRef;

    internal static int Slots(this WasmValueType type) => type == WasmValueType.V128 ? 2 : 1;

    /// <summary>The specification's name of the type.</summary>
    internal static string Name(this WasmValueType type) => type switch
    {
        WasmValueType.I32 => "i32",
        WasmValueType.I64 => "i64",
        WasmValueType.F32 => "f32",
        WasmValueType.F64 => "f64",
        WasmValueType.V128 => "v128",
        WasmValueType.FuncRef => "funcref",
        WasmValueType.ExternRef => "externref",
        WasmValueType.ExnRef => "exnref",
        _ => "unknown",
    };
}
