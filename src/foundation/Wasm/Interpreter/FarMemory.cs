using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Interpreter;

/// <summary>Where an access packed as the translator packs it (48 bits of offset, 8 of lane, 8 of memory) goes to.</summary>
internal static unsafe class FarAddress
{
    private const ulong OffsetMask = (1UL << 48) - 1;

    /// <summary>The host's address of the bytes; null when they do not all lie in the memory.</summary>
    internal static byte* Resolve(Instr* ip, ulong* fp, WasmInstance instance, uint size)
    {
        WasmMemory memory = instance.Memories[(int)((ulong)ip->Imm >> 56)];
        ulong address = memory.ExternType.Limits.Is64 ? fp[ip->B] : (uint)fp[ip->B];
        if (address > memory.Length) return null;
        address += (ulong)ip->Imm & OffsetMask;
        return address + size > memory.Length ? null : memory.Base + address;
    }
}

/// <summary>Accesses to memories other than a first one with 32-bit addresses, and the rarer ones of vectors to any.</summary>
internal static unsafe class FarMemory
{
    /// <summary>False when the access is out of bounds.</summary>
    internal static bool Execute(Instr* ip, ulong* fp, WasmInstance instance)
    {
        bool isVector = (int)ip->Op >= 0x200;
        Opcode opcode = isVector ? ip->Op : (Opcode)((int)ip->Op - Op.Far + (int)Opcode.I32Load);
        byte* at = FarAddress.Resolve(ip, fp, instance, 1u << OpcodeInfo.Of((int)opcode)!.WidthLog2);
        if (at is null) return false;
        if (isVector)
        {
            VectorDispatch.Access(ip, fp, at, (int)((ulong)ip->Imm >> 48) & 0xFF);
            return true;
        }

        switch (opcode)
        {
            case Opcode.I32Load or Opcode.F32Load or Opcode.I64Load32U: fp[ip->A] = *(uint*)at; break;
            case Opcode.I64Load or Opcode.F64Load: fp[ip->A] = *(ulong*)at; break;
            case Opcode.I32Load8S: fp[ip->A] = (uint)(sbyte)*at; break;
            case Opcode.I32Load8U or Opcode.I64Load8U: fp[ip->A] = *at; break;
            case Opcode.I32Load16S: fp[ip->A] = (uint)*(short*)at; break;
            case Opcode.I32Load16U or Opcode.I64Load16U: fp[ip->A] = *(ushort*)at; break;
            case Opcode.I64Load8S: fp[ip->A] = (ulong)(sbyte)*at; break;
            case Opcode.I64Load16S: fp[ip->A] = (ulong)*(short*)at; break;
            case Opcode.I64Load32S: fp[ip->A] = (ulong)*(int*)at; break;
            case Opcode.I32Store or Opcode.F32Store or Opcode.I64Store32: *(uint*)at = (uint)fp[ip->C]; break;
            case Opcode.I64Store or Opcode.F64Store: *(ulong*)at = fp[ip->C]; break;
            case Opcode.I32Store8 or Opcode.I64Store8: *at = (byte)fp[ip->C]; break;
            default: *(ushort*)at = (ushort)fp[ip->C]; break;
        }

        return true;
    }
}
