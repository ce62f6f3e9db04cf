using System.Diagnostics.CodeAnalysis;
using System.Runtime.Intrinsics;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Interpreter;

/// <summary>Comparisons lane by lane: all bits set where true. (Those of i64x2 came later and are with their shape.)</summary>
internal static unsafe class VectorComparisons
{
    [SuppressMessage("Design", "MA0051", Justification = "A switch with a line per operation.")]
    internal static bool Execute(Instr* ip, ulong* fp)
    {
        Vector128<byte> a = VectorOperations.Load(fp + ip->B);
        Vector128<byte> b = VectorOperations.Load(fp + ip->C);
        switch (ip->Op)
        {
            case Opcode.I8x16Eq: return VectorOperations.Store(ip, fp, Vector128.Equals(a.AsSByte(), b.AsSByte()));
            case Opcode.I8x16Ne: return VectorOperations.Store(ip, fp, ~Vector128.Equals(a.AsSByte(), b.AsSByte()));
            case Opcode.I8x16LtS: return VectorOperations.Store(ip, fp, Vector128.LessThan(a.AsSByte(), b.AsSByte()));
            case Opcode.I8x16LtU: return VectorOperations.Store(ip, fp, Vector128.LessThan(a.AsByte(), b.AsByte()));
            case Opcode.I8x16GtS: return VectorOperations.Store(ip, fp, Vector128.GreaterThan(a.AsSByte(), b.AsSByte()));
            case Opcode.I8x16GtU: return VectorOperations.Store(ip, fp, Vector128.GreaterThan(a.AsByte(), b.AsByte()));
            case Opcode.I8x16LeS: return VectorOperations.Store(ip, fp, Vector128.LessThanOrEqual(a.AsSByte(), b.AsSByte()));
            case Opcode.I8x16LeU: return VectorOperations.Store(ip, fp, Vector128.LessThanOrEqual(a.AsByte(), b.AsByte()));
            case Opcode.I8x16GeS: return VectorOperations.Store(ip, fp, Vector128.GreaterThanOrEqual(a.AsSByte(), b.AsSByte()));
            case Opcode.I8x16GeU: return VectorOperations.Store(ip, fp, Vector128.GreaterThanOrEqual(a.AsByte(), b.AsByte()));
            case Opcode.I16x8Eq: return VectorOperations.Store(ip, fp, Vector128.Equals(a.AsInt16(), b.AsInt16()));
            case Opcode.I16x8Ne: return VectorOperations.Store(ip, fp, ~Vector128.Equals(a.AsInt16(), b.AsInt16()));
            case Opcode.I16x8LtS: return VectorOperations.Store(ip, fp, Vector128.LessThan(a.AsInt16(), b.AsInt16()));
            case Opcode.I16x8LtU: return VectorOperations.Store(ip, fp, Vector128.LessThan(a.AsUInt16(), b.AsUInt16()));
            case Opcode.I16x8GtS: return VectorOperations.Store(ip, fp, Vector128.GreaterThan(a.AsInt16(), b.AsInt16()));
            case Opcode.I16x8GtU: return VectorOperations.Store(ip, fp, Vector128.GreaterThan(a.AsUInt16(), b.AsUInt16()));
            case Opcode.I16x8LeS: return VectorOperations.Store(ip, fp, Vector128.LessThanOrEqual(a.AsInt16(), b.AsInt16()));
            case Opcode.I16x8LeU: return VectorOperations.Store(ip, fp, Vector128.LessThanOrEqual(a.AsUInt16(), b.AsUInt16()));
            case Opcode.I16x8GeS: return VectorOperations.Store(ip, fp, Vector128.GreaterThanOrEqual(a.AsInt16(), b.AsInt16()));
            case Opcode.I16x8GeU: return VectorOperations.Store(ip, fp, Vector128.GreaterThanOrEqual(a.AsUInt16(), b.AsUInt16()));
            case Opcode.I32x4Eq: return VectorOperations.Store(ip, fp, Vector128.Equals(a.AsInt32(), b.AsInt32()));
            case Opcode.I32x4Ne: return VectorOperations.Store(ip, fp, ~Vector128.Equals(a.AsInt32(), b.AsInt32()));
            case Opcode.I32x4LtS: return VectorOperations.Store(ip, fp, Vector128.LessThan(a.AsInt32(), b.AsInt32()));
            case Opcode.I32x4LtU: return VectorOperations.Store(ip, fp, Vector128.LessThan(a.AsUInt32(), b.AsUInt32()));
            case Opcode.I32x4GtS: return VectorOperations.Store(ip, fp, Vector128.GreaterThan(a.AsInt32(), b.AsInt32()));
            case Opcode.I32x4GtU: return VectorOperations.Store(ip, fp, Vector128.GreaterThan(a.AsUInt32(), b.AsUInt32()));
            case Opcode.I32x4LeS: return VectorOperations.Store(ip, fp, Vector128.LessThanOrEqual(a.AsInt32(), b.AsInt32()));
            case Opcode.I32x4LeU: return VectorOperations.Store(ip, fp, Vector128.LessThanOrEqual(a.AsUInt32(), b.AsUInt32()));
            case Opcode.I32x4GeS: return VectorOperations.Store(ip, fp, Vector128.GreaterThanOrEqual(a.AsInt32(), b.AsInt32()));
            case Opcode.I32x4GeU: return VectorOperations.Store(ip, fp, Vector128.GreaterThanOrEqual(a.AsUInt32(), b.AsUInt32()));
            case Opcode.F32x4Eq: return VectorOperations.Store(ip, fp, Vector128.Equals(a.AsSingle(), b.AsSingle()));
            case Opcode.F32x4Ne: return VectorOperations.Store(ip, fp, ~Vector128.Equals(a.AsSingle(), b.AsSingle()));
            case Opcode.F32x4Lt: return VectorOperations.Store(ip, fp, Vector128.LessThan(a.AsSingle(), b.AsSingle()));
            case Opcode.F32x4Gt: return VectorOperations.Store(ip, fp, Vector128.GreaterThan(a.AsSingle(), b.AsSingle()));
            case Opcode.F32x4Le: return VectorOperations.Store(ip, fp, Vector128.LessThanOrEqual(a.AsSingle(), b.AsSingle()));
            case Opcode.F32x4Ge: return VectorOperations.Store(ip, fp, Vector128.GreaterThanOrEqual(a.AsSingle(), b.AsSingle()));
            case Opcode.F64x2Eq: return VectorOperations.Store(ip, fp, Vector128.Equals(a.AsDouble(), b.AsDouble()));
            case Opcode.F64x2Ne: return VectorOperations.Store(ip, fp, ~Vector128.Equals(a.AsDouble(), b.AsDouble()));
            case Opcode.F64x2Lt: return VectorOperations.Store(ip, fp, Vector128.LessThan(a.AsDouble(), b.AsDouble()));
            case Opcode.F64x2Gt: return VectorOperations.Store(ip, fp, Vector128.GreaterThan(a.AsDouble(), b.AsDouble()));
            case Opcode.F64x2Le: return VectorOperations.Store(ip, fp, Vector128.LessThanOrEqual(a.AsDouble(), b.AsDouble()));
            case Opcode.F64x2Ge: return VectorOperations.Store(ip, fp, Vector128.GreaterThanOrEqual(a.AsDouble(), b.AsDouble()));
            default: return false;
        }
    }
}
