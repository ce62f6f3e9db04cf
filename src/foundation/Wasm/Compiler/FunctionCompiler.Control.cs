using System.Reflection.Emit;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Compiler;

internal sealed partial class FunctionCompiler
{
    private readonly List<Frame> _frames = [];
    private bool _dead;
    private int _deadDepth;
    private int _nextLoop;

    /// <summary>An open block.</summary>
    private sealed class Frame
    {
        internal Opcode Opcode { get; init; }

        internal bool IsFunction { get; init; }

        internal WasmValueType[] Start { get; init; } = [];

        internal WasmValueType[] End { get; init; } = [];

        /// <summary>Where branches to it go.</summary>
        internal Label Label { get; init; }

        internal bool IsTargeted { get; set; }

        /// <summary>Of loops: what coming round again costs.</summary>
        internal int Cost { get; set; }

        /// <summary>Of loops: where another slice of fuel is taken before coming round again.</summary>
        internal Label? Refill { get; set; }

        /// <summary>The offset of its instruction.</summary>
        internal int Site { get; init; }

        /// <summary>Where a false condition goes, until the else is there.</summary>
        internal Label? ElseLabel { get; set; }

        /// <summary>How many operands lie below it.</summary>
        internal int Height { get; init; }

        /// <summary>Where branches to it, and an if its parameters for the else, leave values.</summary>
        internal LocalBuilder[] Values { get; set; } = [];

        internal LocalBuilder[] Parameters { get; set; } = [];

        /// <summary>How much of the log of checks still holds where the block ends.</summary>
        internal int CheckMark { get; set; }

        internal int FirstCheck { get; init; }

        internal WasmValueType[] LabelTypes => Opcode == Opcode.Loop ? Start : End;
    }

    private Frame Target(int depth) => _frames[^(depth + 1)];

    private Frame PushFrame(Opcode opcode, WasmValueType[] start, WasmValueType[] end, bool isFunction = false)
    {
        var frame = new Frame
        {
            Opcode = opcode,
            IsFunction = isFunction,
            Start = start,
            End = end,
            Label = isFunction ? _exit : _il.NewLabel(),
            Height = _operands.Count - start.Length,
            CheckMark = int.MaxValue,
            FirstCheck = _checkLog.Count,
            Site = _at,
        };
        if (!isFunction) frame.Values = TakeAll(frame.LabelTypes);
        _frames.Add(frame);
        return frame;
    }

    private LocalBuilder[] TakeAll(WasmValueType[] types)
    {
        var variables = new LocalBuilder[types.Length];
        for (int i = 0; i < types.Length; i++) variables[i] = _il.Take(MethodWriter.TypeOf(types[i]));
        return variables;
    }

