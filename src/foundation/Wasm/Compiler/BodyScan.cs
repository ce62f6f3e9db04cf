using Sirsi.Wasm.Binary;
using Sirsi.Wasm.Validation;

namespace Sirsi.Wasm.Compiler;

/// <summary>A first look at a body: what it uses, and which locals each of its loops changes.</summary>
internal sealed class BodyScan
{
    private readonly Stack<bool> _blocks = new();
    private readonly Stack<HashSet<int>> _open = new();

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

    /// <summary>How many instructions may trap by what they are given.</summary>
    internal int Traps { get; private set; }

    /// <summary>By loop, in code order: the locals assigned within.</summary>
    internal List<HashSet<int>> Loops { get; } = [];

    internal static BodyScan Of(ModuleContent content, int defined)
    {
        FunctionBody body = content.Bodies[defined];
        var reader = new ByteReader(content.Code, body.Start, body.End, 0);
        var scan = new BodyScan();
        scan._blocks.Push(false);
        while (scan._blocks.Count > 0 && !scan.IsLeftToInterpreter) scan.Step(ref reader, content, defined);
        return scan;
    }

    private void Step(ref ByteReader reader, ModuleContent content, int defined)
    {
        var opcode = (Opcode)FunctionValidator.ReadOpcode(ref reader);
        OpcodeInfo info = OpcodeInfo.Of((int)opcode)!;
        switch (opcode)
        {
            case Opcode.Loop:
                Loops.Add([]);
                _open.Push(Loops[^1]);
                _blocks.Push(true);
                InstructionReader.BlockType(ref reader, content);
                break;
            case Opcode.Block or Opcode.If:
                _blocks.Push(false);
                InstructionReader.BlockType(ref reader, content);
                break;
            case Opcode.End:
                if (!_blocks.Pop()) break;
                HashSet<int> assigned = _open.Pop();
                if (_open.TryPeek(out HashSet<int>? outer)) outer.UnionWith(assigned);
                break;
            case Opcode.LocalSet or Opcode.LocalTee:
                int local = (int)reader.U32();
                if (_open.TryPeek(out HashSet<int>? loop)) loop.Add(local);
                break;
            case Opcode.TryTable or Opcode.ReturnCallIndirect: IsLeftToInterpreter = true; break;
            case Opcode.ReturnCall:
                if (reader.U32() == (uint)(content.ImportedFunctions + defined)) IsSelfTailCalled = true;
                else IsLeftToInterpreter = true;
                break;
            default:
                Note(info);
                InstructionReader.Skip(ref reader, info.Immediates);
                break;
        }
    }

    private void Note(OpcodeInfo info)
    {
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
    }
}
