using System.Runtime.InteropServices;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Interpreter;

internal sealed partial class Translator
{
    private readonly int[] _pendingOfLocal;
    private readonly List<Operand> _operands = [];
    private int _top;
    private int _settled;
    private Instr[] _code = new Instr[64];
    private int[] _offsets = new int[64];
    private int _count;
    private int _definition = -1;
    private int _definitionEnd;

    private enum OperandKind : byte { Slot, Local, Constant }

    /// <summary>Where an operand is: in its slot, still in a local, or a constant.</summary>
    /// <param name="Kind">Which of these.</param>
    /// <param name="Type">Its type.</param>
    /// <param name="Slot">The slot that is its own.</param>
    /// <param name="Payload">The local's index, or the constant.</param>
    /// <param name="Previous">For locals: the next lower operand that is the same local; -1 for none.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Operand(OperandKind Kind, WasmValueType Type, int Slot, ulong Payload, int Previous);

    private int NextSlot => _body.LocalSlots + _top;

    private int PushResult(WasmValueType type)
    {
        int slot = NextSlot;
        Push(new(OperandKind.Slot, type, slot, 0, -1));
        return slot;
    }

    private void PushConstant(WasmValueType type, ulong value) => Push(new(OperandKind.Constant, type, NextSlot, value, -1));

    private void PushLocal(int index)
    {
        Push(new(OperandKind.Local, _localTypes[index], NextSlot, (ulong)index, _pendingOfLocal[index]));
        _pendingOfLocal[index] = _operands.Count - 1;
    }

    private void Push(Operand operand)
    {
        _operands.Add(operand);
        _top += operand.Type.Slots();
    }

    private Operand Pop()
    {
        Operand operand = _operands[^1];
        _operands.RemoveAt(_operands.Count - 1);
        _top -= operand.Type.Slots();
        if (operand.Kind == OperandKind.Local) _pendingOfLocal[operand.Payload] = operand.Previous;
        if (_settled > _operands.Count) _settled = _operands.Count;
        return operand;
    }

    /// <summary>The register to read a popped operand from; a constant is put into its slot first.</summary>
    private int Register(Operand operand)
    {
        if (operand.Kind == OperandKind.Slot) return operand.Slot;
        if (operand.Kind == OperandKind.Local) return _localSlots[operand.Payload];
        EmitConstant(operand.Slot, operand);
        return operand.Slot;
    }

    /// <summary>Puts all operands into their slots, as they must be where paths join.</summary>
    private void Settle() => Settle(_operands.Count - _settled);

    /// <summary>Puts the topmost operands into their slots.</summary>
    private void Settle(int count)
    {
        int lowest = Math.Max(_settled, _operands.Count - count);
        for (int i = _operands.Count - 1; i >= lowest; i--)
        {
            Operand operand = _operands[i];
            if (operand.Kind == OperandKind.Slot) continue;
            if (operand.Kind == OperandKind.Local) _pendingOfLocal[operand.Payload] = operand.Previous;
            Place(operand, operand.Slot);
            _operands[i] = operand with { Kind = OperandKind.Slot };
        }

        if (lowest == _settled) _settled = _operands.Count;
    }

    /// <summary>Saves operands that still stand for a local before the local changes.</summary>
    private void Preserve(int local)
    {
        for (int i = _pendingOfLocal[local]; i >= 0; i = _operands[i].Previous)
        {
            Place(_operands[i], _operands[i].Slot);
            _operands[i] = _operands[i] with { Kind = OperandKind.Slot };
        }

        _pendingOfLocal[local] = -1;
    }

    private void Place(Operand operand, int slot)
    {
        if (operand.Kind == OperandKind.Constant) EmitConstant(slot, operand);
        else
        {
            int source = Register(operand);
            if (source != slot) Emit(operand.Type == WasmValueType.V128 ? Op.Copy128 : Op.Copy, slot, source, 0);
        }

        _definition = -1;
    }

    private void EmitConstant(int slot, Operand constant) => Emit(Op.Const, slot, 0, 0, (long)constant.Payload);

    /// <summary>Appends an instruction whose result, if it has one, goes to <paramref name="a"/>.</summary>
    private void Emit(Opcode op, int a, int b, int c, long imm = 0)
    {
        if (_count == _code.Length)
        {
            Array.Resize(ref _code, _count * 2);
            Array.Resize(ref _offsets, _count * 2);
        }

        _offsets[_count] = _at;
        _code[_count] = new Instr { Op = op, A = (ushort)a, B = (ushort)b, C = (ushort)c, Imm = imm };
        _definition = _count++;
        _definitionEnd = _count;
    }

    /// <summary>Appends sixteen raw bytes that belong to the instruction before.</summary>
    private void EmitData(ulong low, ulong high)
    {
        int definition = _definition;
        Emit((Opcode)(ushort)low, (int)(low >> 16) & 0xFFFF, (int)(low >> 32) & 0xFFFF, (int)(low >> 48), (long)high);
        _definition = definition;
    }
}
