using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Tests.Fuzzing;

/// <summary>The plain instructions, grouped as the generator chooses among them.</summary>
internal static class Instructions
{
    private static readonly OpcodeInfo[] Plain =
        [.. Enumerable.Range(0, 0x300).Select(OpcodeInfo.Of).OfType<OpcodeInfo>().Where(static info => info.IsPlain && !IsConstant(info))];

    /// <summary>By result: what computes.</summary>
    internal static ILookup<WasmValueType, OpcodeInfo> Operations { get; } =
        Plain.Where(static info => !IsAccess(info)).ToLookup(static info => info.Result);

    /// <summary>By result: what reads memory.</summary>
    internal static ILookup<WasmValueType, OpcodeInfo> Loads { get; } =
        Plain.Where(static info => IsAccess(info) && info.Result != WasmValueType.None).ToLookup(static info => info.Result);

    internal static OpcodeInfo[] Stores { get; } = [.. Plain.Where(static info => info.Result == WasmValueType.None)];

    internal static bool IsAccess(OpcodeInfo info) => info.Immediates is Immediates.MemArg or Immediates.MemArgLane;

    internal static bool IsDivision(OpcodeInfo info) =>
        info.Opcode is >= Opcode.I32DivS and <= Opcode.I32RemU or >= Opcode.I64DivS and <= Opcode.I64RemU;

    internal static bool IsTrappingTruncation(OpcodeInfo info) =>
        info.Opcode is >= Opcode.I32TruncF32S and <= Opcode.I32TruncF64U or >= Opcode.I64TruncF32S and <= Opcode.I64TruncF64U;

    /// <summary>Lanes of the vector that the instruction's lane index counts.</summary>
    internal static int LaneCount(OpcodeInfo info)
    {
        if (info.Immediates == Immediates.MemArgLane) return 16 >> info.WidthLog2;
        return info.Name[1] switch { '8' => 16, '1' => 8, '3' => 4, _ => 2 };
    }

    /// <summary>How many bits a lane of the floats has whose NaNs the instruction may make; 0 when it makes none.</summary>
    internal static int NaNLaneBits(OpcodeInfo info)
    {
        int dot = info.Name.IndexOf('.', StringComparison.Ordinal);
        if (info.Name[0] != 'f' || dot < 0 || info.Result is not (WasmValueType.F32 or WasmValueType.F64 or WasmValueType.V128)) return 0;
        string operation = info.Name[(dot + 1)..];
        string[] makers =
        [
            "add", "sub", "mul", "div", "min", "max", "pmin", "pmax", "sqrt", "ceil", "floor", "trunc", "nearest", "demote", "promote",
        ];
        if (!makers.Any(maker => operation == maker || operation.StartsWith(maker + "_", StringComparison.Ordinal))) return 0;
        return info.Name.StartsWith("f32", StringComparison.Ordinal) ? 32 : 64;
    }

    private static bool IsConstant(OpcodeInfo info) =>
        info.Opcode is Opcode.I32Const or Opcode.I64Const or Opcode.F32Const or Opcode.F64Const or Opcode.V128Const;
}
