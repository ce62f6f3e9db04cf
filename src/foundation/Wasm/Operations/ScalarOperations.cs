using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Sirsi.Wasm.Operations;

/// <summary>
/// Scalar operations that are more than one of .NET's. Named as <see cref="Binary.Opcode"/> names them: the interpreter calls them, and the compiler
/// finds them by name. What they say of NaN is the specification's: a NaN that is computed is quiet.
/// </summary>
internal static class ScalarOperations
{
    private const uint Sign32 = 0x8000_0000;
    private const ulong Sign64 = 0x8000_0000_0000_0000;

    internal static int I32Clz(int a) => BitOperations.LeadingZeroCount((uint)a);

    internal static int I32Ctz(int a) => BitOperations.TrailingZeroCount((uint)a);

    internal static int I32Popcnt(int a) => BitOperations.PopCount((uint)a);

    internal static int I32Rotl(int a, int b) => (int)BitOperations.RotateLeft((uint)a, b);

    internal static int I32Rotr(int a, int b) => (int)BitOperations.RotateRight((uint)a, b);

    internal static long I64Clz(long a) => BitOperations.LeadingZeroCount((ulong)a);

    internal static long I64Ctz(long a) => BitOperations.TrailingZeroCount((ulong)a);

    internal static long I64Popcnt(long a) => BitOperations.PopCount((ulong)a);

    internal static long I64Rotl(long a, long b) => (long)BitOperations.RotateLeft((ulong)a, (int)b);

    internal static long I64Rotr(long a, long b) => (long)BitOperations.RotateRight((ulong)a, (int)b);

    internal static float F32Abs(float a) => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(a) & ~Sign32);

    internal static float F32Neg(float a) => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(a) ^ Sign32);

    internal static float F32Copysign(float a, float b) =>
        BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits(a) & ~Sign32) | (BitConverter.SingleToUInt32Bits(b) & Sign32));

    internal static float F32Ceil(float a) => Quiet(MathF.Ceiling(a));

    internal static float F32Floor(float a) => Quiet(MathF.Floor(a));

    internal static float F32Trunc(float a) => Quiet(MathF.Truncate(a));

    internal static float F32Nearest(float a) => Quiet(MathF.Round(a, MidpointRounding.ToEven));

    internal static float F32Sqrt(float a) => MathF.Sqrt(a);

    // Adding two numbers of which one is NaN gives a quiet NaN, which Min and Max do not promise.
    internal static float F32Min(float a, float b) => float.IsNaN(a) || float.IsNaN(b) ? a + b : Least(a, b);

    internal static float F32Max(float a, float b) => float.IsNaN(a) || float.IsNaN(b) ? a + b : Greatest(a, b);

    internal static double F64Abs(double a) => BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(a) & ~Sign64);

    internal static double F64Neg(double a) => BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(a) ^ Sign64);

    internal static double F64Copysign(double a, double b) =>
        BitConverter.UInt64BitsToDouble((BitConverter.DoubleToUInt64Bits(a) & ~Sign64) | (BitConverter.DoubleToUInt64Bits(b) & Sign64));

    internal static double F64Ceil(double a) => Quiet(Math.Ceiling(a));

    internal static double F64Floor(double a) => Quiet(Math.Floor(a));

    internal static double F64Trunc(double a) => Quiet(Math.Truncate(a));

    internal static double F64Nearest(double a) => Quiet(Math.Round(a, MidpointRounding.ToEven));

    internal static double F64Sqrt(double a) => Math.Sqrt(a);

    internal static double F64Min(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? a + b : Least(a, b);

    internal static double F64Max(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? a + b : Greatest(a, b);

    internal static float F32ConvertI32U(int a) => (uint)a;

    internal static float F32ConvertI64U(long a) => (ulong)a;

    internal static float F32DemoteF64(double a) => Quiet((float)a);

    internal static double F64ConvertI32U(int a) => (uint)a;

    internal static double F64ConvertI64U(long a) => (ulong)a;

    internal static double F64PromoteF32(float a) => Quiet((double)a);

    internal static int I32ReinterpretF32(float a) => BitConverter.SingleToInt32Bits(a);

    internal static long I64ReinterpretF64(double a) => BitConverter.DoubleToInt64Bits(a);

    internal static float F32ReinterpretI32(int a) => BitConverter.Int32BitsToSingle(a);

    internal static double F64ReinterpretI64(long a) => BitConverter.Int64BitsToDouble(a);

    // Plain conversions of .NET saturate and turn NaN into zero, as asked for here.
    internal static int I32TruncSatF32S(float a) => (int)a;

    internal static int I32TruncSatF32U(float a) => (int)(uint)a;

    internal static int I32TruncSatF64S(double a) => (int)a;

    internal static int I32TruncSatF64U(double a) => (int)(uint)a;

    internal static long I64TruncSatF32S(float a) => (long)a;

    internal static long I64TruncSatF32U(float a) => (long)(ulong)a;

    internal static long I64TruncSatF64S(double a) => (long)a;

    internal static long I64TruncSatF64U(double a) => (long)(ulong)a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Quiet(float value) => float.IsNaN(value) ? value + value : value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static double Quiet(double value) => double.IsNaN(value) ? value + value : value;

    // As with vectors, both orders of the instruction together have the right sign. (MathF.Min is wrong about -0 in RyuJIT 10.0 when both operands are
    // known while compiling.)

    private static float Least(float a, float b)
    {
        if (!Sse.IsSupported) return MathF.Min(a, b);
        Vector128<float> x = Vector128.CreateScalarUnsafe(a), y = Vector128.CreateScalarUnsafe(b);
        return (Sse.MinScalar(x, y) | Sse.MinScalar(y, x)).ToScalar();
    }

    private static float Greatest(float a, float b)
    {
        if (!Sse.IsSupported) return MathF.Max(a, b);
        Vector128<float> x = Vector128.CreateScalarUnsafe(a), y = Vector128.CreateScalarUnsafe(b);
        return (Sse.MaxScalar(x, y) & Sse.MaxScalar(y, x)).ToScalar();
    }

    private static double Least(double a, double b)
    {
        if (!Sse2.IsSupported) return Math.Min(a, b);
        Vector128<double> x = Vector128.CreateScalarUnsafe(a), y = Vector128.CreateScalarUnsafe(b);
        return (Sse2.MinScalar(x, y) | Sse2.MinScalar(y, x)).ToScalar();
    }

    private static double Greatest(double a, double b)
    {
        if (!Sse2.IsSupported) return Math.Max(a, b);
        Vector128<double> x = Vector128.CreateScalarUnsafe(a), y = Vector128.CreateScalarUnsafe(b);
        return (Sse2.MaxScalar(x, y) & Sse2.MaxScalar(y, x)).ToScalar();
    }
}
