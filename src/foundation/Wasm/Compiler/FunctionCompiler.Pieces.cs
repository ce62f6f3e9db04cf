using System.Reflection.Emit;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Compiler;

/// <summary>
/// Cuts a function that RyuJIT would not optimise as a whole into pieces that it does: a block, or the rest of one, becomes a method of its own,
/// <c>int (WasmCall call, nint frame)</c>. The locals it uses travel through the slots the interpreter has them in; it gives the number of the
/// exit it took. Pieces are compiled when they are first run.
/// </summary>
internal sealed unsafe partial class FunctionCompiler
{
    private const int PieceBytesMax = 6_000;

    /// <summary>
    /// What is cut out, tried in turn until the whole is small enough: as much as can be, because pieces count their runs, and those that matter
    /// become part of the whole again (<see cref="CutAnew"/>). Plain blocks come last: one may hold half the arms of a switch, and then every arm
    /// pays for the locals of all.
    /// </summary>
    private static readonly Cutting[] Cuttings = [new(40), new(40, WithBlocks: true)];

    /// <summary>After so many pieces that came to nothing no more are tried: hostile code could make each of its blocks one.</summary>
    private const int FailedPiecesMax = 16;

    /// <summary>What a piece that was too large counts as: it has cost more than one that may not be cut.</summary>
    private const int CostOfTooLarge = 4;

    private static readonly Type[] PieceParameters = [typeof(WasmCall), typeof(nint)];

    private readonly Cutting _cutting;
    private readonly FunctionCompiler? _whole;

    private readonly Dictionary<int, PieceExit> _exits = [];
    private readonly int[] _pieceLocals = [];

    /// <summary>Of a piece: the locals that are brought along, and those that some way out takes away.</summary>
    private readonly HashSet<int> _brought = [];

    private readonly HashSet<int> _taken = [];
    private readonly Liveness? _liveness;
    private readonly int _pieceEnd;
    private readonly List<CutPiece> _pieces = [];
    private int _failedPieces;

    /// <summary>Whether the loop the piece begins with is under way, and its round paid for.</summary>
    private bool _isEntered;

    /// <summary>Which parts become pieces.</summary>
    /// <param name="BytesLeast">From how many bytes on.</param>
    /// <param name="WithBlocks">Whether plain blocks do, beside loops and the rests of blocks.</param>
    private sealed record Cutting(int BytesLeast, bool WithBlocks = false)
    {
        /// <summary>Which locals need not travel; null when all must.</summary>
        internal Liveness? Liveness { get; init; }

        /// <summary>Pieces that were made before, by their first offsets: nothing else is cut out.</summary>
        internal Dictionary<int, CutPiece>? Known { get; init; }

        /// <summary>Those of them that become part of the whole again.</summary>
        internal HashSet<int>? Kept { get; init; }

        /// <summary>Whether these need not be counted any more.</summary>
        internal bool IsFinal { get; init; }
    }

    /// <summary>A way out of a piece other than off its end.</summary>
    private sealed record PieceExit(int Code, int Depth, Label Label, LiveSet? Live);

    /// <summary>A piece of a whole from where its reader stands to <paramref name="end"/>.</summary>
    private FunctionCompiler(FunctionCompiler whole, BodyScan scan, int end, ILGenerator il)
        : this(whole._module, whole._header->Index, scan, il, new(int.MaxValue))
    {
        _whole = whole;
        _liveness = whole._liveness;
        _pieceEnd = end;
        _reader = new ByteReader(_content.Code, whole._reader.Position, end, 0);
        _nextBlock = whole._nextBlock;
        _callSites = whole._callSites;
        _instructions = whole._instructions;
        _top = whole._top;
        _pieceLocals = [.. scan.Read.Union(scan.Assigned).Order()];
        LiveSet? live = _liveness?.At(whole._reader.Position);
        _brought.UnionWith(_pieceLocals.Where(local => live?.Contains(local) ?? true));
        foreach (Frame outer in whole._frames) _frames.Add(outer);
    }

    /// <summary>Where each local lies in the frame.</summary>
    private int SlotOf(int local)
    {
        if (_localSlots.Length == 0)
        {
            _localSlots = new int[_localTypes.Length];
            for (int i = 1; i < _localTypes.Length; i++) _localSlots[i] = _localSlots[i - 1] + _localTypes[i - 1].Slots();
        }

        return _localSlots[local];
    }

    /// <summary>Cuts out what begins where the reader stands, if that is worth it and can be done.</summary>
    private bool TryCut(int at)
    {
        if (_cutting.Known is { } known) return known.TryGetValue(at, out CutPiece? piece) && !_dead && Place(piece);
        if (_cutting.BytesLeast == int.MaxValue || _failedPieces > FailedPiecesMax || _dead) return false;
        if (_operands.Count != _frames[^1].Height) return false;
        bool givesNothing = _frames[^1].End.Length == 0;
        return (givesNothing && _scan.Rests.TryGetValue(at, out int rest) && TryCut(at, rest))
            || (_scan.Blocks.TryGetValue(at, out int end) && (_cutting.WithBlocks || _content.Code[at] == (byte)Opcode.Loop)
                && TryCut(at, end));
    }

