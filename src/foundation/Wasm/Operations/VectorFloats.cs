using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V128 = System.Runtime.Intrinsics.Vector128<byte>;

namespace Sirsi.Wasm.Operations;

/// <summary>Floating-point lanes: arithmetic, rounding and conversions.</summary>
internal static partial class VectorOperations
{
    internal static V128 F32x4Ceil(V128 a) => Quiet(Vector128.Ceiling(a.AsSingle())).AsByte();

    internal static V128 F32x4Floor(V128 a) => Quiet(Vector128.Floor(a.AsSingle())).AsByte();

    internal static V128 F32x4Trunc(V128 a) => Quiet(Vector128.Truncate(a.AsSingle())).AsByte();

    internal static V128 F32x4Nearest(V128 a) => Quiet(Vector128.Round(a.AsSingle())).AsByte();

    internal static V128 F64x2Ceil(V128 a) => Quiet(Vector128.Ceiling(a.AsDouble())).AsByte();

    internal static V128 F64x2Floor(V128 a) => Quiet(Vector128.Floor(a.AsDouble())).AsByte();

    internal static V128 F64x2Trunc(V128 a) => Quiet(Vector128.Truncate(a.AsDouble())).AsByte();

    internal static V128 F64x2Nearest(V128 a) => Quiet(Vector128.Round(a.AsDouble())).AsByte();

    internal static V128 F32x4Abs(V128 a) => Vector128.AndNot(a.AsSingle(), Vector128.Create(-0.0f)).AsByte();

    internal static V128 F32x4Neg(V128 a) => (a.AsSingle() ^ Vector128.Create(-0.0f)).AsByte();

    internal static V128 F32x4Sqrt(V128 a) => Vector128.Sqrt(a.AsSingle()).AsByte();

    internal static V128 F32x4Add(V128 a, V128 b) => (a.AsSingle() + b.AsSingle()).AsByte();

    internal static V128 F32x4Sub(V128 a, V128 b) => (a.AsSingle() - b.AsSingle()).AsByte();

    internal static V128 F32x4Mul(V128 a, V128 b) => (a.AsSingle() * b.AsSingle()).AsByte();

    internal static V128 F32x4Div(V128 a, V128 b) => (a.AsSingle() / b.AsSingle()).AsByte();

    internal static V128 F32x4Min(V128 a, V128 b) => OrNaN(a.AsSingle(), b.AsSingle(), Least(a.AsSingle(), b.AsSingle())).AsByte();

    internal static V128 F32x4Max(V128 a, V128 b) => OrNaN(a.AsSingle(), b.AsSingle(), Greatest(a.AsSingle(), b.AsSingle())).AsByte();

    internal static V128 F32x4Pmin(V128 a, V128 b) =>
        Vector128.ConditionalSelect(Vector128.LessThan(b.AsSingle(), a.AsSingle()), b.AsSingle(), a.AsSingle()).AsByte();

    internal static V128 F32x4Pmax(V128 a, V128 b) =>
        Vector128.ConditionalSelect(Vector128.LessThan(a.AsSingle(), b.AsSingle()), b.AsSingle(), a.AsSingle()).AsByte();

    internal static V128 F64x2Abs(V128 a) => Vector128.AndNot(a.AsDouble(), Vector128.Create(-0.0)).AsByte();

    internal static V128 F64x2Neg(V128 a) => (a.AsDouble() ^ Vector128.Create(-0.0)).AsByte();

    internal static V128 F64x2Sqrt(V128 a) => Vector128.Sqrt(a.AsDouble()).AsByte();

    internal static V128 F64x2Add(V128 a, V128 b) => (a.AsDouble() + b.AsDouble()).AsByte();

    internal static V128 F64x2Sub(V128 a, V128 b) => (a.AsDouble() - b.AsDouble()).AsByte();

    internal static V128 F64x2Mul(V128 a, V128 b) => (a.AsDouble() * b.AsDouble()).AsByte();

    internal static V128 F64x2Div(V128 a, V128 b) => (a.AsDouble() / b.AsDouble()).AsByte();

    internal static V128 F64x2Min(V128 a, V128 b) => OrNaN(a.AsDouble(), b.AsDouble(), Least(a.AsDouble(), b.AsDouble())).AsByte();

