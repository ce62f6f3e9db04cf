using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Interpreter;

internal sealed partial class Translator
{
    private readonly List<Frame> _frames = [];
    private readonly List<(int Position, int Cost)> _labels = [];
    private readonly List<int> _branches = [];
    private readonly List<(Frame Loop, Frame Outer, int End)> _loops = [];
    private readonly List<(BlockPlace Place, int Label)> _places = [];
    private bool _dead;
    private int _deadDepth;

    /// <summary>An open block.</summary>
    private sealed class Frame
    {
        internal Opcode Opcode { get; init; }

        internal bool IsFunction { get; init; }

        internal WasmValueType[] Start { get; init; } = [];

        internal WasmValueType[] End { get; init; } = [];

        /// <summary>Where branches to it go.</summary>
        internal int Label { get; init; }

        /// <summary>Where a false condition goes; -1 once bound.</summary>
        internal int ElseLabel { get; set; } = -1;

        /// <summary>How many operands lie below it.</summary>
        internal int Height { get; init; }

        /// <summary>The slot its results begin at.</summary>
        internal int Slot { get; init; }

        internal int TryStart { get; init; }

        internal int Offset { get; init; }

        internal required BlockPlace Place { get; init; }

        /// <summary>The innermost loop around it.</summary>
        internal Frame? OuterLoop { get; init; }

        internal List<CatchClause>? Catches { get; init; }

        internal WasmValueType[] LabelTypes => Opcode == Opcode.Loop ? Start : End;
    }

    private Frame Target(int depth) => _frames[^(depth + 1)];

    private int NewLabel()
    {
        _labels.Add((-1, 0));
        return _labels.Count - 1;
    }

    private Frame PushFrame(
        Opcode opcode, WasmValueType[] start, WasmValueType[] end, bool isFunction = false, List<CatchClause>? catches = null)
    {
        var frame = new Frame
        {
            Opcode = opcode,
            IsFunction = isFunction,
            Start = start,
            End = end,
            Label = NewLabel(),
            Height = _operands.Count - start.Length,
            Slot = NextSlot - WasmFunctionType.SlotsOf(start),
            TryStart = _count,
            Catches = catches,
            Offset = _at,
            Place = new(_frames.Count > 0 ? _frames[^1].Place : null),
            OuterLoop = _frames.Count == 0 ? null : _frames[^1].Opcode == Opcode.Loop ? _frames[^1] : _frames[^1].OuterLoop,
        };
        if (!isFunction) _places.Add((frame.Place, frame.Label));
        _frames.Add(frame);
        return frame;
    }