    /// <summary>Calls a piece, or counts a run of one that is part of the whole again.</summary>
    private bool Place(CutPiece piece)
    {
        if (!_cutting.Kept!.Contains(piece.Start))
        {
            CallPiece(piece);
            return true;
        }

        if (!_cutting.IsFinal)
        {
            _il.Address((nint)piece.Code.Countdown);
            _il.Address((nint)piece.Code.Countdown);
            _il.Op(OpCodes.Ldind_I);
            _il.Int(1);
            _il.Op(OpCodes.Sub);
            _il.Op(OpCodes.Stind_I);
        }

        return false;
    }

    private bool TryCut(int at, int end)
    {
        if (end - at < _cutting.BytesLeast || end - at > PieceBytesMax) return false;
        var scan = BodyScan.Of(_content, _header->Index, at, end);
        if (scan.HasTailCalls) return false;
        _reader = new ByteReader(_content.Code, at, _body.End, 0);
        DynamicMethod method = CodeStubs.NewMethod(Name + "@" + at, typeof(int), PieceParameters);
        method.InitLocals = false;
        var code = new CompiledPiece(method, _module.Code.NextPiece(), _header->Index);
        var piece = new FunctionCompiler(this, scan, end, method.GetILGenerator(8 * (end - at)));
        (int sites, int instructions) = (_callSites.Count, _instructions.Count);
        if (!piece.TryRunPiece(code))
        {
            _failedPieces += piece._hasFailed ? 1 : CostOfTooLarge;
            _callSites.RemoveRange(sites, _callSites.Count - sites);
            _instructions.RemoveRange(instructions, _instructions.Count - instructions);
            return false;
        }

        CallPiece(piece.AsCut(at, code));
        return true;
    }

    private CutPiece AsCut(int start, CompiledPiece code) => new(
        start,
        _pieceEnd,
        code,
        [.. _exits.Values.Select(static exit => (exit.Code, exit.Depth))],
        [.. _pieceLocals.Where(_brought.Contains)],
        [.. _pieceLocals.Where(_taken.Contains)],
        [.. _scan.Assigned],
        _nextBlock,
        _scan.LoopCount,
        _dead,
        _il.Size);

    /// <summary>A loop for the interpreter to go on in.</summary>
    internal static CompiledLoop CompileLoop(WasmModule module, int defined, int offset)
    {
        FunctionBody body = module.Content.Bodies[defined];
        if (body.End - body.Start > BodyBytesMax || body.LocalSlots > 1_000) return CompiledLoop.None;
        var scan = BodyScan.Of(module.Content, defined);
        if (scan.IsLeftToInterpreter || !scan.Blocks.TryGetValue(offset, out int end)) return CompiledLoop.None;

        // What comes before the loop is compiled for nothing, to know how things stand where it begins.
        WasmFunctionType type = module.Content.Functions[module.Content.ImportedFunctions + defined];
        DynamicMethod before = CodeStubs.NewMethod("before", CodeStubs.ResultOf(type), CodeStubs.ParametersOf(type));
        var whole = new FunctionCompiler(module, defined, scan, before.GetILGenerator(), new(int.MaxValue));
        whole.Prologue();
        whole.PushFrame(Opcode.Block, [], whole._type.ResultArray, isFunction: true);
        while (whole._reader.Position < offset) whole.Next();
        return whole._dead || whole._operands.Count != whole._frames[^1].Height ? CompiledLoop.None : whole.CutLoop(end);
    }

    private CompiledLoop CutLoop(int end)
    {
        int at = _reader.Position;
        var scan = BodyScan.Of(_content, _header->Index, at, end);
        DynamicMethod method = CodeStubs.NewMethod(Name + "@" + at, typeof(int), PieceParameters);
        method.InitLocals = false;
        var piece = new FunctionCompiler(this, scan, end, method.GetILGenerator(8 * (end - at))) { _isEntered = true };
        int sites = _callSites.Count;
        if (scan.HasTailCalls || !piece.TryRunPiece(counted: null)) return CompiledLoop.None;
        return new(
            new CompiledPiece(method, _module.Code.NextPiece(), _header->Index),
            piece._exits.Values.ToDictionary(static exit => exit.Code, static exit => exit.Depth),
            [.. _callSites.Skip(sites)],
            _instructions);
    }

    private bool TryRunPiece(CompiledPiece? counted)
    {
        int depth = _frames.Count;
        if (counted is not null) CountRun(counted);
        foreach (int local in _pieceLocals)
        {
            _variables[local] = _il.Take(MethodWriter.TypeOf(_localTypes[local]));
            if (!_brought.Contains(local)) continue;
            FrameAddress(SlotOf(local));
            _il.LoadAs(_localTypes[local]);
            _il.Store(_variables[local]!);
        }

        LoadFuel();
        ReloadMemory(isFirst: true);
        LoadGlobals();
        while (!_reader.IsAtEnd)
        {
            Next();
            if (_il.IsTooLarge || _hasFailed) return false;
        }

        if (_frames.Count != depth) throw new InvalidOperationException("A piece was cut across a block.");
        if (!_dead) EmitExit(CompiledLoop.Ended, _liveness?.At(_pieceEnd), isReturn: false);
        foreach (PieceExit exit in _exits.Values)
        {
            _il.Mark(exit.Label);
            EmitExit(exit.Code, exit.Live, _whole!._frames[^(exit.Depth + 1)].IsFunction);
        }

        EmitColdBlocks();
        return !_il.IsTooLarge;
    }

