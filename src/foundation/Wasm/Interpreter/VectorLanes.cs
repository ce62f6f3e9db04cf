using System.Runtime.Intrinsics;
using Sirsi.Wasm.Binary;
using static Sirsi.Wasm.Interpreter.VectorOperations;

namespace Sirsi.Wasm.Interpreter;

/// <summary>Constants, shuffles, and single lanes. Floating-point lanes are moved as bits.</summary>
internal static unsafe class VectorLanes
{
    internal static bool Execute(Instr* ip, ulong* fp)
    {
        switch (ip->Op)
        {
            case Opcode.V128Const: return Store(ip, fp, Load((ulong*)(ip + 1)));
            case Opcode.I8x16Shuffle: return Shuffle(ip, fp);
            case Opcode.I8x16Swizzle:
                return Store(ip, fp, Vector128.Shuffle(Load(fp + ip->B), Load(fp + ip->C)));
            case Opcode.I8x16Splat: return Store(ip, fp, Vector128.Create((byte)fp[ip->B]));
            case Opcode.I8x16ExtractLaneS: fp[ip->A] = (uint)((sbyte*)(fp + ip->B))[ip->Imm]; return true;
            case Opcode.I8x16ExtractLaneU: fp[ip->A] = ((byte*)(fp + ip->B))[ip->Imm]; return true;
            case Opcode.I8x16ReplaceLane:
                return Store(ip, fp, Load(fp + ip->B).As<byte, byte>().WithElement((int)ip->Imm, (byte)fp[ip->C]));
            case Opcode.I16x8Splat: return Store(ip, fp, Vector128.Create((ushort)fp[ip->B]));
            case Opcode.I16x8ExtractLaneS: fp[ip->A] = (uint)((short*)(fp + ip->B))[ip->Imm]; return true;
            case Opcode.I16x8ExtractLaneU: fp[ip->A] = ((ushort*)(fp + ip->B))[ip->Imm]; return true;
            case Opcode.I16x8ReplaceLane:
                return Store(ip, fp, Load(fp + ip->B).As<byte, ushort>().WithElement((int)ip->Imm, (ushort)fp[ip->C]));
            case Opcode.I32x4Splat: return Store(ip, fp, Vector128.Create((uint)fp[ip->B]));
            case Opcode.I32x4ExtractLane: fp[ip->A] = ((uint*)(fp + ip->B))[ip->Imm]; return true;
            case Opcode.I32x4ReplaceLane:
                return Store(ip, fp, Load(fp + ip->B).As<byte, uint>().WithElement((int)ip->Imm, (uint)fp[ip->C]));
            case Opcode.I64x2Splat: return Store(ip, fp, Vector128.Create((ulong)fp[ip->B]));
            case Opcode.I64x2ExtractLane: fp[ip->A] = ((ulong*)(fp + ip->B))[ip->Imm]; return true;
            case Opcode.I64x2ReplaceLane:
                return Store(ip, fp, Load(fp + ip->B).As<byte, ulong>().WithElement((int)ip->Imm, (ulong)fp[ip->C]));
            case Opcode.F32x4Splat: return Store(ip, fp, Vector128.Create((uint)fp[ip->B]));
            case Opcode.F32x4ExtractLane: fp[ip->A] = ((uint*)(fp + ip->B))[ip->Imm]; return true;
            case Opcode.F32x4ReplaceLane:
                return Store(ip, fp, Load(fp + ip->B).As<byte, uint>().WithElement((int)ip->Imm, (uint)fp[ip->C]));
            case Opcode.F64x2Splat: return Store(ip, fp, Vector128.Create((ulong)fp[ip->B]));
            case Opcode.F64x2ExtractLane: fp[ip->A] = ((ulong*)(fp + ip->B))[ip->Imm]; return true;
            case Opcode.F64x2ReplaceLane:
                return Store(ip, fp, Load(fp + ip->B).As<byte, ulong>().WithElement((int)ip->Imm, (ulong)fp[ip->C]));
            default: return false;
        }
    }

    /// <summary>The lanes' numbers follow the instruction. A number that does not fit one operand gives zero there.</summary>
    private static bool Shuffle(Instr* ip, ulong* fp)
    {
        Vector128<byte> lanes = Load((ulong*)(ip + 1));
        Vector128<byte> a = Vector128.Shuffle(Load(fp + ip->B), lanes);
        Vector128<byte> b = Vector128.Shuffle(Load(fp + ip->C), lanes - Vector128.Create((byte)16));
        return Store(ip, fp, a | b);
    }
}
