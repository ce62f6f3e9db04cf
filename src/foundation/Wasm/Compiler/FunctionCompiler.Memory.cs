using System.Reflection.Emit;
using System.Runtime.InteropServices;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Compiler;

internal sealed partial class FunctionCompiler
{
    /// <summary>Offsets from here on lie outside of every memory.</summary>
    private const ulong OffsetMax = 1UL << 48;

    private readonly LocalBuilder _base;
    private readonly LocalBuilder _length;
    private readonly LocalBuilder _globals;
    private readonly int[] _versions;
    private readonly CheckedEnd[] _checked;
    private readonly List<(int Local, CheckedEnd Before)> _checkLog = [];

    /// <summary>Memory 0 is known to reach this far from the address a local held in one of its versions.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct CheckedEnd(int Version, ulong End);

    private void Access(OpcodeInfo info)
    {
        MemoryArgument argument = InstructionReader.MemoryArgument(ref _reader, info.Immediates);
        Node? value = info.Operands.Length == 2 ? Pop() : null;
        Node address = Pop();

        // A value that is computed may trap no more; one that is not is emitted behind the check.
        EmitAddress(address, argument, 1u << info.WidthLog2);
        if (value is not null) Emit(value);
        if (info.Opcode >= Opcode.V128Load)
        {
            if (info.Immediates == Immediates.MemArgLane) _il.Int(argument.Lane);
            EmitMethod(info.Opcode);
        }
        else
        {
            EmitAccess(info.Opcode);
        }

        if (info.Result == WasmValueType.None) return;
        uint most = info.Opcode switch
        {
            Opcode.I32Load8U => byte.MaxValue,
            Opcode.I32Load16U => ushort.MaxValue,
            _ => uint.MaxValue,
        };
        PushStored(info.Result, most);
    }

    private void EmitAccess(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.I32Load: _il.Op(OpCodes.Ldind_I4); break;
            case Opcode.I64Load: _il.Op(OpCodes.Ldind_I8); break;
            case Opcode.F32Load: _il.Op(OpCodes.Ldind_R4); break;
            case Opcode.F64Load: _il.Op(OpCodes.Ldind_R8); break;
            case Opcode.I32Load8S or Opcode.I64Load8S: _il.Op(OpCodes.Ldind_I1); break;
            case Opcode.I32Load8U or Opcode.I64Load8U: _il.Op(OpCodes.Ldind_U1); break;
            case Opcode.I32Load16S or Opcode.I64Load16S: _il.Op(OpCodes.Ldind_I2); break;
            case Opcode.I32Load16U or Opcode.I64Load16U: _il.Op(OpCodes.Ldind_U2); break;
            case Opcode.I64Load32S: _il.Op(OpCodes.Ldind_I4); break;
            case Opcode.I64Load32U: _il.Op(OpCodes.Ldind_U4); break;
            case Opcode.I32Store: _il.Op(OpCodes.Stind_I4); break;
            case Opcode.I64Store: _il.Op(OpCodes.Stind_I8); break;
            case Opcode.F32Store: _il.Op(OpCodes.Stind_R4); break;
            case Opcode.F64Store: _il.Op(OpCodes.Stind_R8); break;
            case Opcode.I32Store8 or Opcode.I64Store8: _il.Op(OpCodes.Stind_I1); break;
            case Opcode.I32Store16 or Opcode.I64Store16: _il.Op(OpCodes.Stind_I2); break;
            default:
                _il.Op(OpCodes.Conv_I4);
                _il.Op(OpCodes.Stind_I4);
                break;
        }

