using System.Runtime.Intrinsics;
using Sirsi.Wasm.Binary;
using static Sirsi.Wasm.Interpreter.VectorOperations;

namespace Sirsi.Wasm.Interpreter;

/// <summary>Operations on four lanes of 32 bits.</summary>
internal static unsafe class VectorInts
{
    internal static bool Execute(Instr* ip, ulong* fp)
    {
        Vector128<int> a = Load(fp + ip->B).AsInt32();
        Vector128<int> b = Load(fp + ip->C).AsInt32();
        int count = (int)fp[ip->C];
        switch (ip->Op)
        {
            case Opcode.I32x4Abs: return Store(ip, fp, (a ^ (a >> 31)) - (a >> 31));
            case Opcode.I32x4Neg: return Store(ip, fp, -a);
            case Opcode.I32x4AllTrue: return Store(ip, fp, !Vector128.EqualsAny(a, Vector128<int>.Zero));
            case Opcode.I32x4Bitmask: fp[ip->A] = Vector128.ExtractMostSignificantBits(a); return true;
            case Opcode.I32x4Shl: return Store(ip, fp, a << (count & 31));
            case Opcode.I32x4ShrS: return Store(ip, fp, a >> (count & 31));
            case Opcode.I32x4ShrU: return Store(ip, fp, a >>> (count & 31));
            case Opcode.I32x4Add: return Store(ip, fp, a + b);
            case Opcode.I32x4Sub: return Store(ip, fp, a - b);
            case Opcode.I32x4Mul: return Store(ip, fp, a * b);
            case Opcode.I32x4MinS: return Store(ip, fp, Vector128.Min(a, b));
            case Opcode.I32x4MinU: return Store(ip, fp, Vector128.Min(a.AsUInt32(), b.AsUInt32()));
            case Opcode.I32x4MaxS: return Store(ip, fp, Vector128.Max(a, b));
            case Opcode.I32x4MaxU: return Store(ip, fp, Vector128.Max(a.AsUInt32(), b.AsUInt32()));
            case Opcode.I32x4DotI16x8S: return Store(ip, fp, (((a << 16) >> 16) * ((b << 16) >> 16)) + ((a >> 16) * (b >> 16)));
            case Opcode.I32x4ExtendLowI16x8S: return Store(ip, fp, Vector128.WidenLower(a.AsInt16()));
            case Opcode.I32x4ExtmulLowI16x8S: return Store(ip, fp, Vector128.WidenLower(a.AsInt16()) * Vector128.WidenLower(b.AsInt16()));
            case Opcode.I32x4ExtendLowI16x8U: return Store(ip, fp, Vector128.WidenLower(a.AsUInt16()));
            case Opcode.I32x4ExtmulLowI16x8U: return Store(ip, fp, Vector128.WidenLower(a.AsUInt16()) * Vector128.WidenLower(b.AsUInt16()));
            case Opcode.I32x4ExtendHighI16x8S: return Store(ip, fp, Vector128.WidenUpper(a.AsInt16()));
            case Opcode.I32x4ExtmulHighI16x8S: return Store(ip, fp, Vector128.WidenUpper(a.AsInt16()) * Vector128.WidenUpper(b.AsInt16()));
            case Opcode.I32x4ExtendHighI16x8U: return Store(ip, fp, Vector128.WidenUpper(a.AsUInt16()));
            case Opcode.I32x4ExtmulHighI16x8U:
                return Store(ip, fp, Vector128.WidenUpper(a.AsUInt16()) * Vector128.WidenUpper(b.AsUInt16()));
            case Opcode.I32x4ExtaddPairwiseI16x8S: return Store(ip, fp, ((a << 16) >> 16) + (a >> 16));
            case Opcode.I32x4ExtaddPairwiseI16x8U: return Store(ip, fp, (a & Vector128.Create(0xFFFF)) + (a >>> 16));
            default: return false;
        }
    }
}
