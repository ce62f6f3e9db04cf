using System.Runtime.InteropServices;
using Sirsi.Wasm.Binary;
using Sirsi.Wasm.Validation;

namespace Sirsi.Wasm.Compiler;

/// <summary>
/// Which locals of a function may still be read before they are assigned anew, at the places where it could be cut and where branches lead. The
/// textbook's backward data flow (gen and kill sets of basic blocks), over code that was validated.
/// </summary>
internal sealed class Liveness
{
    /// <summary>Structured code settles within its loops' nesting; what takes longer was made to.</summary>
    private const int RoundsMax = 12;

    /// <summary>Above so many words of sets it is not worth it.</summary>
    private const int WordsMax = 1 << 20;

    private readonly ModuleContent _content;
    private readonly int _words;
    private readonly List<ulong> _read = [];
    private readonly List<ulong> _assigned = [];
    private readonly List<int> _firstEdge = [];
    private readonly List<int> _edges = [];
    private readonly List<int> _blockOfLabel = [];
    private readonly Dictionary<int, int> _blockAt = [];
    private readonly Dictionary<int, int> _labelAt = [];
    private readonly List<Open> _open = [];
    private ulong[] _live = [];
    private bool _falls;

    private Liveness(ModuleContent content, int locals)
    {
        _content = content;
        _words = (locals + 63) / 64;
    }

    private int Blocks => _firstEdge.Count;

    /// <summary>Null when finding out would cost too much.</summary>
    internal static Liveness? Of(ModuleContent content, int defined, int locals)
    {
        FunctionBody body = content.Bodies[defined];
        var liveness = new Liveness(content, locals);
        return liveness.Walk(new ByteReader(content.Code, body.Start, body.End, 0)) && liveness.Settle() ? liveness : null;
    }

    /// <summary>The locals that live where a piece of code begins or ends.</summary>
    /// <param name="offset">The offset of a <c>block</c>, <c>loop</c>, <c>else</c> or <c>end</c>, or of what follows an <c>end</c>.</param>
    internal LiveSet At(int offset) => OfBlock(_blockAt[offset]);

    /// <summary>The locals that live where branches to a block lead.</summary>
    /// <param name="offset">The offset of the instruction that opens it.</param>
    internal LiveSet AtLabel(int offset) => OfBlock(_blockOfLabel[_labelAt[offset]]);

    private LiveSet OfBlock(int block) => new(_live.AsMemory(block * _words, _words));

    private bool Walk(ByteReader reader)
    {
        Begin(reader.Position);
        _open.Add(new(NewLabel(), -1));
        while (!reader.IsAtEnd)
        {
            Step(ref reader);
            if ((long)Blocks * _words > WordsMax) return false;
        }

        return true;
    }

    private void Step(ref ByteReader reader)
    {
        int at = reader.Position;
        var opcode = (Opcode)FunctionValidator.ReadOpcode(ref reader);
        switch (opcode)
        {
            case Opcode.Block or Opcode.Loop or Opcode.If: OpenBlock(opcode, at, ref reader); break;
            case Opcode.Else: Else(at, reader.Position); break;
            case Opcode.End: End(at, reader.Position); break;
            case Opcode.LocalGet: Read((int)reader.U32()); break;
            case Opcode.LocalSet or Opcode.LocalTee: Assign((int)reader.U32()); break;
            case Opcode.Br:
                Edge(Label((int)reader.U32()));
                Stop(reader.Position);
                break;
            case Opcode.BrIf:
                Edge(Label((int)reader.U32()));
                Begin(reader.Position);
                break;
            case Opcode.BrTable:
                for (uint left = reader.U32() + 1; left > 0; left--) Edge(Label((int)reader.U32()));
                Stop(reader.Position);
                break;
            default:
                InstructionReader.Skip(ref reader, OpcodeInfo.Of((int)opcode)!.Immediates);
                if (opcode is Opcode.Return or Opcode.Unreachable or Opcode.Throw or Opcode.ThrowRef or Opcode.ReturnCall or Opcode.ReturnCallIndirect)
                    Stop(reader.Position);
                break;
        }
    }

