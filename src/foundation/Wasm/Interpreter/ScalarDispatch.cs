using System.Diagnostics.CodeAnalysis;
using Sirsi.Wasm.Binary;
using static Sirsi.Wasm.Operations.ScalarOperations;

namespace Sirsi.Wasm.Interpreter;

/// <summary>The scalar operations that are not in the dispatch loop.</summary>
internal static unsafe class ScalarDispatch
{
    /// <summary>False when the operation is none of those that cannot trap.</summary>
    internal static bool Execute(Instr* ip, ulong* fp)
    {
        if (ip->Op is >= Opcode.F32Abs and <= Opcode.F32Copysign) return Float32(ip, fp);
        if (ip->Op is >= Opcode.F64Abs and <= Opcode.F64Copysign) return Float64(ip, fp);
        return Bits(ip, fp) || Convert(ip, fp);
    }

    /// <summary>Converts, or says why it traps.</summary>
    internal static WasmTrapKind? Truncate(Instr* ip, ulong* fp)
    {
        if (ip->Op is < Opcode.I32TruncF32S or > Opcode.I64TruncF64U)
            throw new InvalidOperationException($"The interpreter has no operation {(int)ip->Op}.");
        bool isSingle = ip->Op is Opcode.I32TruncF32S or Opcode.I32TruncF32U or Opcode.I64TruncF32S or Opcode.I64TruncF32U;
        double value = isSingle ? *(float*)(fp + ip->B) : *(double*)(fp + ip->B);
        if (Operations.Truncation.Convert(ip->Op, value, out ulong result) is { } trap) return trap;
        fp[ip->A] = result;
        return null;
    }

    private static bool Float32(Instr* ip, ulong* fp)
    {
        float a = *(float*)(fp + ip->B);
        float b = *(float*)(fp + ip->C);
        float result;
        switch (ip->Op)
        {
            case Opcode.F32Abs: result = F32Abs(a); break;
            case Opcode.F32Neg: result = F32Neg(a); break;
            case Opcode.F32Copysign: result = F32Copysign(a, b); break;
            case Opcode.F32Ceil: result = F32Ceil(a); break;
            case Opcode.F32Floor: result = F32Floor(a); break;
            case Opcode.F32Trunc: result = F32Trunc(a); break;
            case Opcode.F32Nearest: result = F32Nearest(a); break;
            case Opcode.F32Sqrt: result = F32Sqrt(a); break;
            case Opcode.F32Min: result = F32Min(a, b); break;
            case Opcode.F32Max: result = F32Max(a, b); break;
            default: return false;
        }

        fp[ip->A] = BitConverter.SingleToUInt32Bits(result);
        return true;
    }

    private static bool Float64(Instr* ip, ulong* fp)
    {
        double a = *(double*)(fp + ip->B);
        double b = *(double*)(fp + ip->C);
        double result;
        switch (ip->Op)
        {
            case Opcode.F64Abs: result = F64Abs(a); break;
            case Opcode.F64Neg: result = F64Neg(a); break;
            case Opcode.F64Copysign: result = F64Copysign(a, b); break;
            case Opcode.F64Ceil: result = F64Ceil(a); break;
            case Opcode.F64Floor: result = F64Floor(a); break;
            case Opcode.F64Trunc: result = F64Trunc(a); break;
            case Opcode.F64Nearest: result = F64Nearest(a); break;
            case Opcode.F64Sqrt: result = F64Sqrt(a); break;
            case Opcode.F64Min: result = F64Min(a, b); break;
            case Opcode.F64Max: result = F64Max(a, b); break;
            default: return false;
        }

        *(double*)(fp + ip->A) = result;
        return true;
    }

    private static bool Bits(Instr* ip, ulong* fp)
    {
        ulong* to = fp + ip->A;
        int a = (int)fp[ip->B];
        long w = (long)fp[ip->B];
        switch (ip->Op)
        {
            case Opcode.I32Clz: *to = (uint)I32Clz(a); return true;
            case Opcode.I32Ctz: *to = (uint)I32Ctz(a); return true;
            case Opcode.I32Popcnt: *to = (uint)I32Popcnt(a); return true;
            case Opcode.I64Clz: *to = (ulong)I64Clz(w); return true;
            case Opcode.I64Ctz: *to = (ulong)I64Ctz(w); return true;
            case Opcode.I64Popcnt: *to = (ulong)I64Popcnt(w); return true;
            case Opcode.I32Extend8S: *to = (uint)(sbyte)a; return true;
            case Opcode.I32Extend16S: *to = (uint)(short)a; return true;
            case Opcode.I64Extend8S: *to = (ulong)(sbyte)w; return true;
            case Opcode.I64Extend16S: *to = (ulong)(short)w; return true;
            case Opcode.I64Extend32S: *to = (ulong)(int)w; return true;
            case Opcode.I32ReinterpretF32 or Opcode.F32ReinterpretI32: *to = (uint)a; return true;
            case Opcode.I64ReinterpretF64 or Opcode.F64ReinterpretI64: *to = (ulong)w; return true;
            default: return false;
        }
    }

    [SuppressMessage("Design", "MA0051", Justification = "A switch with a line per operation.")]
    private static bool Convert(Instr* ip, ulong* fp)
    {
        ulong* to = fp + ip->A;
        ulong w = fp[ip->B];
        float f = *(float*)(fp + ip->B);
        double d = *(double*)(fp + ip->B);
        switch (ip->Op)
        {
            case Opcode.F32ConvertI32S: *(float*)to = (int)w; return true;
            case Opcode.F32ConvertI32U: *(float*)to = F32ConvertI32U((int)w); return true;
            case Opcode.F32ConvertI64S: *(float*)to = (long)w; return true;
            case Opcode.F32ConvertI64U: *(float*)to = F32ConvertI64U((long)w); return true;
            case Opcode.F32DemoteF64: *(float*)to = F32DemoteF64(d); return true;
            case Opcode.F64ConvertI32U: *(double*)to = F64ConvertI32U((int)w); return true;
            case Opcode.F64ConvertI64S: *(double*)to = (long)w; return true;
            case Opcode.F64ConvertI64U: *(double*)to = F64ConvertI64U((long)w); return true;
            case Opcode.F64PromoteF32: *(double*)to = F64PromoteF32(f); return true;
            case Opcode.I32TruncSatF32S: *to = (uint)I32TruncSatF32S(f); return true;
            case Opcode.I32TruncSatF32U: *to = (uint)I32TruncSatF32U(f); return true;
            case Opcode.I32TruncSatF64S: *to = (uint)I32TruncSatF64S(d); return true;
            case Opcode.I32TruncSatF64U: *to = (uint)I32TruncSatF64U(d); return true;
            case Opcode.I64TruncSatF32S: *to = (ulong)I64TruncSatF32S(f); return true;
            case Opcode.I64TruncSatF32U: *to = (ulong)I64TruncSatF32U(f); return true;
            case Opcode.I64TruncSatF64S: *to = (ulong)I64TruncSatF64S(d); return true;
            case Opcode.I64TruncSatF64U: *to = (ulong)I64TruncSatF64U(d); return true;
            default: return false;
        }
    }
}
