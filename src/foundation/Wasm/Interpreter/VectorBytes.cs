using System.Runtime.Intrinsics;
using Sirsi.Wasm.Binary;
using static Sirsi.Wasm.Interpreter.VectorOperations;

namespace Sirsi.Wasm.Interpreter;

/// <summary>Operations on sixteen lanes of 8 bits.</summary>
internal static unsafe class VectorBytes
{
    internal static bool Execute(Instr* ip, ulong* fp)
    {
        Vector128<sbyte> a = Load(fp + ip->B).AsSByte();
        Vector128<sbyte> b = Load(fp + ip->C).AsSByte();
        int count = (int)fp[ip->C];
        switch (ip->Op)
        {
            case Opcode.I8x16Abs: return Store(ip, fp, (a ^ (a >> 7)) - (a >> 7));
            case Opcode.I8x16Neg: return Store(ip, fp, -a);
            case Opcode.I8x16AllTrue: return Store(ip, fp, !Vector128.EqualsAny(a, Vector128<sbyte>.Zero));
            case Opcode.I8x16Bitmask: fp[ip->A] = Vector128.ExtractMostSignificantBits(a); return true;
            case Opcode.I8x16Shl: return Store(ip, fp, a << (count & 7));
            case Opcode.I8x16ShrS: return Store(ip, fp, a >> (count & 7));
            case Opcode.I8x16ShrU: return Store(ip, fp, a >>> (count & 7));
            case Opcode.I8x16Add: return Store(ip, fp, a + b);
            case Opcode.I8x16Sub: return Store(ip, fp, a - b);
            case Opcode.I8x16MinS: return Store(ip, fp, Vector128.Min(a, b));
            case Opcode.I8x16MinU: return Store(ip, fp, Vector128.Min(a.AsByte(), b.AsByte()));
            case Opcode.I8x16MaxS: return Store(ip, fp, Vector128.Max(a, b));
            case Opcode.I8x16MaxU: return Store(ip, fp, Vector128.Max(a.AsByte(), b.AsByte()));
            case Opcode.I8x16AddSatS: return Store(ip, fp, Vector128.AddSaturate(a, b));
            case Opcode.I8x16AddSatU: return Store(ip, fp, Vector128.AddSaturate(a.AsByte(), b.AsByte()));
            case Opcode.I8x16SubSatS: return Store(ip, fp, Vector128.SubtractSaturate(a, b));
            case Opcode.I8x16SubSatU: return Store(ip, fp, Vector128.SubtractSaturate(a.AsByte(), b.AsByte()));
            case Opcode.I8x16AvgrU: return Store(ip, fp, (a | b).AsByte() - ((a ^ b).AsByte() >>> 1));
            case Opcode.I8x16NarrowI16x8S: return Store(ip, fp, Vector128.NarrowWithSaturation(a.AsInt16(), b.AsInt16()));
            case Opcode.I8x16NarrowI16x8U: return Store(ip, fp, Vector128.NarrowWithSaturation(Clamp(a), Clamp(b)));
            case Opcode.I8x16Popcnt: return Store(ip, fp, PopCount(a.AsByte()));
            default: return false;
        }
    }

    private static Vector128<ushort> Clamp(Vector128<sbyte> value) => Vector128.Max(value.AsInt16(), Vector128<short>.Zero).AsUInt16();

    /// <summary>Adds neighbouring bits, pairs and nibbles (Warren, Hacker's Delight, 5-1).</summary>
    private static Vector128<byte> PopCount(Vector128<byte> value)
    {
        value -= (value >>> 1) & Vector128.Create((byte)0x55);
        value = (value & Vector128.Create((byte)0x33)) + ((value >>> 2) & Vector128.Create((byte)0x33));
        return (value + (value >>> 4)) & Vector128.Create((byte)0x0F);
    }
}
