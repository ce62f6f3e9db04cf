using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Interpreter;

/// <summary>Conversions of floating point to integers that trap when there is no such integer.</summary>
internal static unsafe class TruncationOperations
{
    private const double TwoTo31 = 2147483648.0;
    private const double TwoTo32 = 4294967296.0;
    private const double TwoTo63 = 9223372036854775808.0;
    private const double TwoTo64 = 18446744073709551616.0;

    /// <summary>Converts, or says why it traps. An f32 is converted by way of f64, which holds each of them exactly.</summary>
    internal static WasmTrapKind? Execute(Instr* ip, ulong* fp)
    {
        bool isSingle = ip->Op is Opcode.I32TruncF32S or Opcode.I32TruncF32U or Opcode.I64TruncF32S or Opcode.I64TruncF32U;
        double value = isSingle ? *(float*)(fp + ip->B) : *(double*)(fp + ip->B);
        if (double.IsNaN(value)) return WasmTrapKind.InvalidConversionToInteger;
        bool fits;
        ulong result;
        switch (ip->Op)
        {
            case Opcode.I32TruncF32S or Opcode.I32TruncF64S:
                fits = value > -TwoTo31 - 1 && value < TwoTo31;
                result = (uint)(int)value;
                break;
            case Opcode.I32TruncF32U or Opcode.I32TruncF64U:
                fits = value > -1 && value < TwoTo32;
                result = (uint)value;
                break;
            case Opcode.I64TruncF32S or Opcode.I64TruncF64S:
                fits = value >= -TwoTo63 && value < TwoTo63;
                result = (ulong)(long)value;
                break;
            case Opcode.I64TruncF32U or Opcode.I64TruncF64U:
                fits = value > -1 && value < TwoTo64;
                result = (ulong)value;
                break;
            default:
                throw new InvalidOperationException($"The interpreter has no operation {(int)ip->Op}.");
        }

        if (!fits) return WasmTrapKind.IntegerOverflow;
        fp[ip->A] = result;
        return null;
    }
}