    private void CountRun(CompiledPiece piece)
    {
        LocalBuilder left = _il.Take(typeof(nint));
        Label hot = _il.NewLabel();
        Label resume = _il.NewLabel();
        _il.Address((nint)piece.Countdown);
        _il.Op(OpCodes.Ldind_I);
        _il.Int(1);
        _il.Op(OpCodes.Sub);
        _il.Store(left);
        _il.Address((nint)piece.Countdown);
        _il.Load(left);
        _il.Op(OpCodes.Stind_I);
        _il.Load(left);
        _il.Branch(OpCodes.Brfalse, hot);
        _il.Mark(resume);
        _il.GiveBack(left);
        _cold.Add(() =>
        {
            _il.Mark(hot);
            _il.LoadArgument(CallArgument);
            _il.Int(piece.Index);
            _il.Call(Methods.CutAnew);
            _il.Branch(OpCodes.Br, resume);
        });
    }

    /// <summary>
    /// Leaves; what was assigned and may still be read goes back to its slots, unless the function returns and has its results there.
    /// </summary>
    private void EmitExit(int code, LiveSet? live, bool isReturn)
    {
        foreach (int local in _pieceLocals)
        {
            if (isReturn || !_scan.Assigned.Contains(local) || !(live?.Contains(local) ?? true)) continue;
            _taken.Add(local);
            StoreSlot(SlotOf(local), Node.Temporary(_variables[local]!, _localTypes[local], isKept: true));
        }

        StoreFuel();
        _il.Int(code);
        _il.Op(OpCodes.Ret);
    }

    /// <summary>Whether a branch leaves the piece.</summary>
    private bool IsOutside(int depth) => _whole is not null && depth >= _frames.Count - _whole._frames.Count;

    /// <summary>Where the code to leave the piece for a label of the whole will be.</summary>
    private Label Exit(int depth)
    {
        int outer = depth - (_frames.Count - _whole!._frames.Count);
        Frame target = _whole._frames[^(outer + 1)];

        // Values could be handed over in slots, but compilers of C and its kin leave none on the stack there.
        if (!target.IsFunction && target.LabelTypes.Length > 0) _hasFailed = true;
        if (!_exits.TryGetValue(outer, out PieceExit? exit))
            _exits[outer] = exit = new(_exits.Count + 1, outer, _il.NewLabel(), target.IsFunction ? null : _liveness?.AtLabel(target.Site));
        return exit.Label;
    }

    /// <summary>The whole's side: locals to slots, the call, and on to where the piece wants to.</summary>
    private void CallPiece(CutPiece piece)
    {
        MethodSize before = _il.Size;
        _pieces.Add(piece);
        _reader = new ByteReader(_content.Code, piece.End, _body.End, 0);
        _nextBlock = piece.NextBlock;
        _nextLoop += piece.Loops;
        foreach (int local in piece.Brought)
        {
            _pendingUses[local]++;
            StoreSlot(SlotOf(local), Node.Local(local, _localTypes[local]));
        }

        LocalBuilder exit = _il.Take(typeof(int));
        StoreFuel();
        _il.LoadArgument(CallArgument);
        _il.LoadArgument(FrameArgument);
        _il.LoadArgument(CallArgument);
        _il.Int(piece.Code.Index);
        _il.StoreField(CallFields.Site);
        _il.Address((nint)piece.Code.Entrance);
        _il.Op(OpCodes.Ldind_I);
        _il.CallAddress(typeof(int), PieceParameters);
        _il.Store(exit);
        LoadFuel();
        ReloadMemory();
        foreach (int local in piece.Assigned) _versions[local]++;
        foreach (int local in piece.Taken)
        {
            FrameAddress(SlotOf(local));
            _il.LoadAs(_localTypes[local]);
            StoreLocal(local);
        }

        foreach ((int code, int depth) in piece.Exits) Leave(exit, code, depth);
        _il.GiveBack(exit);
        _dead = piece.NeverEnds;
        if (_dead) _il.Branch(OpCodes.Br, ColdTrap(WasmTrapKind.Unreachable));
        piece.CallSize = _il.Size - before;
    }

    private void Leave(LocalBuilder exit, int code, int depth)
    {
        Frame target = Target(depth);
        Label next = _il.NewLabel();
        _il.Load(exit);
        _il.Int(code);
        _il.Branch(OpCodes.Bne_Un, next);
        NoteBranch(depth);
        if (target.IsFunction && _result is not null)
        {
            FrameAddress(0);
            _il.LoadAs(_type.Results[0]);
            _il.Store(_result);
        }

        if (target.Opcode == Opcode.Loop) BranchBack(target);
        else _il.Branch(OpCodes.Br, target.Label);
        _il.Mark(next);
    }
}
