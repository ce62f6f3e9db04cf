using System.Runtime.InteropServices;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Interpreter;

internal sealed partial class Translator
{
    /// <summary>Pairs of comparisons that are each other's opposite, by their place from eq to ge_u.</summary>
    private static readonly int[] Opposites = [1, 0, 8, 9, 6, 7, 4, 5, 2, 3];

    /// <summary>What a conditional branch looks at: a register's being zero or not, or a comparison.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Condition(int Base, int Comparison, int B, int C)
    {
        internal Condition Negate() =>
            Base == 0 ? this with { Comparison = 1 - Comparison } : this with { Comparison = Opposites[Comparison] };

        internal Opcode Operation => Base == 0
            ? Comparison == 0 ? Opcode.BrIf : Op.BrIfZero
            : (Opcode)(Base + Comparison);
    }

    /// <summary>Takes the condition off the stack; a comparison just emitted is taken back to become part of the branch.</summary>
    private Condition PopCondition()
    {
        Operand operand = Pop();
        if (operand.Kind == OperandKind.Slot && _definition >= 0 && _definition == _count - 1 && _code[_definition].A == operand.Slot
            && Melt(_code[_definition]) is { } condition)
        {
            _count--;
            _definition = -1;
            return condition;
        }

        return new(0, 0, Register(operand), 0);
    }

    private static Condition? Melt(Instr instr)
    {
        int op = (int)instr.Op;
        if (instr.Op == Opcode.I32Eqz) return new(0, 1, instr.B, 0);
        if (instr.Op is >= Opcode.I32Eq and <= Opcode.I32GeU) return new(Op.BrI32, op - (int)Opcode.I32Eq, instr.B, instr.C);
        if (instr.Op is >= Opcode.I64Eq and <= Opcode.I64GeU) return new(Op.BrI64, op - (int)Opcode.I64Eq, instr.B, instr.C);
        if (instr.Op == Opcode.I64Eqz) return new(Op.BrI64Imm, 0, instr.B, 0);
        if (instr.Imm is < short.MinValue or > short.MaxValue) return null;
        int constant = (ushort)(short)instr.Imm;
        if (op is >= Op.I32CompareImm and < Op.I32CompareImm + 10)
            return new(Op.BrI32Imm, op - Op.I32CompareImm, instr.B, constant);
        if (op is >= Op.I64CompareImm and < Op.I64CompareImm + 10)
            return new(Op.BrI64Imm, op - Op.I64CompareImm, instr.B, constant);
        return null;
    }

    /// <summary>A branch to the label, and what the block after it costs when it is not taken.</summary>
    private void EmitBranchIf(Condition condition, int label, int nextCost)
    {
        _branches.Add(_count);
        Emit(condition.Operation, 0, condition.B, condition.C, (uint)label | ((long)nextCost << 32));
        _definition = -1;
    }

    /// <summary>Walks over code that cannot be reached until the block it is in goes on.</summary>
    private void Skip(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.Block or Opcode.Loop or Opcode.If:
                _deadDepth++;
                BlockType();
                break;
            case Opcode.TryTable:
                _deadDepth++;
                BlockType();
                ReadCatches();
                break;
            case Opcode.Else when _deadDepth == 0: Else(); break;
            case Opcode.End when _deadDepth == 0: End(); break;
            case Opcode.Else: break;
            case Opcode.End: _deadDepth--; break;
            default: InstructionReader.Skip(ref _reader, OpcodeInfo.Of((int)opcode)!.Immediates); break;
        }
    }
}
