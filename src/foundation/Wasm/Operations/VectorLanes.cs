using System.Runtime.Intrinsics;
using V128 = System.Runtime.Intrinsics.Vector128<byte>;

namespace Sirsi.Wasm.Operations;

/// <summary>Splats, single lanes, shuffles, and operations on all bits.</summary>
internal static partial class VectorOperations
{
    internal static V128 I8x16Splat(int value) => Vector128.Create((byte)value);

    internal static int I8x16ExtractLaneS(V128 a, int lane) => a.AsSByte().GetElement(lane);

    internal static int I8x16ExtractLaneU(V128 a, int lane) => a.GetElement(lane);

    internal static V128 I8x16ReplaceLane(V128 a, int value, int lane) => a.WithElement(lane, (byte)value);

    internal static V128 I16x8Splat(int value) => Vector128.Create((ushort)value).AsByte();

    internal static int I16x8ExtractLaneS(V128 a, int lane) => a.AsInt16().GetElement(lane);

    internal static int I16x8ExtractLaneU(V128 a, int lane) => a.AsUInt16().GetElement(lane);

    internal static V128 I16x8ReplaceLane(V128 a, int value, int lane) => a.AsUInt16().WithElement(lane, (ushort)value).AsByte();

    internal static V128 I32x4Splat(int value) => Vector128.Create((uint)value).AsByte();

    internal static int I32x4ExtractLane(V128 a, int lane) => (int)a.AsUInt32().GetElement(lane);

    internal static V128 I32x4ReplaceLane(V128 a, int value, int lane) => a.AsUInt32().WithElement(lane, (uint)value).AsByte();

    internal static V128 I64x2Splat(long value) => Vector128.Create((ulong)value).AsByte();

    internal static long I64x2ExtractLane(V128 a, int lane) => (long)a.AsUInt64().GetElement(lane);

    internal static V128 I64x2ReplaceLane(V128 a, long value, int lane) => a.AsUInt64().WithElement(lane, (ulong)value).AsByte();

    internal static V128 F32x4Splat(float value) => Vector128.Create(value).AsByte();

    internal static float F32x4ExtractLane(V128 a, int lane) => a.AsSingle().GetElement(lane);

    internal static V128 F32x4ReplaceLane(V128 a, float value, int lane) => a.AsSingle().WithElement(lane, value).AsByte();

    internal static V128 F64x2Splat(double value) => Vector128.Create(value).AsByte();

    internal static double F64x2ExtractLane(V128 a, int lane) => a.AsDouble().GetElement(lane);

    internal static V128 F64x2ReplaceLane(V128 a, double value, int lane) => a.AsDouble().WithElement(lane, value).AsByte();

    internal static V128 I8x16Swizzle(V128 a, V128 b) => Vector128.Shuffle(a, b);

    internal static V128 V128Not(V128 a) => ~a;

    internal static V128 V128And(V128 a, V128 b) => a & b;

    internal static V128 V128Andnot(V128 a, V128 b) => a & ~b;

    internal static V128 V128Or(V128 a, V128 b) => a | b;

    internal static V128 V128Xor(V128 a, V128 b) => a ^ b;

    internal static V128 V128Bitselect(V128 a, V128 b, V128 mask) => (a & mask) | (b & ~mask);

    internal static int V128AnyTrue(V128 a) => a != V128.Zero ? 1 : 0;

    /// <summary>Lanes 0 to 15 are those of <paramref name="a"/>, 16 to 31 those of <paramref name="b"/>.</summary>
    internal static V128 I8x16Shuffle(V128 a, V128 b, V128 lanes) =>
        Vector128.Shuffle(a, lanes) | Vector128.Shuffle(b, lanes - Vector128.Create((byte)16));
}
