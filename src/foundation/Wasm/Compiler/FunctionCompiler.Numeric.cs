using System.Reflection.Emit;
using Sirsi.Wasm.Binary;
using Sirsi.Wasm.Operations;

namespace Sirsi.Wasm.Compiler;

internal sealed partial class FunctionCompiler
{
    private void Numeric(OpcodeInfo info)
    {
        if (info.Opcode is >= Opcode.I32TruncF32S and <= Opcode.I32TruncF64U or >= Opcode.I64TruncF32S and <= Opcode.I64TruncF64U)
        {
            Truncate(info);
            return;
        }

        if (info.Opcode is >= Opcode.I32DivS and <= Opcode.I32RemU or >= Opcode.I64DivS and <= Opcode.I64RemU)
        {
            Divide(info);
            return;
        }

        Push(Node.Operation(info.Opcode, info.Result, PopMany(info.Operands.Length)));
    }

    private void Vector(OpcodeInfo info)
    {
        if (info.Opcode == Opcode.I8x16Shuffle)
        {
            var lanes = Node.Constant(WasmValueType.V128, _reader.Fixed64(), _reader.Fixed64());
            Node[] vectors = PopMany(2);
            Push(Node.Operation(info.Opcode, info.Result, [.. vectors, lanes]));
            return;
        }

        int lane = _reader.Byte();
        Push(Node.Operation(info.Opcode, info.Result, PopMany(info.Operands.Length), lane));
    }

    private Node[] PopMany(int count)
    {
        var operands = new Node[count];
        for (int i = count - 1; i >= 0; i--) operands[i] = Pop();
        return operands;
    }

    private void EmitOperation(Node node, bool keep)
    {
        Opcode opcode = node.Opcode;
        if (IsRotation(node))
        {
            EmitRotation(node, keep);
            return;
        }

        foreach (Node operand in node.Operands)
        {
            if (IsRotation(operand) && ComputesOn(node)) EmitCall(operand, keep);
            else Emit(operand, keep);
        }

        if (opcode is >= Opcode.I32Shl and <= Opcode.I32ShrU or >= Opcode.I64Shl and <= Opcode.I64ShrU) MaskCount(opcode, node.Operands[1]);
        if (OperationMethods.Of(opcode) is { } method)
        {
            if (OpcodeInfo.Of((int)opcode)!.Immediates == Immediates.Lane) _il.Int(node.Index);
            _il.Call(method);
            return;
        }

        if (opcode is >= Opcode.I32Eqz and <= Opcode.F64Ge) EmitComparison(opcode);
        else EmitPlain(opcode);
        if (IsNeutral(opcode, node.Operands)) _il.Call(Methods.Quiet(node.Type));
    }

    private static bool IsRotation(Node node) =>
        node is { Kind: NodeKind.Operation, Opcode: Opcode.I32Rotl or Opcode.I32Rotr or Opcode.I64Rotl or Opcode.I64Rotr };

    /// <summary>Whether the operation computes a new value from each of its operands, so that theirs are not compared with anything.</summary>
    private static bool ComputesOn(Node operation) =>
        IsArithmetic(operation.Opcode)
        && !Array.Exists(operation.Operands, static one => one is { Kind: NodeKind.Constant, Low: 0 or 1 or uint.MaxValue or ulong.MaxValue });

    private static bool IsArithmetic(Opcode opcode) =>
        opcode is >= Opcode.I32Add and <= Opcode.I32Mul or >= Opcode.I32And and <= Opcode.I32Rotr
            or >= Opcode.I64Add and <= Opcode.I64Mul or >= Opcode.I64And and <= Opcode.I64Rotr;

    private void EmitCall(Node node, bool keep)
    {
        foreach (Node operand in node.Operands) Emit(operand, keep);
        EmitMethod(node.Opcode);
    }