    private void OpenBlock(Opcode opcode, int at, ref ByteReader reader)
    {
        InstructionReader.BlockType(ref reader, _content);
        if (opcode != Opcode.If) Begin(at);
        int label = NewLabel();
        int otherwise = -1;
        _labelAt[at] = label;
        if (opcode == Opcode.Loop) _blockOfLabel[label] = Blocks - 1;
        if (opcode == Opcode.If)
        {
            otherwise = NewLabel();
            Edge(otherwise);
            Begin(reader.Position);
        }

        _open.Add(new(label, otherwise));
    }

    private void Else(int at, int after)
    {
        Open block = _open[^1];
        Begin(at);
        Edge(block.Label);
        Stop(after);
        _blockOfLabel[block.Else] = Blocks - 1;
        _open[^1] = block with { Else = -1 };
    }

    private void End(int at, int after)
    {
        Open block = _open[^1];
        _open.RemoveAt(_open.Count - 1);
        Begin(after);
        _blockAt[at] = Blocks - 1;
        if (_blockOfLabel[block.Label] < 0) _blockOfLabel[block.Label] = Blocks - 1;
        if (block.Else >= 0) _blockOfLabel[block.Else] = Blocks - 1;
    }

    /// <summary>A block begins, reached from the one before unless that one never gets there.</summary>
    private void Begin(int offset)
    {
        if (_falls) _edges.Add(-Blocks - 1);
        _blockAt[offset] = Blocks;
        _firstEdge.Add(_edges.Count);
        for (int i = 0; i < _words; i++)
        {
            _read.Add(0);
            _assigned.Add(0);
        }

        _falls = true;
    }

    private void Stop(int after)
    {
        _falls = false;
        Begin(after);
    }

    private int NewLabel()
    {
        _blockOfLabel.Add(-1);
        return _blockOfLabel.Count - 1;
    }

    private int Label(int depth) => _open[^(depth + 1)].Label;

    private void Edge(int label) => _edges.Add(label);

    private void Read(int local)
    {
        int word = ((Blocks - 1) * _words) + (local >> 6);
        if ((_assigned[word] & (1UL << local)) == 0) _read[word] |= 1UL << local;
    }

    private void Assign(int local) => _assigned[((Blocks - 1) * _words) + (local >> 6)] |= 1UL << local;

    private bool Settle()
    {
        _live = [.. _read];
        bool changes = true;
        for (int round = 0; changes; round++)
        {
            if (round == RoundsMax) return false;
            changes = false;
            for (int block = Blocks - 1; block >= 0; block--) changes |= Flow(block);
        }

        return true;
    }

    private bool Flow(int block)
    {
        bool changes = false;
        int last = block + 1 < Blocks ? _firstEdge[block + 1] : _edges.Count;
        for (int edge = _firstEdge[block]; edge < last; edge++)
        {
            int to = _edges[edge] < 0 ? -_edges[edge] - 1 : _blockOfLabel[_edges[edge]];
            for (int word = 0; word < _words; word++)
            {
                int at = (block * _words) + word;
                ulong live = _live[at] | (_live[(to * _words) + word] & ~_assigned[at]);
                changes |= live != _live[at];
                _live[at] = live;
            }
        }

        return changes;
    }

    /// <summary>A block that has begun.</summary>
    /// <param name="Label">Where branches to it lead.</param>
    /// <param name="Else">Where a false condition leads as long as no else has come; else -1.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Open(int Label, int Else);
}

/// <summary>A set of locals.</summary>
internal readonly struct LiveSet(ReadOnlyMemory<ulong> words)
{
    internal bool Contains(int local) => (words.Span[local >> 6] & (1UL << local)) != 0;
}
