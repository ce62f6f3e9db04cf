using System.Runtime.Intrinsics;
using Sirsi.Wasm.Binary;
using static Sirsi.Wasm.Interpreter.VectorOperations;

namespace Sirsi.Wasm.Interpreter;

/// <summary>Operations on two lanes of 64 bits.</summary>
internal static unsafe class VectorLongs
{
    internal static bool Execute(Instr* ip, ulong* fp)
    {
        Vector128<long> a = Load(fp + ip->B).AsInt64();
        Vector128<long> b = Load(fp + ip->C).AsInt64();
        int count = (int)fp[ip->C];
        switch (ip->Op)
        {
            case Opcode.I64x2Abs: return Store(ip, fp, (a ^ (a >> 63)) - (a >> 63));
            case Opcode.I64x2Neg: return Store(ip, fp, -a);
            case Opcode.I64x2AllTrue: return Store(ip, fp, !Vector128.EqualsAny(a, Vector128<long>.Zero));
            case Opcode.I64x2Bitmask: fp[ip->A] = Vector128.ExtractMostSignificantBits(a); return true;
            case Opcode.I64x2Shl: return Store(ip, fp, a << (count & 63));
            case Opcode.I64x2ShrS: return Store(ip, fp, a >> (count & 63));
            case Opcode.I64x2ShrU: return Store(ip, fp, a >>> (count & 63));
            case Opcode.I64x2Add: return Store(ip, fp, a + b);
            case Opcode.I64x2Sub: return Store(ip, fp, a - b);
            case Opcode.I64x2Mul: return Store(ip, fp, a * b);
            case Opcode.I64x2Eq: return Store(ip, fp, Vector128.Equals(a, b));
            case Opcode.I64x2Ne: return Store(ip, fp, ~Vector128.Equals(a, b));
            case Opcode.I64x2LtS: return Store(ip, fp, Vector128.LessThan(a, b));
            case Opcode.I64x2GtS: return Store(ip, fp, Vector128.GreaterThan(a, b));
            case Opcode.I64x2LeS: return Store(ip, fp, Vector128.LessThanOrEqual(a, b));
            case Opcode.I64x2GeS: return Store(ip, fp, Vector128.GreaterThanOrEqual(a, b));
            case Opcode.I64x2ExtendLowI32x4S: return Store(ip, fp, Vector128.WidenLower(a.AsInt32()));
            case Opcode.I64x2ExtmulLowI32x4S: return Store(ip, fp, Vector128.WidenLower(a.AsInt32()) * Vector128.WidenLower(b.AsInt32()));
            case Opcode.I64x2ExtendLowI32x4U: return Store(ip, fp, Vector128.WidenLower(a.AsUInt32()));
            case Opcode.I64x2ExtmulLowI32x4U: return Store(ip, fp, Vector128.WidenLower(a.AsUInt32()) * Vector128.WidenLower(b.AsUInt32()));
            case Opcode.I64x2ExtendHighI32x4S: return Store(ip, fp, Vector128.WidenUpper(a.AsInt32()));
            case Opcode.I64x2ExtmulHighI32x4S: return Store(ip, fp, Vector128.WidenUpper(a.AsInt32()) * Vector128.WidenUpper(b.AsInt32()));
            case Opcode.I64x2ExtendHighI32x4U: return Store(ip, fp, Vector128.WidenUpper(a.AsUInt32()));
            case Opcode.I64x2ExtmulHighI32x4U:
                return Store(ip, fp, Vector128.WidenUpper(a.AsUInt32()) * Vector128.WidenUpper(b.AsUInt32()));
            default: return false;
        }
    }
}
