using Sirsi.Wasm.Binary;
using Sirsi.Wasm.Validation;

namespace Sirsi.Wasm.Compiler;

/// <summary>A first look at a body, or at a part of one: what it uses, which locals each of its loops changes, and where it could be cut.</summary>
internal sealed class BodyScan
{
    private readonly Stack<Open> _open = new();
    private readonly Stack<int> _openLoops = new();
    private readonly List<HashSet<int>> _assignedByLoop = [];
    private readonly List<int> _loopEnds = [];

    private BodyScan()
    {
    }

    /// <summary>Whether it has an instruction that only the interpreter runs.</summary>
    internal bool IsLeftToInterpreter { get; private set; }

    internal bool UsesMemory { get; private set; }

    internal bool UsesGlobals { get; private set; }

    internal bool Calls { get; private set; }

    /// <summary>Whether it calls itself in place of returning.</summary>
    internal bool IsSelfTailCalled { get; private set; }

    /// <summary>Whether it calls anything in place of returning.</summary>
    internal bool HasTailCalls { get; private set; }

    /// <summary>How many instructions may trap by what they are given.</summary>
    internal int Traps { get; private set; }

    internal int LoopCount => _assignedByLoop.Count;

    internal HashSet<int> Read { get; } = [];

    internal HashSet<int> Assigned { get; } = [];

    /// <summary>From the offset of a block that takes and gives nothing to what follows it.</summary>
    internal Dictionary<int, int> Blocks { get; } = [];

    /// <summary>From the offset of what follows a block to the end of the block around both.</summary>
    internal Dictionary<int, int> Rests { get; } = [];

    /// <summary>
    /// The locals assigned within a loop, some of them more than once; loops are numbered in code order. (Not one set for each: nested loops would
    /// need the square of their number.)
    /// </summary>
    internal IEnumerable<int> AssignedIn(int loop)
    {
        for (int inner = loop; inner < _loopEnds[loop]; inner++)
            foreach (int local in _assignedByLoop[inner]) yield return local;
    }

    internal static BodyScan Of(ModuleContent content, int defined)
    {
        FunctionBody body = content.Bodies[defined];
        return Of(content, defined, body.Start, body.End);
    }

    /// <summary>Looks at whole instructions from <paramref name="start"/> to <paramref name="end"/>.</summary>
    internal static BodyScan Of(ModuleContent content, int defined, int start, int end)
    {
        var reader = new ByteReader(content.Code, start, end, 0);
        var scan = new BodyScan();
        scan._open.Push(new(-1, isLoop: false));
        while (!reader.IsAtEnd && !scan.IsLeftToInterpreter) scan.Step(ref reader, content, defined);
        return scan;
    }

    private void Step(ref ByteReader reader, ModuleContent content, int defined)
    {
        int at = reader.Position;
        var opcode = (Opcode)FunctionValidator.ReadOpcode(ref reader);
        switch (opcode)
        {
            case Opcode.Loop or Opcode.Block or Opcode.If:
                bool isPlain = opcode != Opcode.If && reader.Peek() == 0x40;
                InstructionReader.BlockType(ref reader, content);
                _open.Push(new(isPlain ? at : -1, opcode == Opcode.Loop));
                if (opcode != Opcode.Loop) break;
                _openLoops.Push(LoopCount);
                _assignedByLoop.Add([]);
                _loopEnds.Add(0);
                break;
            case Opcode.Else: _open.Peek().EndRests(at, Rests); break;
            case Opcode.End: End(at, reader.Position); break;
            case Opcode.LocalGet: Read.Add((int)reader.U32()); break;
            case Opcode.LocalSet or Opcode.LocalTee:
                int local = (int)reader.U32();
                Assigned.Add(local);
                if (_openLoops.TryPeek(out int loop)) _assignedByLoop[loop].Add(local);
                break;
            case Opcode.TryTable: IsLeftToInterpreter = true; break;
            default: Plain(opcode, ref reader, content, defined); break;
        }
    }

    private void Plain(Opcode opcode, ref ByteReader reader, ModuleContent content, int defined)
    {
        OpcodeInfo info = OpcodeInfo.Of((int)opcode)!;
        if (opcode is Opcode.ReturnCall or Opcode.ReturnCallIndirect)
        {
            TailCall(opcode, ref reader, content, defined);
            return;
        }

        switch (info.Immediates)
        {
            case Immediates.MemArg or Immediates.MemArgLane:
                UsesMemory = true;
                Traps++;
                break;
            case Immediates.Memory or Immediates.MemoryMemory or Immediates.DataMemory: UsesMemory = true; break;
            case Immediates.Global: UsesGlobals = true; break;
            case Immediates.Function or Immediates.TypeTable: Calls = true; break;
        }

        InstructionReader.Skip(ref reader, info.Immediates);
    }

    private void TailCall(Opcode opcode, ref ByteReader reader, ModuleContent content, int defined)
    {
        HasTailCalls = Calls = true;
        int index = (int)reader.U32();
        if (opcode == Opcode.ReturnCallIndirect) reader.U32();
        if (opcode == Opcode.ReturnCall && index == content.ImportedFunctions + defined) IsSelfTailCalled = true;
        else if (opcode == Opcode.ReturnCall && index < content.ImportedFunctions) IsLeftToInterpreter = true;
        else if (!FitsRegisters(opcode == Opcode.ReturnCall ? content.Functions[index] : content.Types[index])) IsLeftToInterpreter = true;
    }

    /// <summary>
    /// Whether a call of the type takes no room on the host's stack, which is when RyuJIT jumps (System V's six and eight registers, of which two
    /// are ours).
    /// </summary>
    private static bool FitsRegisters(WasmFunctionType type)
    {
        int whole = 0, real = 0;
        foreach (WasmValueType parameter in type.Parameters)
        {
            if (parameter == WasmValueType.V128) return false;
            if (parameter is WasmValueType.F32 or WasmValueType.F64) real++;
            else whole++;
        }

        return whole <= 4 && real <= 8 && !OperatingSystem.IsWindows();
    }

    private void End(int at, int after)
    {
        Open block = _open.Pop();
        block.EndRests(at, Rests);
        if (block.Start >= 0) Blocks[block.Start] = after;
        if (_open.TryPeek(out Open? outer)) outer.Rests.Add(after);
        if (block.IsLoop) _loopEnds[_openLoops.Pop()] = LoopCount;
    }

    /// <summary>A block that has begun.</summary>
    /// <param name="start">Its offset; -1 when it takes or gives values, and so cannot be cut out.</param>
    /// <param name="isLoop">Whether it is a loop.</param>
    private sealed class Open(int start, bool isLoop)
    {
        internal int Start { get; } = start;

        internal bool IsLoop { get; } = isLoop;

        /// <summary>Where blocks within it have ended.</summary>
        internal List<int> Rests { get; } = [];

        internal void EndRests(int at, Dictionary<int, int> cuts)
        {
            foreach (int rest in Rests) cuts[rest] = at;
            Rests.Clear();
        }
    }
}
