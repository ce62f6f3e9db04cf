using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V128 = System.Runtime.Intrinsics.Vector128<byte>;

namespace Sirsi.Wasm.Operations;

/// <summary>Operations on eight lanes of 16 bits.</summary>
internal static partial class VectorOperations
{
    internal static V128 I16x8Abs(V128 a) => Vector128.Abs(a.AsInt16()).AsByte();

    internal static V128 I16x8Neg(V128 a) => (-a.AsInt16()).AsByte();

    internal static int I16x8AllTrue(V128 a) => Vector128.EqualsAny(a.AsInt16(), Vector128<short>.Zero) ? 0 : 1;

    internal static int I16x8Bitmask(V128 a) => (int)a.AsInt16().ExtractMostSignificantBits();

    internal static V128 I16x8Shl(V128 a, int count) => (a.AsInt16() << (count & 15)).AsByte();

    internal static V128 I16x8ShrS(V128 a, int count) => (a.AsInt16() >> (count & 15)).AsByte();

    internal static V128 I16x8ShrU(V128 a, int count) => (a.AsInt16() >>> (count & 15)).AsByte();

    internal static V128 I16x8Add(V128 a, V128 b) => (a.AsInt16() + b.AsInt16()).AsByte();

    internal static V128 I16x8Sub(V128 a, V128 b) => (a.AsInt16() - b.AsInt16()).AsByte();

    internal static V128 I16x8Mul(V128 a, V128 b) => (a.AsInt16() * b.AsInt16()).AsByte();

    internal static V128 I16x8MinS(V128 a, V128 b) => Vector128.Min(a.AsInt16(), b.AsInt16()).AsByte();

    internal static V128 I16x8MinU(V128 a, V128 b) => Vector128.Min(a.AsUInt16(), b.AsUInt16()).AsByte();

    internal static V128 I16x8MaxS(V128 a, V128 b) => Vector128.Max(a.AsInt16(), b.AsInt16()).AsByte();

    internal static V128 I16x8MaxU(V128 a, V128 b) => Vector128.Max(a.AsUInt16(), b.AsUInt16()).AsByte();

    internal static V128 I16x8AddSatS(V128 a, V128 b) => Vector128.AddSaturate(a.AsInt16(), b.AsInt16()).AsByte();

    internal static V128 I16x8AddSatU(V128 a, V128 b) => Vector128.AddSaturate(a.AsUInt16(), b.AsUInt16()).AsByte();

    internal static V128 I16x8SubSatS(V128 a, V128 b) => Vector128.SubtractSaturate(a.AsInt16(), b.AsInt16()).AsByte();

    internal static V128 I16x8SubSatU(V128 a, V128 b) => Vector128.SubtractSaturate(a.AsUInt16(), b.AsUInt16()).AsByte();

    internal static V128 I16x8AvgrU(V128 a, V128 b) => Sse2.IsSupported
        ? Sse2.Average(a.AsUInt16(), b.AsUInt16()).AsByte()
        : ((a | b).AsUInt16() - ((a ^ b).AsUInt16() >>> 1)).AsByte();

    internal static V128 I16x8NarrowI32x4S(V128 a, V128 b) => Vector128.NarrowWithSaturation(a.AsInt32(), b.AsInt32()).AsByte();

    internal static V128 I16x8NarrowI32x4U(V128 a, V128 b) => Sse41.IsSupported
        ? Sse41.PackUnsignedSaturate(a.AsInt32(), b.AsInt32()).AsByte()
        : Vector128.NarrowWithSaturation(ClampInts(a), ClampInts(b)).AsByte();

    internal static V128 I16x8ExtaddPairwiseI8x16S(V128 a) => Ssse3.IsSupported
        ? Ssse3.MultiplyAddAdjacent(Vector128<byte>.One, a.AsSByte()).AsByte()
        : (((a.AsInt16() << 8) >> 8) + (a.AsInt16() >> 8)).AsByte();

    internal static V128 I16x8ExtaddPairwiseI8x16U(V128 a) => Ssse3.IsSupported
        ? Ssse3.MultiplyAddAdjacent(a, Vector128<sbyte>.One).AsByte()
        : ((a.AsInt16() & Vector128.Create((short)0xFF)) + (a.AsInt16() >>> 8)).AsByte();

    internal static V128 I16x8Q15mulrSatS(V128 a, V128 b) => MultiplyQ15(a.AsInt16(), b.AsInt16()).AsByte();

    internal static V128 I16x8ExtendLowI8x16S(V128 a) => Vector128.WidenLower(a.AsSByte()).AsByte();

    internal static V128 I16x8ExtmulLowI8x16S(V128 a, V128 b) =>
        (Vector128.WidenLower(a.AsSByte()) * Vector128.WidenLower(b.AsSByte())).AsByte();

    internal static V128 I16x8ExtendLowI8x16U(V128 a) => Vector128.WidenLower(a).AsByte();

    internal static V128 I16x8ExtmulLowI8x16U(V128 a, V128 b) => (Vector128.WidenLower(a) * Vector128.WidenLower(b)).AsByte();

    internal static V128 I16x8ExtendHighI8x16S(V128 a) => Vector128.WidenUpper(a.AsSByte()).AsByte();

    internal static V128 I16x8ExtmulHighI8x16S(V128 a, V128 b) =>
        (Vector128.WidenUpper(a.AsSByte()) * Vector128.WidenUpper(b.AsSByte())).AsByte();

    internal static V128 I16x8ExtendHighI8x16U(V128 a) => Vector128.WidenUpper(a).AsByte();

    internal static V128 I16x8ExtmulHighI8x16U(V128 a, V128 b) => (Vector128.WidenUpper(a) * Vector128.WidenUpper(b)).AsByte();

    private static Vector128<uint> ClampInts(V128 value) => Vector128.Max(value.AsInt32(), Vector128<int>.Zero).AsUInt32();

    /// <summary>Fixed-point multiplication with 15 bits behind the point, rounded; only -1 times -1 does not fit.</summary>
    private static Vector128<short> MultiplyQ15(Vector128<short> a, Vector128<short> b)
    {
        if (Ssse3.IsSupported)
        {
            Vector128<short> product = Ssse3.MultiplyHighRoundScale(a, b);
            return product ^ Vector128.Equals(product, Vector128.Create(short.MinValue));
        }

        Vector128<int> half = Vector128.Create(0x4000);
        Vector128<int> low = ((Vector128.WidenLower(a) * Vector128.WidenLower(b)) + half) >> 15;
        Vector128<int> high = ((Vector128.WidenUpper(a) * Vector128.WidenUpper(b)) + half) >> 15;
        return Vector128.NarrowWithSaturation(low, high);
    }
}
