using System.Runtime.Intrinsics;
using Sirsi.Wasm.Binary;
using static Sirsi.Wasm.Interpreter.VectorOperations;

namespace Sirsi.Wasm.Interpreter;

/// <summary>Floating-point lanes: arithmetic, rounding and conversions.</summary>
internal static unsafe class VectorFloats
{
    internal static bool Round(Instr* ip, ulong* fp)
    {
        Vector128<byte> a = Load(fp + ip->B);
        Vector128<float> s = a.AsSingle();
        Vector128<double> d = a.AsDouble();
        return ip->Op switch
        {
            Opcode.F32x4Ceil => Store(ip, fp, Quiet(Vector128.Ceiling(s))),
            Opcode.F32x4Floor => Store(ip, fp, Quiet(Vector128.Floor(s))),
            Opcode.F32x4Trunc => Store(ip, fp, Quiet(Vector128.Truncate(s))),
            Opcode.F32x4Nearest => Store(ip, fp, Quiet(Vector128.Round(s))),
            Opcode.F64x2Ceil => Store(ip, fp, Quiet(Vector128.Ceiling(d))),
            Opcode.F64x2Floor => Store(ip, fp, Quiet(Vector128.Floor(d))),
            Opcode.F64x2Trunc => Store(ip, fp, Quiet(Vector128.Truncate(d))),
            Opcode.F64x2Nearest => Store(ip, fp, Quiet(Vector128.Round(d))),
            _ => false,
        };
    }

    internal static bool Single(Instr* ip, ulong* fp)
    {
        Vector128<float> a = Load(fp + ip->B).AsSingle();
        Vector128<float> b = Load(fp + ip->C).AsSingle();
        return ip->Op switch
        {
            Opcode.F32x4Abs => Store(ip, fp, Vector128.AndNot(a, Vector128.Create(-0.0f))),
            Opcode.F32x4Neg => Store(ip, fp, a ^ Vector128.Create(-0.0f)),
            Opcode.F32x4Sqrt => Store(ip, fp, Vector128.Sqrt(a)),
            Opcode.F32x4Add => Store(ip, fp, a + b),
            Opcode.F32x4Sub => Store(ip, fp, a - b),
            Opcode.F32x4Mul => Store(ip, fp, a * b),
            Opcode.F32x4Div => Store(ip, fp, a / b),
            Opcode.F32x4Min => Store(ip, fp, OrNaN(a, b, Vector128.Min(a, b))),
            Opcode.F32x4Max => Store(ip, fp, OrNaN(a, b, Vector128.Max(a, b))),
            Opcode.F32x4Pmin => Store(ip, fp, Vector128.ConditionalSelect(Vector128.LessThan(b, a), b, a)),
            _ => Store(ip, fp, Vector128.ConditionalSelect(Vector128.LessThan(a, b), b, a)),
        };
    }

    internal static bool Double(Instr* ip, ulong* fp)
    {
        Vector128<double> a = Load(fp + ip->B).AsDouble();
        Vector128<double> b = Load(fp + ip->C).AsDouble();
        return ip->Op switch
        {
            Opcode.F64x2Abs => Store(ip, fp, Vector128.AndNot(a, Vector128.Create(-0.0))),
            Opcode.F64x2Neg => Store(ip, fp, a ^ Vector128.Create(-0.0)),
            Opcode.F64x2Sqrt => Store(ip, fp, Vector128.Sqrt(a)),
            Opcode.F64x2Add => Store(ip, fp, a + b),
            Opcode.F64x2Sub => Store(ip, fp, a - b),
            Opcode.F64x2Mul => Store(ip, fp, a * b),
            Opcode.F64x2Div => Store(ip, fp, a / b),
            Opcode.F64x2Min => Store(ip, fp, OrNaN(a, b, Vector128.Min(a, b))),
            Opcode.F64x2Max => Store(ip, fp, OrNaN(a, b, Vector128.Max(a, b))),
            Opcode.F64x2Pmin => Store(ip, fp, Vector128.ConditionalSelect(Vector128.LessThan(b, a), b, a)),
            _ => Store(ip, fp, Vector128.ConditionalSelect(Vector128.LessThan(a, b), b, a)),
        };
    }

    internal static bool Convert(Instr* ip, ulong* fp)
    {
        Vector128<byte> a = Load(fp + ip->B);
        Vector128<float> s = a.AsSingle();
        Vector128<double> d = a.AsDouble();
        Vector128<int> i = a.AsInt32();
        Vector128<uint> u = a.AsUInt32();
        return ip->Op switch
        {
            Opcode.F32x4DemoteF64x2Zero => Store(ip, fp, Vector128.Create((float)d[0], (float)d[1], 0, 0)),
            Opcode.F64x2PromoteLowF32x4 => Store(ip, fp, Vector128.Create((double)s[0], s[1])),
            Opcode.I32x4TruncSatF32x4S => Store(ip, fp, Vector128.ConvertToInt32(s)),
            Opcode.I32x4TruncSatF32x4U => Store(ip, fp, Vector128.ConvertToUInt32(s)),
            Opcode.F32x4ConvertI32x4S => Store(ip, fp, Vector128.ConvertToSingle(i)),
            Opcode.F32x4ConvertI32x4U => Store(ip, fp, Vector128.Create((float)u[0], u[1], u[2], u[3])),
            Opcode.I32x4TruncSatF64x2SZero => Store(ip, fp, Vector128.Create((int)d[0], (int)d[1], 0, 0)),
            Opcode.I32x4TruncSatF64x2UZero => Store(ip, fp, Vector128.Create((uint)d[0], (uint)d[1], 0, 0)),
            Opcode.F64x2ConvertLowI32x4S => Store(ip, fp, Vector128.Create((double)i[0], i[1])),
            _ => Store(ip, fp, Vector128.Create((double)u[0], u[1])),
        };
    }

    private static Vector128<float> OrNaN(Vector128<float> a, Vector128<float> b, Vector128<float> result) =>
        Vector128.ConditionalSelect(Vector128.Equals(a, a) & Vector128.Equals(b, b), result, a + b);

    private static Vector128<double> OrNaN(Vector128<double> a, Vector128<double> b, Vector128<double> result) =>
        Vector128.ConditionalSelect(Vector128.Equals(a, a) & Vector128.Equals(b, b), result, a + b);

    private static Vector128<float> Quiet(Vector128<float> value) => OrNaN(value, value, value);

    private static Vector128<double> Quiet(Vector128<double> value) => OrNaN(value, value, value);
}
