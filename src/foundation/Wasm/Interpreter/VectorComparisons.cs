using System.Diagnostics.CodeAnalysis;
using System.Runtime.Intrinsics;
using Sirsi.Wasm.Binary;
using static Sirsi.Wasm.Interpreter.VectorOperations;

namespace Sirsi.Wasm.Interpreter;

/// <summary>Comparisons lane by lane: all bits set where true. (Those of i64x2 came later and are with their shape.)</summary>
internal static unsafe class VectorComparisons
{
    [SuppressMessage("Design", "MA0051", Justification = "A switch with a line per operation.")]
    internal static bool Execute(Instr* ip, ulong* fp)
    {
        Vector128<byte> a = Load(fp + ip->B);
        Vector128<byte> b = Load(fp + ip->C);
        switch (ip->Op)
        {
            case Opcode.I8x16Eq: return Store(ip, fp, Vector128.Equals(a.AsSByte(), b.AsSByte()));
            case Opcode.I8x16Ne: return Store(ip, fp, ~Vector128.Equals(a.AsSByte(), b.AsSByte()));
            case Opcode.I8x16LtS: return Store(ip, fp, Vector128.LessThan(a.AsSByte(), b.AsSByte()));
            case Opcode.I8x16LtU: return Store(ip, fp, Vector128.LessThan(a.AsByte(), b.AsByte()));
            case Opcode.I8x16GtS: return Store(ip, fp, Vector128.GreaterThan(a.AsSByte(), b.AsSByte()));
            case Opcode.I8x16GtU: return Store(ip, fp, Vector128.GreaterThan(a.AsByte(), b.AsByte()));
            case Opcode.I8x16LeS: return Store(ip, fp, Vector128.LessThanOrEqual(a.AsSByte(), b.AsSByte()));
            case Opcode.I8x16LeU: return Store(ip, fp, Vector128.LessThanOrEqual(a.AsByte(), b.AsByte()));
            case Opcode.I8x16GeS: return Store(ip, fp, Vector128.GreaterThanOrEqual(a.AsSByte(), b.AsSByte()));
            case Opcode.I8x16GeU: return Store(ip, fp, Vector128.GreaterThanOrEqual(a.AsByte(), b.AsByte()));
            case Opcode.I16x8Eq: return Store(ip, fp, Vector128.Equals(a.AsInt16(), b.AsInt16()));
            case Opcode.I16x8Ne: return Store(ip, fp, ~Vector128.Equals(a.AsInt16(), b.AsInt16()));
            case Opcode.I16x8LtS: return Store(ip, fp, Vector128.LessThan(a.AsInt16(), b.AsInt16()));
            case Opcode.I16x8LtU: return Store(ip, fp, Vector128.LessThan(a.AsUInt16(), b.AsUInt16()));
            case Opcode.I16x8GtS: return Store(ip, fp, Vector128.GreaterThan(a.AsInt16(), b.AsInt16()));
            case Opcode.I16x8GtU: return Store(ip, fp, Vector128.GreaterThan(a.AsUInt16(), b.AsUInt16()));
            case Opcode.I16x8LeS: return Store(ip, fp, Vector128.LessThanOrEqual(a.AsInt16(), b.AsInt16()));
            case Opcode.I16x8LeU: return Store(ip, fp, Vector128.LessThanOrEqual(a.AsUInt16(), b.AsUInt16()));
            case Opcode.I16x8GeS: return Store(ip, fp, Vector128.GreaterThanOrEqual(a.AsInt16(), b.AsInt16()));
            case Opcode.I16x8GeU: return Store(ip, fp, Vector128.GreaterThanOrEqual(a.AsUInt16(), b.AsUInt16()));
            case Opcode.I32x4Eq: return Store(ip, fp, Vector128.Equals(a.AsInt32(), b.AsInt32()));
            case Opcode.I32x4Ne: return Store(ip, fp, ~Vector128.Equals(a.AsInt32(), b.AsInt32()));
            case Opcode.I32x4LtS: return Store(ip, fp, Vector128.LessThan(a.AsInt32(), b.AsInt32()));
            case Opcode.I32x4LtU: return Store(ip, fp, Vector128.LessThan(a.AsUInt32(), b.AsUInt32()));
            case Opcode.I32x4GtS: return Store(ip, fp, Vector128.GreaterThan(a.AsInt32(), b.AsInt32()));
            case Opcode.I32x4GtU: return Store(ip, fp, Vector128.GreaterThan(a.AsUInt32(), b.AsUInt32()));
            case Opcode.I32x4LeS: return Store(ip, fp, Vector128.LessThanOrEqual(a.AsInt32(), b.AsInt32()));
            case Opcode.I32x4LeU: return Store(ip, fp, Vector128.LessThanOrEqual(a.AsUInt32(), b.AsUInt32()));
            case Opcode.I32x4GeS: return Store(ip, fp, Vector128.GreaterThanOrEqual(a.AsInt32(), b.AsInt32()));
            case Opcode.I32x4GeU: return Store(ip, fp, Vector128.GreaterThanOrEqual(a.AsUInt32(), b.AsUInt32()));
            case Opcode.F32x4Eq: return Store(ip, fp, Vector128.Equals(a.AsSingle(), b.AsSingle()));
            case Opcode.F32x4Ne: return Store(ip, fp, ~Vector128.Equals(a.AsSingle(), b.AsSingle()));
            case Opcode.F32x4Lt: return Store(ip, fp, Vector128.LessThan(a.AsSingle(), b.AsSingle()));
            case Opcode.F32x4Gt: return Store(ip, fp, Vector128.GreaterThan(a.AsSingle(), b.AsSingle()));
            case Opcode.F32x4Le: return Store(ip, fp, Vector128.LessThanOrEqual(a.AsSingle(), b.AsSingle()));
            case Opcode.F32x4Ge: return Store(ip, fp, Vector128.GreaterThanOrEqual(a.AsSingle(), b.AsSingle()));
            case Opcode.F64x2Eq: return Store(ip, fp, Vector128.Equals(a.AsDouble(), b.AsDouble()));
            case Opcode.F64x2Ne: return Store(ip, fp, ~Vector128.Equals(a.AsDouble(), b.AsDouble()));
            case Opcode.F64x2Lt: return Store(ip, fp, Vector128.LessThan(a.AsDouble(), b.AsDouble()));
            case Opcode.F64x2Gt: return Store(ip, fp, Vector128.GreaterThan(a.AsDouble(), b.AsDouble()));
            case Opcode.F64x2Le: return Store(ip, fp, Vector128.LessThanOrEqual(a.AsDouble(), b.AsDouble()));
            case Opcode.F64x2Ge: return Store(ip, fp, Vector128.GreaterThanOrEqual(a.AsDouble(), b.AsDouble()));
            default: return false;
        }
    }
}