    /// <summary>
    /// The sum of shifts: RyuJIT (10.0) takes a rotation by a number it knows for an instruction that sets the zero flag, and leaves out a comparison
    /// with zero behind it. Shifting back in two steps is right for 0 too.
    /// </summary>
    private void EmitRotation(Node node, bool keep)
    {
        bool isLeft = node.Opcode is Opcode.I32Rotl or Opcode.I64Rotl;
        bool isWide = node.Type == WasmValueType.I64;
        int most = isWide ? 63 : 31;
        LocalBuilder value = _il.Take(MethodWriter.TypeOf(node.Type));
        LocalBuilder count = _il.Take(typeof(int));
        Emit(node.Operands[0], keep);
        _il.Store(value);
        Emit(node.Operands[1], keep);
        if (isWide) _il.Op(OpCodes.Conv_I4);
        _il.Int(most);
        _il.Op(OpCodes.And);
        _il.Store(count);
        _il.Load(value);
        _il.Load(count);
        _il.Op(isLeft ? OpCodes.Shl : OpCodes.Shr_Un);
        _il.Load(value);
        _il.Int(1);
        _il.Op(isLeft ? OpCodes.Shr_Un : OpCodes.Shl);
        _il.Load(count);
        _il.Int(most);
        _il.Op(OpCodes.Xor);
        _il.Op(isLeft ? OpCodes.Shr_Un : OpCodes.Shl);
        _il.Op(OpCodes.Add);
        _il.GiveBack(value);
        _il.GiveBack(count);
    }

    /// <summary>RyuJIT takes x for x * 1 and x - 0, and so leaves a signalling NaN as it is.</summary>
    private static bool IsNeutral(Opcode opcode, Node[] operands)
    {
        if (opcode is not (>= Opcode.F32Add and <= Opcode.F32Div or >= Opcode.F64Add and <= Opcode.F64Div)) return false;
        double neutral = opcode is Opcode.F32Add or Opcode.F32Sub or Opcode.F64Add or Opcode.F64Sub ? 0 : 1;
        foreach (Node operand in operands)
        {
            if (operand.Kind != NodeKind.Constant) continue;
            double value = operand.Type == WasmValueType.F32
                ? BitConverter.UInt32BitsToSingle((uint)operand.Low)
                : BitConverter.UInt64BitsToDouble(operand.Low);
            if (Math.Abs(value) == neutral) return true;
        }

        return false;
    }

    private void EmitMethod(Opcode opcode) => _il.Call(OperationMethods.Of(opcode)!);

    private void MaskCount(Opcode opcode, Node count)
    {
        if (opcode >= Opcode.I64Shl) _il.Op(OpCodes.Conv_I4);
        int bits = opcode >= Opcode.I64Shl ? 63 : 31;
        if (count.Kind == NodeKind.Constant && count.Low <= (ulong)bits) return;
        _il.Int(bits);
        _il.Op(OpCodes.And);
    }

    private void EmitComparison(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.I32Eqz:
                _il.Int(0);
                _il.Op(OpCodes.Ceq);
                return;
            case Opcode.I64Eqz:
                _il.Long(0);
                _il.Op(OpCodes.Ceq);
                return;
        }

