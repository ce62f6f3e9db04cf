using System.Runtime.Intrinsics;
using V128 = System.Runtime.Intrinsics.Vector128<byte>;

namespace Sirsi.Wasm.Operations;

/// <summary>Vector loads and stores at an address that was found to be within the memory.</summary>
internal static unsafe partial class VectorOperations
{
    internal static V128 V128Load(byte* at) => Vector128.Load(at);

    internal static V128 V128Load8x8S(byte* at) => Vector128.WidenLower(Low(at).AsSByte()).AsByte();

    internal static V128 V128Load8x8U(byte* at) => Vector128.WidenLower(Low(at).AsByte()).AsByte();

    internal static V128 V128Load16x4S(byte* at) => Vector128.WidenLower(Low(at).AsInt16()).AsByte();

    internal static V128 V128Load16x4U(byte* at) => Vector128.WidenLower(Low(at).AsUInt16()).AsByte();

    internal static V128 V128Load32x2S(byte* at) => Vector128.WidenLower(Low(at).AsInt32()).AsByte();

    internal static V128 V128Load32x2U(byte* at) => Vector128.WidenLower(Low(at).AsUInt32()).AsByte();

    internal static V128 V128Load8Splat(byte* at) => Vector128.Create(*at);

    internal static V128 V128Load16Splat(byte* at) => Vector128.Create(*(ushort*)at).AsByte();

    internal static V128 V128Load32Splat(byte* at) => Vector128.Create(*(uint*)at).AsByte();

    internal static V128 V128Load64Splat(byte* at) => Vector128.Create(*(ulong*)at).AsByte();

    internal static V128 V128Load32Zero(byte* at) => Vector128.CreateScalar(*(uint*)at).AsByte();

    internal static V128 V128Load64Zero(byte* at) => Low(at).AsByte();

    internal static V128 V128Load8Lane(byte* at, V128 a, int lane) => a.WithElement(lane, *at);

    internal static V128 V128Load16Lane(byte* at, V128 a, int lane) => a.AsUInt16().WithElement(lane, *(ushort*)at).AsByte();

    internal static V128 V128Load32Lane(byte* at, V128 a, int lane) => a.AsUInt32().WithElement(lane, *(uint*)at).AsByte();

    internal static V128 V128Load64Lane(byte* at, V128 a, int lane) => a.AsUInt64().WithElement(lane, *(ulong*)at).AsByte();

    internal static void V128Store(byte* at, V128 a) => a.Store(at);

    internal static void V128Store8Lane(byte* at, V128 a, int lane) => *at = a.GetElement(lane);

    internal static void V128Store16Lane(byte* at, V128 a, int lane) => *(ushort*)at = a.AsUInt16().GetElement(lane);

    internal static void V128Store32Lane(byte* at, V128 a, int lane) => *(uint*)at = a.AsUInt32().GetElement(lane);

    internal static void V128Store64Lane(byte* at, V128 a, int lane) => *(ulong*)at = a.AsUInt64().GetElement(lane);

    private static Vector128<ulong> Low(byte* at) => Vector128.CreateScalar(*(ulong*)at);
}
