using System.Runtime.Intrinsics;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Interpreter;

/// <summary>
/// Vector operations that touch no memory and cannot trap, by the shape of their lanes. They rest on <see cref="Vector128"/>, which
/// uses the
/// machine's vectors where it has them and plain code elsewhere.
/// </summary>
internal static unsafe class VectorOperations
{
    /// <summary>False when the operation is none of these.</summary>
    internal static bool Execute(Instr* ip, ulong* fp)
    {
        int number = (int)ip->Op - 0x200;
        return number switch
        {
            < 12 => false,
            < 35 => VectorLanes.Execute(ip, fp),
            < 77 => VectorComparisons.Execute(ip, fp),
            < 84 => Bitwise(ip, fp),
            < 94 => false,
            < 96 => VectorFloats.Convert(ip, fp),
            124 or 125 => VectorShorts.Execute(ip, fp),
            126 or 127 => VectorInts.Execute(ip, fp),
            < 128 => VectorBytes.Execute(ip, fp) || VectorFloats.Round(ip, fp),
            < 160 => VectorShorts.Execute(ip, fp) || VectorFloats.Round(ip, fp),
            < 192 => VectorInts.Execute(ip, fp),
            < 224 => VectorLongs.Execute(ip, fp),
            < 236 => VectorFloats.Single(ip, fp),
            < 248 => VectorFloats.Double(ip, fp),
            _ => VectorFloats.Convert(ip, fp),
        };
    }

    internal static Vector128<byte> Load(ulong* slot) => Vector128.Load((byte*)slot);

    internal static bool Store<T>(Instr* ip, ulong* fp, Vector128<T> value)
    {
        value.AsByte().Store((byte*)(fp + ip->A));
        return true;
    }

    internal static bool Store(Instr* ip, ulong* fp, bool value)
    {
        fp[ip->A] = value ? 1UL : 0UL;
        return true;
    }

    private static bool Bitwise(Instr* ip, ulong* fp)
    {
        Vector128<byte> a = Load(fp + ip->B);
        switch (ip->Op)
        {
            case Opcode.V128Not: return Store(ip, fp, ~a);
            case Opcode.V128AnyTrue: return Store(ip, fp, a != Vector128<byte>.Zero);
        }

        Vector128<byte> b = Load(fp + ip->C);
        return ip->Op switch
        {
            Opcode.V128And => Store(ip, fp, a & b),
            Opcode.V128Andnot => Store(ip, fp, a & ~b),
            Opcode.V128Or => Store(ip, fp, a | b),
            Opcode.V128Xor => Store(ip, fp, a ^ b),
            _ => Bitselect(ip, fp, a, b),
        };
    }

    private static bool Bitselect(Instr* ip, ulong* fp, Vector128<byte> a, Vector128<byte> b)
    {
        Vector128<byte> mask = Load(fp + (ushort)ip->Imm);
        return Store(ip, fp, (a & mask) | (b & ~mask));
    }
}
