using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V128 = System.Runtime.Intrinsics.Vector128<byte>;

namespace Sirsi.Wasm.Operations;

/// <summary>Operations on sixteen lanes of 8 bits.</summary>
internal static partial class VectorOperations
{
    internal static V128 I8x16Abs(V128 a) => Vector128.Abs(a.AsSByte()).AsByte();

    internal static V128 I8x16Neg(V128 a) => (-a.AsSByte()).AsByte();

    internal static int I8x16AllTrue(V128 a) => Vector128.EqualsAny(a.AsSByte(), Vector128<sbyte>.Zero) ? 0 : 1;

    internal static int I8x16Bitmask(V128 a) => (int)a.AsSByte().ExtractMostSignificantBits();

    internal static V128 I8x16Shl(V128 a, int count) => (a.AsSByte() << (count & 7)).AsByte();

    internal static V128 I8x16ShrS(V128 a, int count) => (a.AsSByte() >> (count & 7)).AsByte();

    internal static V128 I8x16ShrU(V128 a, int count) => (a.AsSByte() >>> (count & 7)).AsByte();

    internal static V128 I8x16Add(V128 a, V128 b) => (a.AsSByte() + b.AsSByte()).AsByte();

    internal static V128 I8x16Sub(V128 a, V128 b) => (a.AsSByte() - b.AsSByte()).AsByte();

    internal static V128 I8x16MinS(V128 a, V128 b) => Vector128.Min(a.AsSByte(), b.AsSByte()).AsByte();

    internal static V128 I8x16MinU(V128 a, V128 b) => Vector128.Min(a, b);

    internal static V128 I8x16MaxS(V128 a, V128 b) => Vector128.Max(a.AsSByte(), b.AsSByte()).AsByte();

    internal static V128 I8x16MaxU(V128 a, V128 b) => Vector128.Max(a, b);

    internal static V128 I8x16AddSatS(V128 a, V128 b) => Vector128.AddSaturate(a.AsSByte(), b.AsSByte()).AsByte();

    internal static V128 I8x16AddSatU(V128 a, V128 b) => Vector128.AddSaturate(a, b);

    internal static V128 I8x16SubSatS(V128 a, V128 b) => Vector128.SubtractSaturate(a.AsSByte(), b.AsSByte()).AsByte();

    internal static V128 I8x16SubSatU(V128 a, V128 b) => Vector128.SubtractSaturate(a, b);

    internal static V128 I8x16AvgrU(V128 a, V128 b) => Sse2.IsSupported ? Sse2.Average(a, b) : (a | b) - ((a ^ b) >>> 1);

    internal static V128 I8x16NarrowI16x8S(V128 a, V128 b) => Vector128.NarrowWithSaturation(a.AsInt16(), b.AsInt16()).AsByte();

    internal static V128 I8x16NarrowI16x8U(V128 a, V128 b) => Sse2.IsSupported
        ? Sse2.PackUnsignedSaturate(a.AsInt16(), b.AsInt16())
        : Vector128.NarrowWithSaturation(ClampShorts(a), ClampShorts(b));

    internal static V128 I8x16Popcnt(V128 a) => PopCount(a);

    private static Vector128<ushort> ClampShorts(V128 value) => Vector128.Max(value.AsInt16(), Vector128<short>.Zero).AsUInt16();

    /// <summary>Adds neighbouring bits, pairs and nibbles (Warren, Hacker's Delight, 5-1).</summary>
    private static V128 PopCount(V128 value)
    {
        value -= (value >>> 1) & Vector128.Create((byte)0x55);
        value = (value & Vector128.Create((byte)0x33)) + ((value >>> 2) & Vector128.Create((byte)0x33));
        return (value + (value >>> 4)) & Vector128.Create((byte)0x0F);
    }
}