        if (opcode is >= Opcode.I64Load8S and <= Opcode.I64Load32U)
            _il.Op(opcode is Opcode.I64Load8S or Opcode.I64Load16S or Opcode.I64Load32S ? OpCodes.Conv_I8 : OpCodes.Conv_U8);
    }

    /// <summary>Puts the host's address of an access on the IL stack, after a check where one is needed.</summary>
    private void EmitAddress(Node address, MemoryArgument argument, uint size)
    {
        WasmLimits limits = _content.Memories[argument.Memory].Limits;
        if (argument.Memory != 0)
        {
            EmitFarAddress(address, argument, size, limits);
            return;
        }

        ulong end = argument.Offset + size;
        if (argument.Offset >= OffsetMax)
        {
            Forget(address);
            _il.Branch(OpCodes.Br, ColdTrap(WasmTrapKind.MemoryOutOfBounds));
            _il.Load(_base);
            return;
        }

        ulong minimum = limits.Minimum * WasmMemory.PageBytes;
        if (!limits.Is64 && IsWithin(address, end, minimum))
        {
            _il.Load(_base);
            Emit(address);
            _il.Op(OpCodes.Conv_U);
            _il.Op(OpCodes.Add);
            AddOffset((long)argument.Offset);
            return;
        }

        if (!limits.Is64) NoteCheck(address, end);
        address = Simple(address);
        if (end <= minimum) CheckAgainstEnd(address, end);
        else CheckSum(address, end, limits.Is64);
        _il.Load(_base);
        Emit(address);
        _il.Op(OpCodes.Conv_U);
        _il.Op(OpCodes.Add);
        AddOffset((long)argument.Offset);
    }

    /// <summary>
    /// Compares the address with the length less the end: RyuJIT moves that difference out of loops in which the length does not change.
    /// </summary>
    private void CheckAgainstEnd(Node address, ulong end)
    {
        Emit(address, keep: true);
        _il.Op(OpCodes.Conv_U);
        _il.Load(_length);
        AddOffset(-(long)end);
        _il.Branch(OpCodes.Bgt_Un, ColdTrap(WasmTrapKind.MemoryOutOfBounds));
    }

    /// <summary>Compares address plus end with the length. (A 64-bit sum might wrap: the address alone is compared first.)</summary>
    private void CheckSum(Node address, ulong end, bool is64)
    {
        if (is64)
        {
            Emit(address, keep: true);
            _il.Load(_length);
            _il.Branch(OpCodes.Bgt_Un, ColdTrap(WasmTrapKind.MemoryOutOfBounds));
        }

        Emit(address, keep: true);
        _il.Op(OpCodes.Conv_U);
        AddOffset((long)end);
        _il.Load(_length);
        _il.Branch(OpCodes.Bgt_Un, ColdTrap(WasmTrapKind.MemoryOutOfBounds));
    }

    private void AddOffset(long offset)
    {
        if (offset == 0) return;
        _il.Native(offset);
        _il.Op(OpCodes.Add);
    }

    private bool IsWithin(Node address, ulong end, ulong minimum)
    {
        if (address.Most + end <= minimum) return true;
        return address.Kind == NodeKind.Local && _checked[address.Index] is var known && known.End >= end
            && known.Version == _versions[address.Index];
    }

    private void NoteCheck(Node address, ulong end)
    {
        if (address.Kind != NodeKind.Local) return;
        _checkLog.Add((address.Index, _checked[address.Index]));
        _checked[address.Index] = new(_versions[address.Index], end);
    }

    /// <summary>Forgets what was found out since, where another path joins.</summary>
    private void RevertChecks(int mark)
    {
        for (int i = _checkLog.Count - 1; i >= mark; i--) _checked[_checkLog[i].Local] = _checkLog[i].Before;
        if (_checkLog.Count > mark) _checkLog.RemoveRange(mark, _checkLog.Count - mark);
    }

    private void EmitFarAddress(Node address, MemoryArgument argument, uint size, WasmLimits limits)
    {
        LocalBuilder pointer = _il.Take(typeof(nint));
        _il.LoadArgument(CallArgument);
        _il.Int(argument.Memory);
        Emit(address);
        if (!limits.Is64) _il.Op(OpCodes.Conv_U8);
        _il.Long((long)argument.Offset);
        _il.Int((int)size);
        _il.Call(Methods.FarAddress);
        _il.Store(pointer);
        _il.Load(pointer);
        _il.Branch(OpCodes.Brfalse, ColdTrap(WasmTrapKind.MemoryOutOfBounds));
        _il.Load(pointer);
        _il.GiveBack(pointer);
    }

    /// <summary>Base and length again, after what may have changed them. On Linux a memory never moves.</summary>
    private void ReloadMemory(bool isFirst = false)
    {
        if (!_scan.UsesMemory) return;
        if (isFirst || !OperatingSystem.IsLinux())
        {
            LoadCall(CallFields.MemoryBase);
            _il.Store(_base);
        }

        LoadCall(CallFields.MemoryLength);
        _il.Store(_length);
    }
}
