using System.Runtime.InteropServices;

namespace Sirsi.Wasm.Binary;

/// <summary>Reads what follows an opcode in a body that was validated before.</summary>
internal static class InstructionReader
{
    /// <summary>What a block takes and gives.</summary>
    internal static (WasmValueType[] Start, WasmValueType[] End) BlockType(ref ByteReader reader, ModuleContent content)
    {
        byte first = reader.Peek();
        if ((first & 0xC0) == 0x40)
        {
            reader.Byte();
            return first == 0x40 ? ([], []) : ([], [(WasmValueType)first]);
        }

        WasmFunctionType type = content.Types[reader.S33()];
        return (type.ParameterArray, type.ResultArray);
    }

    /// <summary>Where an access goes: memory, offset and, where the instruction has one, lane.</summary>
    internal static MemoryArgument MemoryArgument(ref ByteReader reader, Immediates immediates)
    {
        uint alignment = reader.U32();
        int memory = (alignment & 0x40) != 0 ? (int)reader.U32() : 0;
        ulong offset = reader.U64();
        return new(memory, offset, immediates == Immediates.MemArgLane ? reader.Byte() : 0);
    }

    /// <summary>Passes over the immediates of an instruction that opens no block.</summary>
    internal static void Skip(ref ByteReader reader, Immediates immediates)
    {
        switch (immediates)
        {
            case Immediates.Label or Immediates.Function or Immediates.Local or Immediates.Global or Immediates.Table
                or Immediates.Element or Immediates.Memory or Immediates.Data or Immediates.Tag:
                reader.U32();
                break;
            case Immediates.TypeTable or Immediates.TableTable or Immediates.ElementTable or Immediates.MemoryMemory
                or Immediates.DataMemory:
                reader.U32();
                reader.U32();
                break;
            case Immediates.LabelTable:
                for (uint left = reader.U32() + 1; left > 0; left--) reader.U32();
                break;
            case Immediates.MemArg or Immediates.MemArgLane: MemoryArgument(ref reader, immediates); break;
            case Immediates.Lane or Immediates.RefType: reader.Byte(); break;
            case Immediates.Lanes or Immediates.V128: reader.Bytes(16); break;
            case Immediates.I32: reader.S32(); break;
            case Immediates.I64: reader.S64(); break;
            case Immediates.F32: reader.Bytes(4); break;
            case Immediates.F64: reader.Bytes(8); break;
            case Immediates.SelectTypes:
                reader.U32();
                reader.Byte();
                break;
        }
    }
}

/// <summary>Where an access to a memory goes.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct MemoryArgument(int Memory, ulong Offset, int Lane);