    private void Control(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.Nop: break;
            case Opcode.Unreachable:
                _il.Branch(OpCodes.Br, ColdTrap(WasmTrapKind.Unreachable));
                _dead = true;
                break;
            case Opcode.Block:
                (WasmValueType[] start, WasmValueType[] end) = InstructionReader.BlockType(ref _reader, _content);
                SettleAll();
                PushFrame(opcode, start, end);
                break;
            case Opcode.Loop: Loop(); break;
            case Opcode.If: If(); break;
            case Opcode.Else: Else(); break;
            case Opcode.End: End(); break;
            case Opcode.Br:
                Branch((int)_reader.U32());
                _dead = true;
                break;
            case Opcode.BrIf: BranchIf(); break;
            case Opcode.BrTable: BranchTable(); break;
            case Opcode.Return:
                Branch(_frames.Count - 1);
                _dead = true;
                break;
            default: Calls(opcode); break;
        }
    }

    private void Loop()
    {
        (WasmValueType[] start, WasmValueType[] end) = InstructionReader.BlockType(ref _reader, _content);
        SettleAll();
        Frame frame = PushFrame(Opcode.Loop, start, end);
        MoveTo(frame.Values, start.Length);
        for (int i = 0; i < start.Length; i++) Forget(Pop());
        frame.Cost = TakeBlock();
        if (_isMetered && !_isEntered)
        {
            Pay(frame.Cost);
            _il.Load(_fuel);
            _il.Int(0);
            _il.Branch(OpCodes.Blt, RefillOf(frame));
        }

        _isEntered = false;
        _il.Mark(frame.Label);

        // What is known of locals that the loop changes does not hold when it comes round again.
        foreach (int local in _scan.AssignedIn(_nextLoop++)) _versions[local]++;
        for (int i = 0; i < start.Length; i++) Push(Node.Temporary(frame.Values[i], start[i], isKept: true));
    }

    private void If()
    {
        (WasmValueType[] start, WasmValueType[] end) = InstructionReader.BlockType(ref _reader, _content);
        Node condition = Pop();
        SettleAll();
        Frame frame = PushFrame(Opcode.If, start, end);
        frame.Parameters = TakeAll(start);
        MoveTo(frame.Parameters, start.Length);
        for (int i = 0; i < start.Length; i++) Forget(Pop());
        frame.ElseLabel = _il.NewLabel();
        Branch(condition, whenTrue: false, frame.ElseLabel.Value);
        PushParameters(frame);
        Charge(TakeBlock(), _at, mayLoop: false);
    }

    private void PushParameters(Frame frame)
    {
        for (int i = 0; i < frame.Start.Length; i++) Push(Node.Temporary(frame.Parameters[i], frame.Start[i], isKept: true));
    }

    private void Else()
    {
        Frame frame = _frames[^1];
        if (!_dead) Branch(0);
        _dead = false;
        RevertChecks(frame.FirstCheck);
        ResetOperands(frame);
        PushParameters(frame);
        _il.Mark(frame.ElseLabel!.Value);
        frame.ElseLabel = null;
        Charge(TakeBlock(), _at, mayLoop: false);
    }

    private void End()
    {
        Frame frame = _frames[^1];
        bool falls = !_dead;
        if (frame.IsFunction)
        {
            if (falls) LeaveFunction();
            _frames.RemoveAt(0);
            return;
        }

        _frames.RemoveAt(_frames.Count - 1);
        _dead = false;
        if (frame.Opcode == Opcode.Loop)
        {
            EndLoop(frame, falls);
            return;
        }

        // An if without else gives what it takes: the parameters are what the empty arm leaves.
        bool isOneArmed = frame.ElseLabel is not null;
        if (falls) MoveTo(frame.Values, frame.End.Length);
        ResetOperands(frame);
        if (isOneArmed && frame.End.Length > 0) JoinEmptyArm(frame, falls);
        else if (isOneArmed) _il.Mark(frame.ElseLabel!.Value);
        if (frame.IsTargeted) _il.Mark(frame.Label);
        RevertChecks(frame.Opcode == Opcode.Block ? Math.Min(frame.CheckMark, _checkLog.Count) : frame.FirstCheck);
        for (int i = 0; i < frame.End.Length; i++) Push(Node.Temporary(frame.Values[i], frame.End[i]));
        foreach (LocalBuilder parameter in frame.Parameters) _il.GiveBack(parameter);
        if (_content.Blocks.Offset(_nextBlock) == _reader.Position) Charge(TakeBlock(), _at, mayLoop: false);
    }

    private void JoinEmptyArm(Frame frame, bool falls)
    {
        Label over = _il.NewLabel();
        if (falls) _il.Branch(OpCodes.Br, over);
        _il.Mark(frame.ElseLabel!.Value);
        foreach (LocalBuilder parameter in frame.Parameters) _il.Load(parameter);
        for (int i = frame.Values.Length - 1; i >= 0; i--) _il.Store(frame.Values[i]);
        _il.Mark(over);
    }

    private void EndLoop(Frame frame, bool falls)
    {
        if (!falls)
        {
            // What follows cannot be reached, though validation, and the table of blocks, go on.
            ResetOperands(frame);
            foreach (WasmValueType type in frame.End) Push(Node.Constant(type, 0));
        }
        else
        {
            SettleAll();
            for (int i = _operands.Count - frame.End.Length; i < _operands.Count; i++)
                if (_operands[i].IsKept) _operands[i] = Computed(_operands[i]);
        }

        foreach (LocalBuilder value in frame.Values) _il.GiveBack(value);
    }

    private void ResetOperands(Frame frame)
    {
        while (_operands.Count > frame.Height) Forget(Pop());
    }

    /// <summary>Charges for the block that begins here. Loops and functions also look whether fuel is left.</summary>
    private void Charge(int cost, int site, bool mayLoop)
    {
        if (!_isMetered || (cost == 0 && !mayLoop)) return;
        Pay(cost);
        if (!mayLoop) return;
        _il.Load(_fuel);
        _il.Int(0);
        Label resume = _il.NewLabel();
        _il.Branch(OpCodes.Blt, ColdRefill(resume, site));
        _il.Mark(resume);
    }

    private void Pay(int cost)
    {
        _il.Load(_fuel);
        _il.Int(cost);
        _il.Op(OpCodes.Sub);
        _il.Store(_fuel);
    }

    private int TakeBlock()
    {
        if (_content.Blocks.Offset(_nextBlock) != _reader.Position)
            throw new InvalidOperationException("The block table does not fit the code.");
        return _content.Blocks.Cost(_nextBlock++);
    }

    /// <summary>Copies the topmost operands to variables, all at once: they may be each other's.</summary>
    private void MoveTo(LocalBuilder[] variables, int count)
    {
        for (int i = 0; i < count; i++) Emit(_operands[_operands.Count - count + i], keep: true);
        for (int i = count - 1; i >= 0; i--) _il.Store(variables[i]);
    }

    /// <summary>Walks over code that cannot be reached until the block it is in goes on.</summary>
    private void Skip(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.Block or Opcode.Loop or Opcode.If or Opcode.TryTable:
                _deadDepth++;
                if (opcode == Opcode.Loop) _nextLoop++;
                InstructionReader.BlockType(ref _reader, _content);
                break;
            case Opcode.Else when _deadDepth == 0: Else(); break;
            case Opcode.End when _deadDepth == 0: End(); break;
            case Opcode.Else: break;
            case Opcode.End: _deadDepth--; break;
            default: InstructionReader.Skip(ref _reader, OpcodeInfo.Of((int)opcode)!.Immediates); break;
        }
    }
}