    internal static V128 F64x2Max(V128 a, V128 b) => OrNaN(a.AsDouble(), b.AsDouble(), Greatest(a.AsDouble(), b.AsDouble())).AsByte();

    internal static V128 F64x2Pmin(V128 a, V128 b) =>
        Vector128.ConditionalSelect(Vector128.LessThan(b.AsDouble(), a.AsDouble()), b.AsDouble(), a.AsDouble()).AsByte();

    internal static V128 F64x2Pmax(V128 a, V128 b) =>
        Vector128.ConditionalSelect(Vector128.LessThan(a.AsDouble(), b.AsDouble()), b.AsDouble(), a.AsDouble()).AsByte();

    internal static V128 F32x4DemoteF64x2Zero(V128 a) => Sse2.IsSupported
        ? Sse2.ConvertToVector128Single(a.AsDouble()).AsByte()
        : Vector128.Create((float)a.AsDouble()[0], (float)a.AsDouble()[1], 0, 0).AsByte();

    internal static V128 F64x2PromoteLowF32x4(V128 a) => Sse2.IsSupported
        ? Sse2.ConvertToVector128Double(a.AsSingle()).AsByte()
        : Vector128.Create((double)a.AsSingle()[0], a.AsSingle()[1]).AsByte();

    internal static V128 I32x4TruncSatF32x4S(V128 a) => Vector128.ConvertToInt32(a.AsSingle()).AsByte();

    internal static V128 I32x4TruncSatF32x4U(V128 a) => Vector128.ConvertToUInt32(a.AsSingle()).AsByte();

    internal static V128 F32x4ConvertI32x4S(V128 a) => Vector128.ConvertToSingle(a.AsInt32()).AsByte();

    internal static V128 F32x4ConvertI32x4U(V128 a) =>
        Vector128.Create((float)a.AsUInt32()[0], a.AsUInt32()[1], a.AsUInt32()[2], a.AsUInt32()[3]).AsByte();

    internal static V128 I32x4TruncSatF64x2SZero(V128 a) => Vector128.Create((int)a.AsDouble()[0], (int)a.AsDouble()[1], 0, 0).AsByte();

    internal static V128 I32x4TruncSatF64x2UZero(V128 a) => Vector128.Create((uint)a.AsDouble()[0], (uint)a.AsDouble()[1], 0, 0).AsByte();

    internal static V128 F64x2ConvertLowI32x4S(V128 a) => Sse2.IsSupported
        ? Sse2.ConvertToVector128Double(a.AsInt32()).AsByte()
        : Vector128.Create((double)a.AsInt32()[0], a.AsInt32()[1]).AsByte();

    internal static V128 F64x2ConvertLowI32x4U(V128 a) => Vector128.Create((double)a.AsUInt32()[0], a.AsUInt32()[1]).AsByte();

    private static Vector128<float> OrNaN(Vector128<float> a, Vector128<float> b, Vector128<float> result) =>
        Vector128.ConditionalSelect(Vector128.Equals(a, a) & Vector128.Equals(b, b), result, a + b);

    private static Vector128<double> OrNaN(Vector128<double> a, Vector128<double> b, Vector128<double> result) =>
        Vector128.ConditionalSelect(Vector128.Equals(a, a) & Vector128.Equals(b, b), result, a + b);

    private static Vector128<float> Quiet(Vector128<float> value) => OrNaN(value, value, value);

    private static Vector128<double> Quiet(Vector128<double> value) => OrNaN(value, value, value);

    // The instructions give their second operand when both are zero: of both orders together the sign is right. (Vector128.Min and Max are wrong
    // about -0 in RyuJIT 10.0 when an operand is a constant with a NaN in another lane.)

    private static Vector128<float> Least(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.Min(a, b) | Sse.Min(b, a) : Vector128.Min(a, b);

    private static Vector128<float> Greatest(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.Max(a, b) & Sse.Max(b, a) : Vector128.Max(a, b);

    private static Vector128<double> Least(Vector128<double> a, Vector128<double> b) =>
        Sse2.IsSupported ? Sse2.Min(a, b) | Sse2.Min(b, a) : Vector128.Min(a, b);

    private static Vector128<double> Greatest(Vector128<double> a, Vector128<double> b) =>
        Sse2.IsSupported ? Sse2.Max(a, b) & Sse2.Max(b, a) : Vector128.Max(a, b);
}
