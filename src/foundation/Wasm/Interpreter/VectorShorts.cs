using System.Runtime.Intrinsics;
using Sirsi.Wasm.Binary;
using static Sirsi.Wasm.Interpreter.VectorOperations;

namespace Sirsi.Wasm.Interpreter;

/// <summary>Operations on eight lanes of 16 bits.</summary>
internal static unsafe class VectorShorts
{
    internal static bool Execute(Instr* ip, ulong* fp)
    {
        Vector128<short> a = Load(fp + ip->B).AsInt16();
        Vector128<short> b = Load(fp + ip->C).AsInt16();
        int count = (int)fp[ip->C];
        switch (ip->Op)
        {
            case Opcode.I16x8Abs: return Store(ip, fp, (a ^ (a >> 15)) - (a >> 15));
            case Opcode.I16x8Neg: return Store(ip, fp, -a);
            case Opcode.I16x8AllTrue: return Store(ip, fp, !Vector128.EqualsAny(a, Vector128<short>.Zero));
            case Opcode.I16x8Bitmask: fp[ip->A] = Vector128.ExtractMostSignificantBits(a); return true;
            case Opcode.I16x8Shl: return Store(ip, fp, a << (count & 15));
            case Opcode.I16x8ShrS: return Store(ip, fp, a >> (count & 15));
            case Opcode.I16x8ShrU: return Store(ip, fp, a >>> (count & 15));
            case Opcode.I16x8Add: return Store(ip, fp, a + b);
            case Opcode.I16x8Sub: return Store(ip, fp, a - b);
            case Opcode.I16x8Mul: return Store(ip, fp, a * b);
            case Opcode.I16x8MinS: return Store(ip, fp, Vector128.Min(a, b));
            case Opcode.I16x8MinU: return Store(ip, fp, Vector128.Min(a.AsUInt16(), b.AsUInt16()));
            case Opcode.I16x8MaxS: return Store(ip, fp, Vector128.Max(a, b));
            case Opcode.I16x8MaxU: return Store(ip, fp, Vector128.Max(a.AsUInt16(), b.AsUInt16()));
            case Opcode.I16x8AddSatS: return Store(ip, fp, Vector128.AddSaturate(a, b));
            case Opcode.I16x8AddSatU: return Store(ip, fp, Vector128.AddSaturate(a.AsUInt16(), b.AsUInt16()));
            case Opcode.I16x8SubSatS: return Store(ip, fp, Vector128.SubtractSaturate(a, b));
            case Opcode.I16x8SubSatU: return Store(ip, fp, Vector128.SubtractSaturate(a.AsUInt16(), b.AsUInt16()));
            case Opcode.I16x8AvgrU: return Store(ip, fp, (a | b).AsUInt16() - ((a ^ b).AsUInt16() >>> 1));
            case Opcode.I16x8NarrowI32x4S: return Store(ip, fp, Vector128.NarrowWithSaturation(a.AsInt32(), b.AsInt32()));
            case Opcode.I16x8NarrowI32x4U: return Store(ip, fp, Vector128.NarrowWithSaturation(Clamp(a), Clamp(b)));
            case Opcode.I16x8ExtaddPairwiseI8x16S: return Store(ip, fp, ((a << 8) >> 8) + (a >> 8));
            case Opcode.I16x8ExtaddPairwiseI8x16U: return Store(ip, fp, (a & Vector128.Create((short)0xFF)) + (a >>> 8));
            case Opcode.I16x8Q15mulrSatS: return Store(ip, fp, MultiplyQ15(a, b));
            case Opcode.I16x8ExtendLowI8x16S: return Store(ip, fp, Vector128.WidenLower(a.AsSByte()));
            case Opcode.I16x8ExtmulLowI8x16S: return Store(ip, fp, Vector128.WidenLower(a.AsSByte()) * Vector128.WidenLower(b.AsSByte()));
            case Opcode.I16x8ExtendLowI8x16U: return Store(ip, fp, Vector128.WidenLower(a.AsByte()));
            case Opcode.I16x8ExtmulLowI8x16U: return Store(ip, fp, Vector128.WidenLower(a.AsByte()) * Vector128.WidenLower(b.AsByte()));
            case Opcode.I16x8ExtendHighI8x16S: return Store(ip, fp, Vector128.WidenUpper(a.AsSByte()));
            case Opcode.I16x8ExtmulHighI8x16S: return Store(ip, fp, Vector128.WidenUpper(a.AsSByte()) * Vector128.WidenUpper(b.AsSByte()));
            case Opcode.I16x8ExtendHighI8x16U: return Store(ip, fp, Vector128.WidenUpper(a.AsByte()));
            case Opcode.I16x8ExtmulHighI8x16U: return Store(ip, fp, Vector128.WidenUpper(a.AsByte()) * Vector128.WidenUpper(b.AsByte()));
            default: return false;
        }
    }

    private static Vector128<uint> Clamp(Vector128<short> value) => Vector128.Max(value.AsInt32(), Vector128<int>.Zero).AsUInt32();

    /// <summary>Fixed-point multiplication with 15 bits behind the point, rounded; only -1 times -1 does not fit.</summary>
    private static Vector128<short> MultiplyQ15(Vector128<short> a, Vector128<short> b)
    {
        Vector128<int> half = Vector128.Create(0x4000);
        Vector128<int> low = ((Vector128.WidenLower(a) * Vector128.WidenLower(b)) + half) >> 15;
        Vector128<int> high = ((Vector128.WidenUpper(a) * Vector128.WidenUpper(b)) + half) >> 15;
        return Vector128.NarrowWithSaturation(low, high);
    }
}
