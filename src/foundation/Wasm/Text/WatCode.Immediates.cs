using System.Numerics;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Text;

internal sealed partial class WatCode
{
    private static readonly WatSpace NoLocals = new("local");

    private readonly ByteWriter _catches = new();

    /// <summary>Label, type and catch clauses of a block; gives the label, which is not in scope of the clauses.</summary>
    private string? Header(OpcodeInfo info, ByteWriter into)
    {
        string? label = reader.TryId();
        into.Byte((byte)info.Opcode);
        uint index = types.TypeUse(null, out bool isExplicit, out WasmFunctionType type);
        if (isExplicit) into.S64(index);
        else if (type.Parameters.IsEmpty && type.Results.Length <= 1) into.Byte(type.Results.IsEmpty ? (byte)0x40 : (byte)type.Results[0]);
        else into.S64(scope.IndexOf(type));
        if (info.Immediates == Immediates.TryTable) Catches(into);
        return label;
    }

    private void Catches(ByteWriter into)
    {
        _catches.Clear();
        uint count = 0;
        for (; ; count++)
        {
            byte kind;
            if (reader.TryOpen("catch")) kind = 0;
            else if (reader.TryOpen("catch_ref")) kind = 1;
            else if (reader.TryOpen("catch_all")) kind = 2;
            else if (reader.TryOpen("catch_all_ref")) kind = 3;
            else break;
            _catches.Byte(kind);
            if (kind < 2) _catches.U32(scope.Tags.Index(reader));
            _catches.U32(_labels.Index(reader));
            reader.Close();
        }

        into.U32(count);
        into.Bytes(_catches.Written);
    }

    /// <summary>Writes an instruction that opens no block, with its immediates.</summary>
    private void Plain(OpcodeInfo info, ByteWriter into)
    {
        if (info.Opcode == Opcode.Select && reader.IsOpen("result"))
        {
            Write(Opcode.SelectTyped, into);
            SelectTypes(into);
            return;
        }

        Write(info.Opcode, into);
        switch (info.Immediates)
        {
            case Immediates.None: break;
            case Immediates.I32 or Immediates.I64 or Immediates.F32 or Immediates.F64:
            case Immediates.V128 or Immediates.Lane or Immediates.Lanes:
                Number(info, into);
                break;
            case Immediates.MemArg or Immediates.MemArgLane: MemoryArgument(info, into); break;
            case Immediates.Label: into.U32(_labels.Index(reader)); break;
            case Immediates.LabelTable: LabelTable(into); break;
            case Immediates.RefType: into.Byte((byte)types.HeapType()); break;
            default: Index(info.Immediates, into); break;
        }
    }

    private static void Write(Opcode opcode, ByteWriter into)
    {
        if ((int)opcode < 0x100)
        {
            into.Byte((byte)opcode);
            return;
        }

        into.Byte((int)opcode < 0x200 ? (byte)0xFC : (byte)0xFD);
        into.U32((uint)opcode & 0xFF);
    }

    private void SelectTypes(ByteWriter into)
    {
        List<WasmValueType> results = [];
        while (reader.TryOpen("result"))
        {
            while (!reader.Is(WatTokenKind.Close)) results.Add(types.ValueType());
            reader.Close();
        }

        into.U32((uint)results.Count);
        foreach (WasmValueType result in results) into.Byte((byte)result);
    }

    private void LabelTable(ByteWriter into)
    {
        List<uint> labels = [_labels.Index(reader)];
        while (reader.IsIndex) labels.Add(_labels.Index(reader));
        into.U32((uint)labels.Count - 1);
        foreach (uint label in labels) into.U32(label);
    }

    private void Index(Immediates immediates, ByteWriter into)
    {
        switch (immediates)
        {
            case Immediates.Function: into.U32(scope.Functions.Index(reader)); break;
            case Immediates.Local: into.U32((_locals ?? NoLocals).Index(reader)); break;
            case Immediates.Global: into.U32(scope.Globals.Index(reader)); break;
            case Immediates.Tag: into.U32(scope.Tags.Index(reader)); break;
            case Immediates.Table: into.U32(Optional(scope.Tables)); break;
            case Immediates.Memory: into.U32(Optional(scope.Memories)); break;
            case Immediates.Element: into.U32(scope.Elements.Index(reader)); break;
            case Immediates.Data:
                scope.UsesData = true;
                into.U32(scope.Data.Index(reader));
                break;
            case Immediates.TypeTable:
                uint table = Optional(scope.Tables);
                into.U32(types.TypeIndex());
                into.U32(table);
                break;
            case Immediates.DataMemory:
                scope.UsesData = true;
                Segment(scope.Data, scope.Memories, into);
                break;
            case Immediates.ElementTable: Segment(scope.Elements, scope.Tables, into); break;
            case Immediates.TableTable: Pair(scope.Tables, into); break;
            default: Pair(scope.Memories, into); break;
        }
    }

    private uint Optional(WatSpace space) => reader.IsIndex ? space.Index(reader) : 0;

    /// <summary>Target and source: both or none.</summary>
    private void Pair(WatSpace space, ByteWriter into)
    {
        bool isWritten = reader.IsIndex;
        into.U32(Optional(space));
        into.U32(isWritten ? space.Index(reader) : 0);
    }

    /// <summary>Written as an optional target and a segment, encoded the other way round.</summary>
    private void Segment(WatSpace segments, WatSpace targets, ByteWriter into)
    {
        uint target = 0;
        if (reader.Next.Kind is WatTokenKind.Id or WatTokenKind.Number) target = targets.Index(reader);
        into.U32(segments.Index(reader));
        into.U32(target);
    }

    private void MemoryArgument(OpcodeInfo info, ByteWriter into)
    {
        uint memory = 0;
        bool isLane = info.Immediates == Immediates.MemArgLane;
        bool isMemory = reader.Is(WatTokenKind.Id)
            || (reader.Is(WatTokenKind.Number) && (!isLane || reader.Next.Kind == WatTokenKind.Number || IsArgument(reader.Next)));
        if (isMemory) memory = scope.Memories.Index(reader);
        ulong offset = Argument("offset=", 0);
        int at = reader.Current.Start;
        ulong align = Argument("align=", 1UL << info.WidthLog2);
        if (!BitOperations.IsPow2(align)) reader.Problem(at, "alignment must be a power of two");
        into.U32((uint)BitOperations.Log2(align) | (memory == 0 ? 0u : 0x40u));
        if (memory != 0) into.U32(memory);
        into.U64(offset);
        if (isLane) Lane(into);
    }

    private bool IsArgument(WatToken token) =>
        token.Kind == WatTokenKind.Keyword && (reader.Span(token).StartsWith("offset=") || reader.Span(token).StartsWith("align="));

    private ulong Argument(ReadOnlySpan<char> key, ulong otherwise)
    {
        if (!reader.Is(WatTokenKind.Keyword) || !reader.Text.StartsWith(key)) return otherwise;
        if (!WatNumber.TryMagnitude(reader.Text[key.Length..], out ulong value))
            reader.Problem(reader.Current.Start, $"constant out of range or malformed: {reader.Describe(reader.Current)}");
        reader.Take();
        return value;
    }
}
