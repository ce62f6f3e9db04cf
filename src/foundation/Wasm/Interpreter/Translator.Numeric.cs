using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Interpreter;

internal sealed partial class Translator
{
    private const ulong OffsetMax = (1UL << 48) - 1;

    private void Numeric(OpcodeInfo info)
    {
        int operands = info.Operands.Length;
        if (operands == 2 && TryConstantOperand(info)) return;
        int third = operands == 3 ? Register(Pop()) : 0;
        int c = operands >= 2 ? Register(Pop()) : 0;
        int b = Register(Pop());
        Emit(info.Opcode, PushResult(info.Result), b, c, third);
    }

    /// <summary>Whether the operation has a form with a constant, and one of its operands is one.</summary>
    private bool TryConstantOperand(OpcodeInfo info)
    {
        Operand right = _operands[^1];
        Operand left = _operands[^2];
        bool isCommutative = info.Opcode is Opcode.I32Add or Opcode.I32Mul or Opcode.I32And or Opcode.I32Or or Opcode.I32Xor or Opcode.I32Eq
            or Opcode.I32Ne or Opcode.I64Add or Opcode.I64Mul or Opcode.I64And or Opcode.I64Or or Opcode.I64Xor or Opcode.I64Eq
            or Opcode.I64Ne;
        if (right.Kind != OperandKind.Constant && (left.Kind != OperandKind.Constant || !isCommutative)) return false;
        (Operand constant, Operand other) = right.Kind == OperandKind.Constant ? (right, left) : (left, right);
        long value = info.Operands[0] == WasmValueType.I32 ? (int)constant.Payload : (long)constant.Payload;
        Opcode? op = WithConstant(info.Opcode, ref value);
        if (op is null) return false;
        Pop();
        Pop();
        int register = Register(other);
        Emit(op.Value, PushResult(info.Result), register, 0, value);
        return true;
    }

    private static Opcode? WithConstant(Opcode opcode, ref long value)
    {
        if (opcode is >= Opcode.I32Eq and <= Opcode.I32GeU) return (Opcode)(Op.I32CompareImm + (opcode - Opcode.I32Eq));
        if (opcode is >= Opcode.I64Eq and <= Opcode.I64GeU) return (Opcode)(Op.I64CompareImm + (opcode - Opcode.I64Eq));
        if (opcode is Opcode.I32Sub or Opcode.I64Sub)
        {
            value = unchecked(-value);
            return (Opcode)(opcode == Opcode.I32Sub ? Op.I32Imm : Op.I64Imm);
        }

        int index = opcode switch
        {
            Opcode.I32Add or Opcode.I64Add => 0,
            Opcode.I32Mul or Opcode.I64Mul => 1,
            Opcode.I32And or Opcode.I64And => 2,
            Opcode.I32Or or Opcode.I64Or => 3,
            Opcode.I32Xor or Opcode.I64Xor => 4,
            Opcode.I32Shl or Opcode.I64Shl => 5,
            Opcode.I32ShrS or Opcode.I64ShrS => 6,
            Opcode.I32ShrU or Opcode.I64ShrU => 7,
            _ => -1,
        };
        return index < 0 ? null : (Opcode)((opcode <= Opcode.I32Rotr ? Op.I32Imm : Op.I64Imm) + index);
    }

    private void VectorConstant(OpcodeInfo info)
    {
        ulong low = _reader.Fixed64();
        ulong high = _reader.Fixed64();
        Emit(info.Opcode, PushResult(WasmValueType.V128), 0, 0);
        EmitData(low, high);
    }

    private void Shuffle(OpcodeInfo info)
    {
        ulong low = _reader.Fixed64();
        ulong high = _reader.Fixed64();
        int c = Register(Pop());
        int b = Register(Pop());
        Emit(info.Opcode, PushResult(WasmValueType.V128), b, c);
        EmitData(low, high);
    }

    private void LaneOperation(OpcodeInfo info)
    {
        int lane = _reader.Byte();
        int c = info.Operands.Length == 2 ? Register(Pop()) : 0;
        int b = Register(Pop());
        Emit(info.Opcode, PushResult(info.Result), b, c, lane);
    }

    /// <summary>
    /// A load or store. On the first memory with 32-bit addresses Imm is the offset; else (and for the rarer vector accesses always) it is
    /// packed: 48 bits of offset, 8 of lane, 8 of memory. A memory has less than 2^48 bytes, so larger offsets trap all the same when cut.
    /// </summary>
    private void Access(OpcodeInfo info)
    {
        (int memory, ulong offset, int lane) = InstructionReader.MemoryArgument(ref _reader, info.Immediates);
        bool isNear = memory == 0 && !_content.Memories[0].Limits.Is64;
        ulong packed = Math.Min(offset, OffsetMax) | ((ulong)lane << 48) | ((ulong)memory << 56);
        int value = info.Operands.Length == 2 ? Register(Pop()) : 0;
        int address = Register(Pop());
        Opcode op = info.Opcode;
        if (op < (Opcode)0x200) op = isNear ? op : (Opcode)(Op.Far + (op - Opcode.I32Load));
        else if (isNear && op == Opcode.V128Load) op = Op.LoadVector;
        else if (isNear && op == Opcode.V128Store) op = Op.StoreVector;
        bool usesOffset = isNear && (op < (Opcode)0x200);
        int target = info.Result == WasmValueType.None ? 0 : PushResult(info.Result);
        Emit(op, target, address, value, (long)(usesOffset ? offset : packed));
        if (info.Result == WasmValueType.None) _definition = -1;
    }
}
