using System.Runtime.Intrinsics;
using Sirsi.Wasm.Binary;
using static Sirsi.Wasm.Interpreter.VectorOperations;

namespace Sirsi.Wasm.Interpreter;

/// <summary>Vector loads and stores, but for plain ones on the first memory. All take a packed address.</summary>
internal static unsafe class VectorMemory
{
    /// <summary>False when the access is out of bounds.</summary>
    internal static bool Execute(Instr* ip, ulong* fp, WasmInstance instance)
    {
        byte* at = FarAddress.Resolve(ip, fp, instance, 1u << OpcodeInfo.Of((int)ip->Op)!.WidthLog2);
        if (at is null) return false;
        int lane = (int)((ulong)ip->Imm >> 48) & 0xFF;
        switch (ip->Op)
        {
            case Opcode.V128Store: Load(fp + ip->C).Store(at); break;
            case Opcode.V128Store8Lane: *at = ((byte*)(fp + ip->C))[lane]; break;
            case Opcode.V128Store16Lane: *(ushort*)at = ((ushort*)(fp + ip->C))[lane]; break;
            case Opcode.V128Store32Lane: *(uint*)at = ((uint*)(fp + ip->C))[lane]; break;
            case Opcode.V128Store64Lane: *(ulong*)at = (fp + ip->C)[lane]; break;
            case Opcode.V128Load8Lane or Opcode.V128Load16Lane or Opcode.V128Load32Lane or Opcode.V128Load64Lane:
                LoadLane(ip, fp, at, lane);
                break;
            default: Store(ip, fp, Read(ip->Op, at)); break;
        }

        return true;
    }

    private static void LoadLane(Instr* ip, ulong* fp, byte* at, int lane)
    {
        Vector128<byte> vector = Load(fp + ip->C);
        Vector128<byte> result = ip->Op switch
        {
            Opcode.V128Load8Lane => vector.WithElement(lane, *at),
            Opcode.V128Load16Lane => vector.AsUInt16().WithElement(lane, *(ushort*)at).AsByte(),
            Opcode.V128Load32Lane => vector.AsUInt32().WithElement(lane, *(uint*)at).AsByte(),
            _ => vector.AsUInt64().WithElement(lane, *(ulong*)at).AsByte(),
        };
        Store(ip, fp, result);
    }

    private static Vector128<byte> Read(Opcode opcode, byte* at) => opcode switch
    {
        Opcode.V128Load => Vector128.Load(at),
        Opcode.V128Load8x8S => Vector128.WidenLower(Low(at).AsSByte()).AsByte(),
        Opcode.V128Load8x8U => Vector128.WidenLower(Low(at).AsByte()).AsByte(),
        Opcode.V128Load16x4S => Vector128.WidenLower(Low(at).AsInt16()).AsByte(),
        Opcode.V128Load16x4U => Vector128.WidenLower(Low(at).AsUInt16()).AsByte(),
        Opcode.V128Load32x2S => Vector128.WidenLower(Low(at).AsInt32()).AsByte(),
        Opcode.V128Load32x2U => Vector128.WidenLower(Low(at).AsUInt32()).AsByte(),
        Opcode.V128Load8Splat => Vector128.Create(*at),
        Opcode.V128Load16Splat => Vector128.Create(*(ushort*)at).AsByte(),
        Opcode.V128Load32Splat => Vector128.Create(*(uint*)at).AsByte(),
        Opcode.V128Load64Splat => Vector128.Create(*(ulong*)at).AsByte(),
        Opcode.V128Load32Zero => Vector128.CreateScalar(*(uint*)at).AsByte(),
        _ => Low(at).AsByte(),
    };

    private static Vector128<ulong> Low(byte* at) => Vector128.CreateScalar(*(ulong*)at);
}