    private void Control(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.Nop: break;
            case Opcode.Unreachable:
                Emit(opcode, 0, 0, 0);
                _dead = true;
                break;
            case Opcode.Block:
                (WasmValueType[] start, WasmValueType[] end) = BlockType();
                Settle();
                PushFrame(opcode, start, end);
                break;
            case Opcode.Loop:
                (start, end) = BlockType();
                Settle();
                Bind(PushFrame(opcode, start, end).Label, falls: true, isLoop: true);
                break;
            case Opcode.If: If(); break;
            case Opcode.TryTable: TryTable(); break;
            case Opcode.Else: Else(); break;
            case Opcode.End: End(); break;
            case Opcode.Br:
                Branch(Target((int)_reader.U32()));
                _dead = true;
                break;
            case Opcode.BrIf: BranchIf(); break;
            case Opcode.BrTable: BranchTable(); break;
            case Opcode.Return:
                Return();
                _dead = true;
                break;
            default: Calls(opcode); break;
        }
    }

    private void If()
    {
        (WasmValueType[] start, WasmValueType[] end) = BlockType();
        Condition condition = PopCondition();
        Settle();
        Frame frame = PushFrame(Opcode.If, start, end);
        frame.ElseLabel = NewLabel();
        EmitBranchIf(condition.Negate(), frame.ElseLabel, TakeBlock());
    }

    private void Else()
    {
        Frame frame = _frames[^1];
        if (!_dead)
        {
            Settle();
            EmitBranch(frame.Label);
        }

        _dead = false;
        ResetOperands(frame, frame.Start);
        Bind(frame.ElseLabel, falls: false, isLoop: false);
        frame.ElseLabel = -1;
    }

    private void End()
    {
        Frame frame = _frames[^1];
        bool falls = !_dead;
        if (falls && frame.IsFunction) Return();
        else if (falls) Settle();
        _frames.RemoveAt(_frames.Count - 1);
        if (frame.IsFunction) return;
        _dead = false;
        if (frame.Catches is not null) AddHandlers(frame);
        ResetOperands(frame, frame.End);
        if (frame.Opcode == Opcode.Loop)
        {
            // A loop that never ends normally: what follows is dead, though validation keeps walking it.
            _loops.Add((frame, _frames[^1], _count));
            _definition = -1;
            return;
        }

        if (_content.Blocks.Offset(_nextBlock) == _reader.Position)
        {
            Bind(frame.Label, falls, isLoop: false);
            if (frame.ElseLabel >= 0) _labels[frame.ElseLabel] = _labels[frame.Label];
        }

        _definition = -1;
    }

    /// <summary>After a block the operands are what lay below it and the given ones, each in its slot.</summary>
    private void ResetOperands(Frame frame, WasmValueType[] types)
    {
        while (_operands.Count > frame.Height) Pop();
        foreach (WasmValueType type in types) PushResult(type);
        _settled = _operands.Count;
    }

    /// <summary>
    /// The label is here. Branches pay for the block as they jump; falling into it pays by an instruction of its own, as does
    /// everything when
    /// the cost is too large for a branch.
    /// </summary>
    private void Bind(int label, bool falls, bool isLoop)
    {
        int cost = TakeBlock();
        bool isHeavy = cost > ushort.MaxValue;
        int position = _count;
        if ((falls && (cost > 0 || isLoop)) || isHeavy) Emit(isLoop ? Op.FuelLoop : Op.Fuel, 0, 0, 0, (long)cost << 32);
        _labels[label] = isHeavy ? (position, 0) : (_count, cost);
        _definition = -1;
    }

    private int TakeBlock()
    {
        if (_content.Blocks.Offset(_nextBlock) != _reader.Position)
            throw new InvalidOperationException("The block table does not fit the code.");
        return _content.Blocks.Cost(_nextBlock++);
    }

    private void EmitBranch(int label)
    {
        _branches.Add(_count);
        Emit(Opcode.Br, 0, 0, 0, (uint)label);
        _definition = -1;
    }

    /// <summary>Moves the values a label takes to where it expects them.</summary>
    private void MoveTo(Frame target)
    {
        WasmValueType[] types = target.LabelTypes;
        if (types.Length == 0) return;
        if (types.Length == 1)
        {
            Place(_operands[^1], target.Slot);
            return;
        }

        Settle(types.Length);
        int source = _operands[^types.Length].Slot;
        if (source != target.Slot) Emit(Op.CopyRange, target.Slot, source, WasmFunctionType.SlotsOf(types));
        _definition = -1;
    }

    private void Branch(Frame target)
    {
        if (target.IsFunction)
        {
            Return();
            return;
        }

        MoveTo(target);
        EmitBranch(target.Label);
    }

    private void Return()
    {
        WasmValueType[] types = _type.ResultArray;
        if (types.Length == 0) Emit(Op.Return0, 0, 0, 0);
        else if (types.Length == 1 && types[0] != WasmValueType.V128) Emit(Op.Return1, 0, Register(_operands[^1]), 0);
        else
        {
            Settle(types.Length);
            Emit(Op.ReturnRange, 0, _operands[^types.Length].Slot, WasmFunctionType.SlotsOf(types));
        }

        _definition = -1;
    }

    private bool MustMove(Frame target) =>
        target.IsFunction
        || (target.LabelTypes.Length > 0 && (_operands[^target.LabelTypes.Length].Slot != target.Slot
            || Unsettled(target.LabelTypes.Length)));

    private bool Unsettled(int count)
    {
        for (int i = _operands.Count - count; i < _operands.Count; i++)
            if (_operands[i].Kind != OperandKind.Slot) return true;
        return false;
    }

    private void BranchIf()
    {
        Frame target = Target((int)_reader.U32());
        Condition condition = PopCondition();

        // Values stay on the stack when the branch is not taken, so they must not be moved on one path only.
        Settle(target.LabelTypes.Length);
        int next = TakeBlock();
        if (!MustMove(target))
        {
            EmitBranchIf(condition, target.Label, next);
            return;
        }

        int skip = NewLabel();
        EmitBranchIf(condition.Negate(), skip, 0);
        Branch(target);
        if (next > ushort.MaxValue)
        {
            _labels[skip] = (_count, 0);
            Emit(Op.Fuel, 0, 0, 0, (long)next << 32);
        }
        else
        {
            _labels[skip] = (_count, next);
        }

        _definition = -1;
    }

    private void BranchTable()
    {
        int count = (int)_reader.U32();
        int index = Register(Pop());
        var depths = new int[count + 1];
        for (int i = 0; i <= count; i++) depths[i] = (int)_reader.U32();
        Settle(Target(depths[0]).LabelTypes.Length);
        Emit(Opcode.BrTable, 0, index, 0, count);
        var stubs = new Dictionary<int, int>();
        foreach (int depth in depths)
        {
            Frame target = Target(depth);
            int label = target.Label;
            if (MustMove(target) && !stubs.TryGetValue(depth, out label)) stubs[depth] = label = NewLabel();
            EmitBranch(label);
        }

        foreach ((int depth, int label) in stubs.OrderBy(static stub => stub.Value))
        {
            _labels[label] = (_count, 0);
            Branch(Target(depth));
        }

        _dead = true;
    }

    private (WasmValueType[] Start, WasmValueType[] End) BlockType() => InstructionReader.BlockType(ref _reader, _content);

    private FunctionCode Finish()
    {
        Instr[] code = GC.AllocateUninitializedArray<Instr>(_count, pinned: true);
        Array.Copy(_code, code, _count);
        foreach (int at in _branches)
        {
            ref Instr branch = ref code[at];
            (int position, int cost) = _labels[branch.Target];
            branch.Target = position - at;
            if (branch.Op == Opcode.Br) branch.Cost = cost;
            else branch.A = (ushort)cost;
        }

        var loops = new Dictionary<int, LoopPlace>(_loops.Count);
        var byFrame = new Dictionary<Frame, LoopPlace>(_loops.Count);
        foreach ((Frame loop, Frame outer, int end) in _loops)
        {
            int head = _labels[loop.Label].Position;
            LoopPlace made = byFrame[loop] = new(loop.Offset, head, end, outer.Place);

            // A loop without instructions begins where what follows it, or what is around it, begins.
            if (end > head) loops[head] = made;
        }

        foreach ((Frame loop, _, _) in _loops) byFrame[loop].Around = loop.OuterLoop is { } around ? byFrame[around] : null;
        foreach ((BlockPlace place, int label) in _places) (place.Position, place.Cost) = _labels[label];

        return new(code, _offsets[.._count], [.. _handlers.Select(Resolve)], loops);
    }
}
