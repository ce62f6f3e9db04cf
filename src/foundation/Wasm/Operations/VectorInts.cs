using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V128 = System.Runtime.Intrinsics.Vector128<byte>;

namespace Sirsi.Wasm.Operations;

/// <summary>Operations on four lanes of 32 bits.</summary>
internal static partial class VectorOperations
{
    internal static V128 I32x4Abs(V128 a) => Vector128.Abs(a.AsInt32()).AsByte();

    internal static V128 I32x4Neg(V128 a) => (-a.AsInt32()).AsByte();

    internal static int I32x4AllTrue(V128 a) => Vector128.EqualsAny(a.AsInt32(), Vector128<int>.Zero) ? 0 : 1;

    internal static int I32x4Bitmask(V128 a) => (int)a.AsInt32().ExtractMostSignificantBits();

    internal static V128 I32x4Shl(V128 a, int count) => (a.AsInt32() << (count & 31)).AsByte();

    internal static V128 I32x4ShrS(V128 a, int count) => (a.AsInt32() >> (count & 31)).AsByte();

    internal static V128 I32x4ShrU(V128 a, int count) => (a.AsInt32() >>> (count & 31)).AsByte();

    internal static V128 I32x4Add(V128 a, V128 b) => (a.AsInt32() + b.AsInt32()).AsByte();

    internal static V128 I32x4Sub(V128 a, V128 b) => (a.AsInt32() - b.AsInt32()).AsByte();

    internal static V128 I32x4Mul(V128 a, V128 b) => (a.AsInt32() * b.AsInt32()).AsByte();

    internal static V128 I32x4MinS(V128 a, V128 b) => Vector128.Min(a.AsInt32(), b.AsInt32()).AsByte();

    internal static V128 I32x4MinU(V128 a, V128 b) => Vector128.Min(a.AsUInt32(), b.AsUInt32()).AsByte();

    internal static V128 I32x4MaxS(V128 a, V128 b) => Vector128.Max(a.AsInt32(), b.AsInt32()).AsByte();

    internal static V128 I32x4MaxU(V128 a, V128 b) => Vector128.Max(a.AsUInt32(), b.AsUInt32()).AsByte();

    internal static V128 I32x4DotI16x8S(V128 a, V128 b) => Sse2.IsSupported
        ? Sse2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()).AsByte()
        : ((((a.AsInt32() << 16) >> 16) * ((b.AsInt32() << 16) >> 16)) + ((a.AsInt32() >> 16) * (b.AsInt32() >> 16))).AsByte();

    internal static V128 I32x4ExtendLowI16x8S(V128 a) => Vector128.WidenLower(a.AsInt16()).AsByte();

    internal static V128 I32x4ExtmulLowI16x8S(V128 a, V128 b) =>
        (Vector128.WidenLower(a.AsInt16()) * Vector128.WidenLower(b.AsInt16())).AsByte();

    internal static V128 I32x4ExtendLowI16x8U(V128 a) => Vector128.WidenLower(a.AsUInt16()).AsByte();

    internal static V128 I32x4ExtmulLowI16x8U(V128 a, V128 b) =>
        (Vector128.WidenLower(a.AsUInt16()) * Vector128.WidenLower(b.AsUInt16())).AsByte();

    internal static V128 I32x4ExtendHighI16x8S(V128 a) => Vector128.WidenUpper(a.AsInt16()).AsByte();

    internal static V128 I32x4ExtmulHighI16x8S(V128 a, V128 b) =>
        (Vector128.WidenUpper(a.AsInt16()) * Vector128.WidenUpper(b.AsInt16())).AsByte();

    internal static V128 I32x4ExtendHighI16x8U(V128 a) => Vector128.WidenUpper(a.AsUInt16()).AsByte();

    internal static V128 I32x4ExtmulHighI16x8U(V128 a, V128 b) =>
        (Vector128.WidenUpper(a.AsUInt16()) * Vector128.WidenUpper(b.AsUInt16())).AsByte();

    internal static V128 I32x4ExtaddPairwiseI16x8S(V128 a) => Sse2.IsSupported
        ? Sse2.MultiplyAddAdjacent(a.AsInt16(), Vector128<short>.One).AsByte()
        : (((a.AsInt32() << 16) >> 16) + (a.AsInt32() >> 16)).AsByte();

    internal static V128 I32x4ExtaddPairwiseI16x8U(V128 a) => ((a.AsInt32() & Vector128.Create(0xFFFF)) + (a.AsInt32() >>> 16)).AsByte();
}
