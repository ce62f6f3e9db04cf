using System.Runtime.InteropServices;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Text;

/// <summary>
/// Reads instructions (section 6.5), flat and folded, and writes their bytes. What is open is kept in a list, not on the stack of calls, so
/// that nesting costs memory only; a folded instruction's bytes wait until its operands are written.
/// </summary>
internal sealed partial class WatCode(WatReader reader, WatScope scope, WatTypes types, int nestingMax)
{
    private readonly List<Frame> _frames = [];
    private readonly WatLabels _labels = new();
    private readonly ByteWriter _waiting = new();
    private WatSpace? _locals;

    /// <summary>What a frame is waiting for.</summary>
    private enum Shape : byte
    {
        /// <summary>A folded instruction: operands.</summary>
        Operands,

        /// <summary>A folded block, loop or try_table: instructions.</summary>
        Block,

        /// <summary>A folded if: its condition or <c>(then</c>.</summary>
        Condition,
        Then,
        AfterThen,
        Else,
        AfterElse,

        /// <summary>A block in flat form: instructions or <c>end</c>.</summary>
        FlatBlock,

        /// <summary>An if in flat form: instructions, <c>else</c> or <c>end</c>.</summary>
        FlatIf,
    }

    /// <summary>Reads instructions up to the closing parenthesis of what they stand in. No locals: a constant expression.</summary>
    internal void Instructions(ByteWriter code, WatSpace? locals) => Read(code, locals, isSingle: false);

    /// <summary>Reads a single folded instruction.</summary>
    internal void Folded(ByteWriter code)
    {
        if (!reader.Is(WatTokenKind.Open)) throw reader.Unexpected("a folded instruction");
        Read(code, null, isSingle: true);
    }

    private void Read(ByteWriter code, WatSpace? locals, bool isSingle)
    {
        _frames.Clear();
        _labels.Clear();
        _waiting.Clear();
        _locals = locals;
        do
        {
            switch (reader.Current.Kind)
            {
                case WatTokenKind.Open: Open(code); break;
                case WatTokenKind.Close when _frames.Count == 0: return;
                case WatTokenKind.Close: Close(code); break;
                case WatTokenKind.Keyword: Flat(code); break;
                default: throw reader.Unexpected("an instruction");
            }
        }
        while (!isSingle || _frames.Count > 0);
    }

    private void Open(ByteWriter code)
    {
        if (_frames.Count > 0)
        {
            ref Frame top = ref Top;
            if (top.Shape == Shape.Condition && reader.TryOpen("then"))
            {
                _waiting.MoveTo(code, top.Waiting);
                _labels.Push(top.Label);
                top.Shape = Shape.Then;
                return;
            }

            if (top.Shape == Shape.AfterThen && reader.TryOpen("else"))
            {
                code.Byte((byte)Opcode.Else);
                top.Shape = Shape.Else;
                return;
            }

            if (top.Shape is Shape.AfterThen or Shape.AfterElse) throw reader.Unexpected(")");
        }

        reader.Take();
        OpcodeInfo info = Mnemonic();
        int waiting = _waiting.Length;
        if (info.Opcode == Opcode.If)
        {
            string? label = Header(info, _waiting);
            Push(new() { Shape = Shape.Condition, Waiting = waiting, Label = label });
        }
        else if (info.Immediates is Immediates.Block or Immediates.TryTable)
        {
            string? label = Header(info, code);
            Push(new() { Shape = Shape.Block, Label = label });
            _labels.Push(label);
        }
        else
        {
            Plain(info, _waiting);
            Push(new() { Shape = Shape.Operands, Waiting = waiting });
        }
    }

    private void Close(ByteWriter code)
    {
        ref Frame top = ref Top;
        switch (top.Shape)
        {
            case Shape.Operands:
                _waiting.MoveTo(code, top.Waiting);
                Pop();
                break;
            case Shape.Block or Shape.AfterThen or Shape.AfterElse:
                code.Byte((byte)Opcode.End);
                _labels.Pop();
                Pop();
                break;
            case Shape.Then: top.Shape = Shape.AfterThen; break;
            case Shape.Else: top.Shape = Shape.AfterElse; break;
            case Shape.Condition: throw reader.Unexpected("(then");
            default: throw reader.Unexpected("end");
        }

        reader.Take();
    }

    private void Flat(ByteWriter code)
    {
        if (_frames.Count > 0 && Top.Shape is Shape.Operands or Shape.Condition or Shape.AfterThen or Shape.AfterElse)
            throw reader.Unexpected("( or )");
        if (reader.IsKeyword("end") || reader.IsKeyword("else"))
        {
            EndOrElse(code);
            return;
        }

        OpcodeInfo info = Mnemonic();
        if (info.Immediates is not (Immediates.Block or Immediates.TryTable))
        {
            Plain(info, code);
            return;
        }

        string? label = Header(info, code);
        Push(new() { Shape = info.Opcode == Opcode.If ? Shape.FlatIf : Shape.FlatBlock, Label = label });
        _labels.Push(label);
    }

    private void EndOrElse(ByteWriter code)
    {
        bool isElse = reader.IsKeyword("else");
        Shape shape = _frames.Count > 0 ? Top.Shape : Shape.Operands;
        if (shape != Shape.FlatIf && (isElse || shape != Shape.FlatBlock))
        {
            throw new WatSyntaxException(
                reader.Current.Start, isElse ? "unexpected token else: there is no if" : "unexpected token end: no block is open");
        }

        reader.Take();
        string? label = Top.Label;
        int at = reader.Current.Start;
        if (reader.TryId() is { } id && id != label) reader.Problem(at, $"mismatching label ${id}");
        code.Byte((byte)(isElse ? Opcode.Else : Opcode.End));
        if (isElse)
        {
            Top.Shape = Shape.FlatBlock;
            return;
        }

        _labels.Pop();
        Pop();
    }

    private ref Frame Top => ref CollectionsMarshal.AsSpan(_frames)[^1];

    private void Push(Frame frame)
    {
        if (_frames.Count >= nestingMax) throw new WatSyntaxException(reader.Current.Start, $"nested more than {nestingMax} deep");
        _frames.Add(frame);
    }

    private void Pop() => _frames.RemoveAt(_frames.Count - 1);

    private OpcodeInfo Mnemonic()
    {
        if (!reader.Is(WatTokenKind.Keyword)) throw reader.Unexpected("an instruction");
        OpcodeInfo? info = OpcodeInfo.Of(reader.Text);
        if (info is null || info.Opcode is Opcode.Else or Opcode.End)
            throw new WatSyntaxException(reader.Current.Start, $"unknown instruction {reader.Describe(reader.Current)}");
        reader.Take();
        return info;
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Frame
    {
        internal Shape Shape;

        /// <summary>Where its waiting bytes begin.</summary>
        internal int Waiting;

        internal string? Label;
    }
}
