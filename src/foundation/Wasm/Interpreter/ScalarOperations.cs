using System.Numerics;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Interpreter;

/// <summary>The scalar operations that cannot trap and are not in the dispatch loop.</summary>
internal static unsafe class ScalarOperations
{
    private const uint Sign32 = 0x8000_0000;
    private const ulong Sign64 = 0x8000_0000_0000_0000;

    /// <summary>False when the operation is none of these.</summary>
    internal static bool Execute(Instr* ip, ulong* fp)
    {
        if (ip->Op is >= Opcode.F32Abs and <= Opcode.F32Copysign) return Float32(ip, fp);
        if (ip->Op is >= Opcode.F64Abs and <= Opcode.F64Copysign) return Float64(ip, fp);
        return Bits(ip, fp) || Convert(ip, fp);
    }

    private static bool Float32(Instr* ip, ulong* fp)
    {
        uint bits = (uint)fp[ip->B];
        float a = BitConverter.UInt32BitsToSingle(bits);
        float b = *(float*)(fp + ip->C);
        ulong* to = fp + ip->A;
        switch (ip->Op)
        {
            case Opcode.F32Abs: *to = bits & ~Sign32; return true;
            case Opcode.F32Neg: *to = bits ^ Sign32; return true;
            case Opcode.F32Copysign: *to = (bits & ~Sign32) | (BitConverter.SingleToUInt32Bits(b) & Sign32); return true;
            case Opcode.F32Ceil: a = MathF.Ceiling(a); break;
            case Opcode.F32Floor: a = MathF.Floor(a); break;
            case Opcode.F32Trunc: a = MathF.Truncate(a); break;
            case Opcode.F32Nearest: a = MathF.Round(a, MidpointRounding.ToEven); break;
            case Opcode.F32Sqrt: a = MathF.Sqrt(a); break;

            // Adding two numbers of which one is NaN gives a quiet NaN, which Min and Max do not promise.
            case Opcode.F32Min: a = float.IsNaN(a) || float.IsNaN(b) ? a + b : MathF.Min(a, b); break;
            case Opcode.F32Max: a = float.IsNaN(a) || float.IsNaN(b) ? a + b : MathF.Max(a, b); break;
            default: return false;
        }

        *to = BitConverter.SingleToUInt32Bits(Quiet(a));
        return true;
    }

    private static bool Float64(Instr* ip, ulong* fp)
    {
        ulong bits = fp[ip->B];
        double a = BitConverter.UInt64BitsToDouble(bits);
        double b = *(double*)(fp + ip->C);
        ulong* to = fp + ip->A;
        switch (ip->Op)
        {
            case Opcode.F64Abs: *to = bits & ~Sign64; return true;
            case Opcode.F64Neg: *to = bits ^ Sign64; return true;
            case Opcode.F64Copysign: *to = (bits & ~Sign64) | (BitConverter.DoubleToUInt64Bits(b) & Sign64); return true;
            case Opcode.F64Ceil: a = Math.Ceiling(a); break;
            case Opcode.F64Floor: a = Math.Floor(a); break;
            case Opcode.F64Trunc: a = Math.Truncate(a); break;
            case Opcode.F64Nearest: a = Math.Round(a, MidpointRounding.ToEven); break;
            case Opcode.F64Sqrt: a = Math.Sqrt(a); break;
            case Opcode.F64Min: a = double.IsNaN(a) || double.IsNaN(b) ? a + b : Math.Min(a, b); break;
            case Opcode.F64Max: a = double.IsNaN(a) || double.IsNaN(b) ? a + b : Math.Max(a, b); break;
            default: return false;
        }

        *to = BitConverter.DoubleToUInt64Bits(Quiet(a));
        return true;
    }

    private static bool Bits(Instr* ip, ulong* fp)
    {
        ulong* to = fp + ip->A;
        uint a = (uint)fp[ip->B];
        ulong w = fp[ip->B];
        switch (ip->Op)
        {
            case Opcode.I32Clz: *to = (uint)BitOperations.LeadingZeroCount(a); return true;
            case Opcode.I32Ctz: *to = (uint)BitOperations.TrailingZeroCount(a); return true;
            case Opcode.I32Popcnt: *to = (uint)BitOperations.PopCount(a); return true;
            case Opcode.I64Clz: *to = (uint)BitOperations.LeadingZeroCount(w); return true;
            case Opcode.I64Ctz: *to = (uint)BitOperations.TrailingZeroCount(w); return true;
            case Opcode.I64Popcnt: *to = (uint)BitOperations.PopCount(w); return true;
            case Opcode.I32Extend8S: *to = (uint)(sbyte)a; return true;
            case Opcode.I32Extend16S: *to = (uint)(short)a; return true;
            case Opcode.I64Extend8S: *to = (ulong)(sbyte)w; return true;
            case Opcode.I64Extend16S: *to = (ulong)(short)w; return true;
            case Opcode.I64Extend32S: *to = (ulong)(int)w; return true;
            case Opcode.I32ReinterpretF32 or Opcode.F32ReinterpretI32: *to = a; return true;
            case Opcode.I64ReinterpretF64 or Opcode.F64ReinterpretI64: *to = w; return true;
            default: return false;
        }
    }

    private static bool Convert(Instr* ip, ulong* fp)
    {
        ulong* to = fp + ip->A;
        ulong w = fp[ip->B];
        float f = *(float*)(fp + ip->B);
        double d = *(double*)(fp + ip->B);
        switch (ip->Op)
        {
            case Opcode.F32ConvertI32S: *(float*)to = (int)w; return true;
            case Opcode.F32ConvertI32U: *(float*)to = (uint)w; return true;
            case Opcode.F32ConvertI64S: *(float*)to = (long)w; return true;
            case Opcode.F32ConvertI64U: *(float*)to = w; return true;
            case Opcode.F32DemoteF64: *(float*)to = Quiet((float)d); return true;
            case Opcode.F64ConvertI32U: *(double*)to = (uint)w; return true;
            case Opcode.F64ConvertI64S: *(double*)to = (long)w; return true;
            case Opcode.F64ConvertI64U: *(double*)to = w; return true;
            case Opcode.F64PromoteF32: *(double*)to = Quiet((double)f); return true;

            // Plain conversions of .NET saturate and turn NaN into zero, as asked for here.
            case Opcode.I32TruncSatF32S: *to = (uint)(int)f; return true;
            case Opcode.I32TruncSatF32U: *to = (uint)f; return true;
            case Opcode.I32TruncSatF64S: *to = (uint)(int)d; return true;
            case Opcode.I32TruncSatF64U: *to = (uint)d; return true;
            case Opcode.I64TruncSatF32S: *to = (ulong)(long)f; return true;
            case Opcode.I64TruncSatF32U: *to = (ulong)f; return true;
            case Opcode.I64TruncSatF64S: *to = (ulong)(long)d; return true;
            case Opcode.I64TruncSatF64U: *to = (ulong)d; return true;
            default: return false;
        }
    }

    private static float Quiet(float value) => float.IsNaN(value) ? value + value : value;

    private static double Quiet(double value) => double.IsNaN(value) ? value + value : value;
}