        (OpCode compare, bool negate) = Comparison(opcode);
        _il.Op(compare);
        if (!negate) return;
        _il.Int(0);
        _il.Op(OpCodes.Ceq);
    }

    /// <summary>The comparison of .NET, and whether its opposite is meant. (Unordered ones make NaN answer as asked for.)</summary>
    private static (OpCode Compare, bool Negate) Comparison(Opcode opcode) => opcode switch
    {
        Opcode.I32Eq or Opcode.I64Eq or Opcode.F32Eq or Opcode.F64Eq => (OpCodes.Ceq, false),
        Opcode.I32Ne or Opcode.I64Ne or Opcode.F32Ne or Opcode.F64Ne => (OpCodes.Ceq, true),
        Opcode.I32LtS or Opcode.I64LtS or Opcode.F32Lt or Opcode.F64Lt => (OpCodes.Clt, false),
        Opcode.I32LtU or Opcode.I64LtU => (OpCodes.Clt_Un, false),
        Opcode.I32GtS or Opcode.I64GtS or Opcode.F32Gt or Opcode.F64Gt => (OpCodes.Cgt, false),
        Opcode.I32GtU or Opcode.I64GtU => (OpCodes.Cgt_Un, false),
        Opcode.I32LeS or Opcode.I64LeS => (OpCodes.Cgt, true),
        Opcode.I32LeU or Opcode.I64LeU or Opcode.F32Le or Opcode.F64Le => (OpCodes.Cgt_Un, true),
        Opcode.I32GeS or Opcode.I64GeS => (OpCodes.Clt, true),
        _ => (OpCodes.Clt_Un, true),
    };

    /// <summary>The branch that is taken when the comparison holds, and the one that is taken when it does not.</summary>
    private static (OpCode WhenTrue, OpCode WhenFalse) Branches(Opcode opcode) => opcode switch
    {
        Opcode.I32Eq or Opcode.I64Eq or Opcode.F32Eq or Opcode.F64Eq => (OpCodes.Beq, OpCodes.Bne_Un),
        Opcode.I32Ne or Opcode.I64Ne or Opcode.F32Ne or Opcode.F64Ne => (OpCodes.Bne_Un, OpCodes.Beq),
        Opcode.I32LtS or Opcode.I64LtS => (OpCodes.Blt, OpCodes.Bge),
        Opcode.I32LtU or Opcode.I64LtU => (OpCodes.Blt_Un, OpCodes.Bge_Un),
        Opcode.I32GtS or Opcode.I64GtS => (OpCodes.Bgt, OpCodes.Ble),
        Opcode.I32GtU or Opcode.I64GtU => (OpCodes.Bgt_Un, OpCodes.Ble_Un),
        Opcode.I32LeS or Opcode.I64LeS => (OpCodes.Ble, OpCodes.Bgt),
        Opcode.I32LeU or Opcode.I64LeU => (OpCodes.Ble_Un, OpCodes.Bgt_Un),
        Opcode.I32GeS or Opcode.I64GeS => (OpCodes.Bge, OpCodes.Blt),
        Opcode.I32GeU or Opcode.I64GeU => (OpCodes.Bge_Un, OpCodes.Blt_Un),
        Opcode.F32Lt or Opcode.F64Lt => (OpCodes.Blt, OpCodes.Bge_Un),
        Opcode.F32Gt or Opcode.F64Gt => (OpCodes.Bgt, OpCodes.Ble_Un),
        Opcode.F32Le or Opcode.F64Le => (OpCodes.Ble, OpCodes.Bgt_Un),
        _ => (OpCodes.Bge, OpCodes.Blt_Un),
    };

    /// <summary>Branches on a condition; a comparison becomes part of the branch.</summary>
    private void Branch(Node condition, bool whenTrue, Label target)
    {
        if (condition is { Kind: NodeKind.Operation, Opcode: Opcode.I32Eqz })
        {
            Branch(condition.Operands[0], !whenTrue, target);
            return;
        }

        if (condition is { Kind: NodeKind.Operation, Opcode: > Opcode.I32Eqz and <= Opcode.F64Ge and not Opcode.I64Eqz })
        {
            foreach (Node operand in condition.Operands) Emit(operand);
            (OpCode taken, OpCode other) = Branches(condition.Opcode);
            _il.Branch(whenTrue ? taken : other, target);
            return;
        }

        if (condition is { Kind: NodeKind.Operation, Opcode: Opcode.I64Eqz })
        {
            Emit(condition.Operands[0]);
            _il.Branch(whenTrue ? OpCodes.Brfalse : OpCodes.Brtrue, target);
            return;
        }

        Emit(condition);
        _il.Branch(whenTrue ? OpCodes.Brtrue : OpCodes.Brfalse, target);
    }

    private void EmitPlain(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.I32Add or Opcode.I64Add or Opcode.F32Add or Opcode.F64Add: _il.Op(OpCodes.Add); break;
            case Opcode.I32Sub or Opcode.I64Sub or Opcode.F32Sub or Opcode.F64Sub: _il.Op(OpCodes.Sub); break;
            case Opcode.I32Mul or Opcode.I64Mul or Opcode.F32Mul or Opcode.F64Mul: _il.Op(OpCodes.Mul); break;
            case Opcode.I32DivS or Opcode.I64DivS or Opcode.F32Div or Opcode.F64Div: _il.Op(OpCodes.Div); break;
            case Opcode.I32DivU or Opcode.I64DivU: _il.Op(OpCodes.Div_Un); break;
            case Opcode.I32RemS or Opcode.I64RemS: _il.Op(OpCodes.Rem); break;
            case Opcode.I32RemU or Opcode.I64RemU: _il.Op(OpCodes.Rem_Un); break;
            case Opcode.I32And or Opcode.I64And: _il.Op(OpCodes.And); break;
            case Opcode.I32Or or Opcode.I64Or: _il.Op(OpCodes.Or); break;
            case Opcode.I32Xor or Opcode.I64Xor: _il.Op(OpCodes.Xor); break;
            case Opcode.I32Shl or Opcode.I64Shl: _il.Op(OpCodes.Shl); break;
            case Opcode.I32ShrS or Opcode.I64ShrS: _il.Op(OpCodes.Shr); break;
            case Opcode.I32ShrU or Opcode.I64ShrU: _il.Op(OpCodes.Shr_Un); break;
            case Opcode.I32WrapI64: _il.Op(OpCodes.Conv_I4); break;
            case Opcode.I64ExtendI32S: _il.Op(OpCodes.Conv_I8); break;
            case Opcode.I64ExtendI32U: _il.Op(OpCodes.Conv_U8); break;
            case Opcode.I32Extend8S: _il.Op(OpCodes.Conv_I1); break;
            case Opcode.I32Extend16S: _il.Op(OpCodes.Conv_I2); break;
            case Opcode.F32ConvertI32S or Opcode.F32ConvertI64S: _il.Op(OpCodes.Conv_R4); break;
            case Opcode.F64ConvertI32S or Opcode.F64ConvertI64S: _il.Op(OpCodes.Conv_R8); break;
            case Opcode.I64Extend8S or Opcode.I64Extend16S or Opcode.I64Extend32S:
                _il.Op(opcode == Opcode.I64Extend8S ? OpCodes.Conv_I1 : opcode == Opcode.I64Extend16S ? OpCodes.Conv_I2 : OpCodes.Conv_I4);
                _il.Op(OpCodes.Conv_I8);
                break;
            default: throw new InvalidOperationException($"The compiler has no operation {opcode}.");
        }
    }

    private void Truncate(OpcodeInfo info)
    {
        Node operand = Pop();
        Emit(operand);
        if (operand.Type == WasmValueType.F32) _il.Op(OpCodes.Conv_R8);
        LocalBuilder value = _il.Take(typeof(double));
        _il.Store(value);
        (double above, double below) = Truncation.Interval(info.Opcode);
        Label cold = ColdTruncation(value);
        _il.Load(value);
        _il.Double(above);
        _il.Branch(OpCodes.Ble_Un, cold);
        _il.Load(value);
        _il.Double(below);
        _il.Branch(OpCodes.Bge_Un, cold);
        _il.Load(value);
        _il.Call(Methods.Truncation(info.Opcode));
        _il.GiveBack(value);
        PushStored(info.Result);
    }

    /// <summary>Division by a constant other than 0 and -1 cannot trap, and is a tree like others.</summary>
    private void Divide(OpcodeInfo info)
    {
        Node divisor = Pop();
        Node dividend = Pop();
        bool isWide = info.Result == WasmValueType.I64;
        bool isSigned = info.Opcode is Opcode.I32DivS or Opcode.I32RemS or Opcode.I64DivS or Opcode.I64RemS;
        bool isRemainder = info.Opcode is Opcode.I32RemS or Opcode.I32RemU or Opcode.I64RemS or Opcode.I64RemU;
        ulong minusOne = isWide ? ulong.MaxValue : uint.MaxValue;
        if (divisor.Kind == NodeKind.Constant && divisor.Low != 0 && (!isSigned || divisor.Low != minusOne))
        {
            Push(Node.Operation(info.Opcode, info.Result, [dividend, divisor]));
            return;
        }

        divisor = Simple(divisor);
        dividend = Simple(dividend);
        Emit(divisor, keep: true);
        _il.Branch(OpCodes.Brfalse, ColdTrap(WasmTrapKind.IntegerDivideByZero));
        if (isSigned && !isRemainder) CheckOverflow(dividend, divisor, isWide);
        Emit(dividend);
        Emit(divisor, keep: true);
        if (isSigned && isRemainder) AvoidMinusOne(divisor, isWide);
        Forget(divisor);
        EmitPlain(info.Opcode);
        PushStored(info.Result);
    }

    private void CheckOverflow(Node dividend, Node divisor, bool isWide)
    {
        Label fine = _il.NewLabel();
        Emit(divisor, keep: true);
        Number(-1, isWide);
        _il.Branch(OpCodes.Bne_Un, fine);
        Emit(dividend, keep: true);
        Number(isWide ? long.MinValue : int.MinValue, isWide);
        _il.Branch(OpCodes.Beq, ColdTrap(WasmTrapKind.IntegerOverflow));
        _il.Mark(fine);
    }

    /// <summary>The remainder by -1 is that by 1, but .NET raises for the smallest number: adds 2 to a divisor of -1.</summary>
    private void AvoidMinusOne(Node divisor, bool isWide)
    {
        Emit(divisor, keep: true);
        Number(-1, isWide);
        _il.Op(OpCodes.Ceq);
        if (isWide) _il.Op(OpCodes.Conv_I8);
        _il.Int(1);
        _il.Op(OpCodes.Shl);
        _il.Op(OpCodes.Add);
    }

    private void Number(long value, bool isWide)
    {
        if (isWide) _il.Long(value);
        else _il.Int((int)value);
    }
}
