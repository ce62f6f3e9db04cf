using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Validation;

internal sealed partial class FunctionValidator
{
    private static readonly Dictionary<WasmValueType, WasmValueType[]> Single = Enum.GetValues<WasmValueType>()
        .ToDictionary(static type => type, static type => new[] { type });

    private void Control(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.Nop: break;
            case Opcode.Unreachable: SetUnreachable(); break;
            case Opcode.Block or Opcode.Loop or Opcode.If: Enter(opcode); break;
            case Opcode.TryTable: TryTable(); break;
            case Opcode.Else: Else(); break;
            case Opcode.End: End(); break;
            case Opcode.Br:
                Pop(Label(_reader.U32()));
                SetUnreachable();
                break;
            case Opcode.BrIf:
                uint label = _reader.U32();
                Pop(WasmValueType.I32);
                WasmValueType[] types = Label(label);
                Pop(types);
                Push(types);
                BeginBlock();
                break;
            case Opcode.BrTable: BranchTable(); break;
            case Opcode.Return:
                Pop(_controls[0].End);
                SetUnreachable();
                break;
            case Opcode.Throw: Throw(); break;
            case Opcode.ThrowRef:
                Require(WasmFeatures.ExceptionHandling, "exception handling");
                Pop(WasmValueType.ExnRef);
                SetUnreachable();
                break;
            default: Call(opcode); break;
        }
    }

    private void Enter(Opcode opcode)
    {
        (WasmValueType[] start, WasmValueType[] end) = BlockType();
        if (opcode == Opcode.If) Pop(WasmValueType.I32);
        Pop(start);
        PushControl(opcode, start, end);
        if (opcode != Opcode.Block) BeginBlock();
    }

    private void Else()
    {
        if (_controls[_depth - 1].Opcode != Opcode.If) throw ByteReader.Malformed("else without if", _at);
        ControlFrame frame = PopControl();
        PushControl(Opcode.Else, frame.Start, frame.End);
        ref ControlFrame arm = ref _controls[_depth - 1];
        arm.Targeted = frame.Targeted;
        arm.EntryReachable = frame.EntryReachable;
        BeginBlock();
    }

    private void End()
    {
        bool falls = IsReachable;
        ControlFrame frame = PopControl();
        if (frame.Opcode == Opcode.If && !frame.Start.AsSpan().SequenceEqual(frame.End))
            throw Mismatch("an if without else must give what it takes");
        Push(frame.End);
        if (_depth == 0 || frame.Opcode == Opcode.Loop) return;
        if (frame.Targeted || !falls || frame.Opcode is Opcode.If or Opcode.Else) BeginBlock();
    }

    /// <summary>The code from here on is a basic block of its own, unless it cannot be reached.</summary>
    private void BeginBlock()
    {
        if (IsReachable) _block = content.Blocks.Add(_reader.Position);
    }

    private WasmValueType[] Label(uint depth)
    {
        if (depth >= (uint)_depth) throw ModuleDecoder.Invalid($"unknown label {depth}", _at);
        ref ControlFrame frame = ref _controls[_depth - 1 - (int)depth];
        if (IsReachable) frame.Targeted = true;
        return frame.LabelTypes;
    }

    private void BranchTable()
    {
        int count = _reader.Count("labels");
        Pop(WasmValueType.I32);
        int arity = -1;
        for (int i = 0; i <= count; i++)
        {
            WasmValueType[] types = Label(_reader.U32());
            if (arity >= 0 && types.Length != arity) throw Mismatch("labels of a br_table take different numbers of values");
            CheckTop(types);
            arity = types.Length;
        }

        SetUnreachable();
    }

    /// <summary>Whether the topmost operands fit the types, without popping them.</summary>
    private void CheckTop(WasmValueType[] types)
    {
        Work(types.Length);
        ref ControlFrame frame = ref _controls[_depth - 1];
        for (int i = 1; i <= types.Length; i++)
        {
            int at = _height - i;
            if (at < frame.Height)
            {
                if (frame.Unreachable) return;
                throw Mismatch("an operand is missing");
            }

            WasmValueType actual = _operands[at];
            if (actual != types[^i] && actual != WasmValueType.None)
                throw Mismatch($"expected {types[^i].Name()}, found {actual.Name()}");
        }
    }

    private void Call(Opcode opcode)
    {
        bool isTail = opcode is Opcode.ReturnCall or Opcode.ReturnCallIndirect;
        if (isTail) Require(WasmFeatures.TailCalls, "tail calls");
        WasmFunctionType type;
        if (opcode is Opcode.Call or Opcode.ReturnCall)
        {
            uint function = _reader.U32();
            if (function >= (uint)content.Functions.Count) throw ModuleDecoder.Invalid($"unknown function {function}", _at);
            type = content.Functions[(int)function];
        }
        else
        {
            uint index = _reader.U32();
            uint table = _reader.U32();
            if (table >= (uint)content.Tables.Count) throw ModuleDecoder.Invalid($"unknown table {table}", _at);
            if (index >= (uint)content.Types.Length) throw ModuleDecoder.Invalid($"unknown type {index}", _at);
            if (content.Tables[(int)table].Element != WasmValueType.FuncRef) throw Mismatch("an indirect call needs a table of functions");
            type = content.Types[index];
            Pop(content.Tables[(int)table].Limits.IndexType);
        }

        Pop(type.Parameters.AsSpan());
        if (!isTail)
        {
            Push(type.Results.AsSpan());
            return;
        }

        if (!type.Results.AsSpan().SequenceEqual(_controls[0].End)) throw Mismatch("a tail call must give what its caller gives");
        SetUnreachable();
    }

    private void Throw()
    {
        Require(WasmFeatures.ExceptionHandling, "exception handling");
        Pop(Tag(_reader.U32()).Parameters.AsSpan());
        SetUnreachable();
    }

    private WasmFunctionType Tag(uint index) =>
        index < (uint)content.Tags.Count ? content.Tags[(int)index].Payload : throw ModuleDecoder.Invalid($"unknown tag {index}", _at);

    private void TryTable()
    {
        Require(WasmFeatures.ExceptionHandling, "exception handling");
        (WasmValueType[] start, WasmValueType[] end) = BlockType();
        Pop(start);
        int count = _reader.Count("catch clauses");
        for (int i = 0; i < count; i++)
        {
            byte kind = _reader.Byte();
            if (kind > 3) throw ByteReader.Malformed("malformed catch clause", _at);
            List<WasmValueType> carried = kind < 2 ? [.. Tag(_reader.U32()).Parameters] : [];
            if ((kind & 1) != 0) carried.Add(WasmValueType.ExnRef);
            WasmValueType[] label = Label(_reader.U32());
            if (!label.AsSpan().SequenceEqual(carried.ToArray()))
                throw Mismatch("a catch clause carries other values than its label takes");
        }

        PushControl(Opcode.TryTable, start, end);
    }

    private (WasmValueType[] Start, WasmValueType[] End) BlockType()
    {
        byte first = _reader.Peek();
        if (first == 0x40)
        {
            _reader.Byte();
            return ([], []);
        }

        if ((first & 0xC0) == 0x40) return ([], Single[ModuleDecoder.ValueType(ref _reader, options)]);
        long at = _reader.Offset;
        long index = _reader.S33();
        if (index < 0 || index >= content.Types.Length) throw ModuleDecoder.Invalid($"unknown type {index}", at);
        WasmFunctionType type = content.Types[index];
        return (type.ParameterArray, type.ResultArray);
    }
}
