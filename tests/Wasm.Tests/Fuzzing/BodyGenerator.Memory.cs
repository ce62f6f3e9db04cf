using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Tests.Fuzzing;

internal sealed partial class BodyGenerator
{
    private static readonly ulong[] FarOffsets =
        [65_535, 65_536, 131_071, 131_072, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0, 0xFFFF_FFFF, 0x1_0000_0000, 1UL << 48, ulong.MaxValue];

    private bool Load(WasmValueType type)
    {
        OpcodeInfo[] all = [.. Instructions.Loads[type]];
        if (all.Length == 0 || _module.Memories.Count == 0) return false;
        Access(_choices.Pick(all));
        return true;
    }

    private bool Store()
    {
        if (_module.Memories.Count == 0) return false;
        Access(_choices.Pick(Instructions.Stores));
        return true;
    }

    private void Access(OpcodeInfo info)
    {
        int memory = _choices.Next(_module.Memories.Count);
        WasmLimits limits = _module.Memories[memory];
        Address(limits);
        foreach (WasmValueType operand in info.Operands.Skip(1)) Expression(operand);
        ulong offset = Offset(limits);
        int alignment = _choices.Next(info.WidthLog2 + 1);
        _code.Opcode(info.Opcode);
        if (memory == 0) _code.Unsigned((ulong)alignment);
        else _code.Unsigned((ulong)(alignment | 0x40)).Unsigned((ulong)memory);
        _code.Unsigned(offset);
        if (info.Immediates == Immediates.MemArgLane) _code.Byte((byte)_choices.Next(Instructions.LaneCount(info)));
    }

    /// <summary>Mostly within the memory, often around its end.</summary>
    private void Address(WasmLimits limits)
    {
        WasmValueType type = limits.IndexType;
        long end = (long)limits.Minimum * WasmMemory.PageBytes;
        switch (_choices.Weighted([20, 10, 40, 12, 3]))
        {
            case 0: Constant(type, _choices.Next(64)); break;
            case 1: Constant(type, end - _choices.Next(24)); break;
            case 2:
                Expression(type);
                Constant(type, _choices.Pick([0xFF, 0x3FFF, 0x7FFC, 0xFFFF, -2]));
                _code.Opcode(type == WasmValueType.I64 ? Opcode.I64And : Opcode.I32And);
                break;
            case 3 when Local(type): break;
            default: Expression(type); break;
        }
    }

    private ulong Offset(WasmLimits limits)
    {
        ulong end = limits.Minimum * WasmMemory.PageBytes;
        ulong offset = _choices.Weighted([50, 30, 8, 2]) switch
        {
            0 => (ulong)_choices.Next(32),
            1 => (ulong)_choices.Next(0x4000),
            2 => end - Math.Min(end, (ulong)_choices.Next(20)),
            _ => _choices.Pick(FarOffsets),
        };
        return limits.Is64 ? offset : Math.Min(offset, uint.MaxValue);
    }

    /// <summary>A number that is mostly below a bound.</summary>
    private void Small(WasmValueType type, int bound)
    {
        if (_choices.Chance(12)) Expression(type);
        else Constant(type, _choices.Next(bound));
    }

    private void TableIndex(int table)
    {
        WasmLimits limits = _module.Tables[table].Limits;
        if (_choices.Chance(20))
        {
            Expression(limits.IndexType);
            Constant(limits.IndexType, 3);
            _code.Opcode(limits.Is64 ? Opcode.I64And : Opcode.I32And);
            return;
        }

        Small(limits.IndexType, (int)limits.Minimum + 1);
    }

    private bool BulkMemory()
    {
        if (_module.Memories.Count == 0) return false;
        int memory = _choices.Next(_module.Memories.Count);
        int source = _choices.Next(_module.Memories.Count);
        WasmLimits into = _module.Memories[memory];
        switch (_choices.Next(4))
        {
            case 0:
                Address(into);
                Expression(WasmValueType.I32);
                Small(into.IndexType, 200);
                _code.Opcode(Opcode.MemoryFill).Unsigned((ulong)memory);
                break;
            case 1:
                WasmLimits from = _module.Memories[source];
                Address(into);
                Address(from);
                Small(into.Is64 && from.Is64 ? WasmValueType.I64 : WasmValueType.I32, 300);
                _code.Opcode(Opcode.MemoryCopy).Unsigned((ulong)memory).Unsigned((ulong)source);
                break;
            case 2 when _module.Data.Count > 0:
                Address(into);
                Small(WasmValueType.I32, 12);
                Small(WasmValueType.I32, 12);
                _code.Opcode(Opcode.MemoryInit).Unsigned((ulong)_choices.Next(_module.Data.Count)).Unsigned((ulong)memory);
                break;
            case 3 when _module.Data.Count > 0 && _choices.Chance(30):
                _code.Opcode(Opcode.DataDrop).Unsigned((ulong)_choices.Next(_module.Data.Count));
                break;
            default: return false;
        }

        return true;
    }

    private bool BulkTable()
    {
        if (_module.Tables.Count == 0) return false;
        int table = _choices.Next(_module.Tables.Count);
        WasmTableType type = _module.Tables[table];
        switch (_choices.Next(5))
        {
            case 0:
                TableIndex(table);
                Expression(type.Element);
                _code.Opcode(Opcode.TableSet).Unsigned((ulong)table);
                break;
            case 1:
                TableIndex(table);
                Expression(type.Element);
                Small(type.Limits.IndexType, 4);
                _code.Opcode(Opcode.TableFill).Unsigned((ulong)table);
                break;
            case 2 when Find(_module.Tables, other => other.Element == type.Element) is { } source:
                TableIndex(table);
                TableIndex(source);
                bool isWide = type.Limits.Is64 && _module.Tables[source].Limits.Is64;
                Small(isWide ? WasmValueType.I64 : WasmValueType.I32, 4);
                _code.Opcode(Opcode.TableCopy).Unsigned((ulong)table).Unsigned((ulong)source);
                break;
            case 3 when Find(_module.ElementTypes, element => element == type.Element) is { } segment:
                TableIndex(table);
                Small(WasmValueType.I32, 3);
                Small(WasmValueType.I32, 3);
                _code.Opcode(Opcode.TableInit).Unsigned((ulong)segment).Unsigned((ulong)table);
                break;
            case 4 when _module.Elements.Count > 0 && _choices.Chance(30):
                _code.Opcode(Opcode.ElemDrop).Unsigned((ulong)_choices.Next(_module.Elements.Count));
                break;
            default: return false;
        }

        return true;
    }
}
