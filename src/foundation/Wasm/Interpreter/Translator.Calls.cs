using System.Runtime.InteropServices;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Interpreter;

internal sealed partial class Translator
{
    private readonly List<(int Start, int End, CatchClause Clause)> _handlers = [];

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct CatchClause(int Tag, bool WithReference, int Label, int Slot);

    private void Calls(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.Call or Opcode.ReturnCall:
                int function = (int)_reader.U32();
                bool isImport = function < _content.ImportedFunctions;
                int index = isImport ? function : function - _content.ImportedFunctions;
                Opcode op = opcode == Opcode.Call ? (isImport ? Op.CallImport : Opcode.Call) : isImport ? Op.TailCallImport : Op.TailCall;
                Call(op, _content.Functions[function], 0, index);
                break;
            case Opcode.CallIndirect or Opcode.ReturnCallIndirect:
                int type = (int)_reader.U32();
                int table = (int)_reader.U32();
                int element = Register(Pop());
                Call(opcode == Opcode.CallIndirect ? opcode : Op.TailCallIndirect, _content.Types[type], element, Indices(type, table));
                break;
            case Opcode.Throw:
                int tag = (int)_reader.U32();
                WasmFunctionType payload = _content.Tags[tag].Payload;
                Settle(payload.Parameters.Length);
                for (int i = 0; i < payload.Parameters.Length; i++) Pop();
                Emit(opcode, NextSlot, 0, 0, tag);
                _dead = true;
                break;
            default:
                Emit(Opcode.ThrowRef, 0, Register(Pop()), 0);
                _dead = true;
                break;
        }
    }

    /// <summary>
    /// Arguments go to consecutive slots, which become the first ones of the callee's frame; results come back in the same place.
    /// </summary>
    private void Call(Opcode op, WasmFunctionType type, int element, long imm)
    {
        Settle(type.Parameters.Length);
        for (int i = 0; i < type.Parameters.Length; i++) Pop();
        Emit(op, NextSlot, element, type.ParameterSlots, imm);
        if (op is Op.TailCall or Op.TailCallImport or Op.TailCallIndirect)
        {
            _dead = true;
            return;
        }

        foreach (WasmValueType result in type.Results) PushResult(result);
        _definition = -1;
    }

    private void TryTable()
    {
        (WasmValueType[] start, WasmValueType[] end) = BlockType();
        List<CatchClause> catches = ReadCatches();
        Settle();
        PushFrame(Opcode.TryTable, start, end, catches: catches);
    }

    private List<CatchClause> ReadCatches()
    {
        var catches = new List<CatchClause>();
        for (uint left = _reader.U32(); left > 0; left--)
        {
            byte kind = _reader.Byte();
            int tag = kind < 2 ? (int)_reader.U32() : -1;
            int depth = (int)_reader.U32();
            if (_dead) continue;
            Frame target = Target(depth);
            catches.Add(new(tag, (kind & 1) != 0, target.IsFunction ? -1 : target.Label, target.Slot));
        }

        return catches;
    }

    private void AddHandlers(Frame frame)
    {
        foreach (CatchClause clause in frame.Catches!)
        {
            CatchClause resolved = clause;
            if (clause.Label < 0)
            {
                // A handler that returns from the function needs a return of its own, beside the straight path.
                int over = NewLabel();
                bool falls = !_dead;
                if (falls) EmitBranch(over);
                resolved = clause with { Label = NewLabel() };
                _labels[resolved.Label] = (_count, 0);
                int slots = _type.ResultSlots;
                Emit(slots == 0 ? Op.Return0 : Op.ReturnRange, 0, clause.Slot, slots);
                _labels[over] = (_count, 0);
            }

            _handlers.Add((frame.TryStart, _count, resolved));
        }

        _definition = -1;
    }

    private ExceptionHandler Resolve((int Start, int End, CatchClause Clause) handler)
    {
        (int position, int cost) = _labels[handler.Clause.Label];
        return new(handler.Start, handler.End, handler.Clause.Tag, handler.Clause.WithReference, position, handler.Clause.Slot, cost);
    }
}
