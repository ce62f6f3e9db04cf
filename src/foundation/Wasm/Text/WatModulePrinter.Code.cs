using Sirsi.Wasm.Binary;
using Sirsi.Wasm.Validation;

namespace Sirsi.Wasm.Text;

internal sealed partial class WatModulePrinter
{
    private const int LocalsOnALine = 8;

    private readonly List<string> _labels = [];
    private string[] _locals = [];
    private ByteReader _reader;
    private int _labelCount;

    private void Function(int defined)
    {
        FunctionBody body = _content.Bodies[defined];
        int index = _content.ImportedFunctions + defined;
        WasmFunctionType type = _content.Functions[index];
        int parameters = type.Parameters.Length;
        _locals = _names.Locals(index, parameters, parameters + body.Locals.Sum(static run => run.Count));
        Field("func", _names.Functions[index]);
        Type(type);
        Signature(type, _locals);
        _output.Depth++;
        int local = parameters;
        foreach ((int count, WasmValueType of) in body.Locals)
        {
            for (int i = 0; i < count; i++, local++)
            {
                if ((local - parameters) % LocalsOnALine == 0) _output.Line();
                else _output.Write(' ');
                _output.Write($"(local {_locals[local]} {of.Name()})");
            }
        }

        _labels.Clear();
        _labelCount = 0;
        _reader = new ByteReader(_content.Code, body.Start, body.End - 1, 0);
        while (!_reader.IsAtEnd) Instruction();
        _output.Depth = 1;
        _output.Write(')');
    }

    private void Instruction()
    {
        OpcodeInfo info = OpcodeInfo.Of(FunctionValidator.ReadOpcode(ref _reader))!;
        if (info.Opcode is Opcode.End or Opcode.Else) _output.Depth--;
        _output.Line();
        _output.Write(info.Name);
        if (info.Opcode == Opcode.Else) _output.Depth++;
        if (info.Opcode == Opcode.End) _labels.RemoveAt(_labels.Count - 1);
        switch (info.Immediates)
        {
            case Immediates.None: break;
            case Immediates.Block or Immediates.TryTable: Block(info); break;
            case Immediates.Label: Label(); break;
            case Immediates.LabelTable:
                for (int left = (int)_reader.U32(); left >= 0; left--) Label();
                break;
            case Immediates.MemArg or Immediates.MemArgLane: MemoryArgument(info); break;
            case Immediates.SelectTypes:
                for (int left = (int)_reader.U32(); left > 0; left--) _output.Write($" (result {((WasmValueType)_reader.Byte()).Name()})");
                break;
            case Immediates.RefType: _output.Write(" " + HeapType((WasmValueType)_reader.Byte())); break;
            case Immediates.I32: _output.Write($" {_reader.S32()}"); break;
            case Immediates.I64: _output.Write($" {_reader.S64()}"); break;
            case Immediates.F32: _output.Write(" " + WatFloat.Single.Format(_reader.Fixed32())); break;
            case Immediates.F64: _output.Write(" " + WatFloat.Double.Format(_reader.Fixed64())); break;
            case Immediates.V128: _output.Write(Vector(_reader.Fixed64(), _reader.Fixed64())); break;
            case Immediates.Lane: Lanes(1); break;
            case Immediates.Lanes: Lanes(16); break;
            default: Indices(info.Immediates); break;
        }
    }

    private void Block(OpcodeInfo info)
    {
        string label = $"$b{_labelCount++}";
        _output.Write(" " + label);
        byte first = _reader.Peek();
        if (first == 0x40 || (first & 0xC0) == 0x40)
        {
            _reader.Byte();
            if (first != 0x40) _output.Write($" (result {((WasmValueType)first).Name()})");
        }
        else
        {
            long index = _reader.S33();
            _output.Write($" (type {_names.Types[index]})");
            Signature(_content.Types[index], null);
        }

        if (info.Immediates == Immediates.TryTable) Catches();
        _labels.Add(label);
        _output.Depth++;
    }

    private void Catches()
    {
        for (int left = (int)_reader.U32(); left > 0; left--)
        {
            byte kind = _reader.Byte();
            _output.Write(kind switch { 0 => " (catch", 1 => " (catch_ref", 2 => " (catch_all", _ => " (catch_all_ref" });
            if (kind < 2) Index(_names.Tags);
            Label();
            _output.Write(')');
        }
    }

    /// <summary>A label by its name; the function's own, which has none, by its depth.</summary>
    private void Label()
    {
        uint depth = _reader.U32();
        _output.Write(depth < (uint)_labels.Count ? " " + _labels[_labels.Count - 1 - (int)depth] : $" {depth}");
    }

    private void Index(string[] names) => _output.Write(" " + names[_reader.U32()]);

    private void Lanes(int count)
    {
        for (int i = 0; i < count; i++) _output.Write($" {_reader.Byte()}");
    }

    private void Indices(Immediates immediates)
    {
        switch (immediates)
        {
            case Immediates.Function: Index(_names.Functions); break;
            case Immediates.Local: Index(_locals); break;
            case Immediates.Global: Index(_names.Globals); break;
            case Immediates.Tag: Index(_names.Tags); break;
            case Immediates.Element: Index(_names.Elements); break;
            case Immediates.Data: Index(_names.Data); break;
            case Immediates.Table: Optional(_names.Tables); break;
            case Immediates.Memory: Optional(_names.Memories); break;
            case Immediates.TypeTable:
                uint type = _reader.U32();
                Optional(_names.Tables);
                _output.Write($" (type {_names.Types[type]})");
                break;
            case Immediates.DataMemory: Segment(_names.Data, _names.Memories); break;
            case Immediates.ElementTable: Segment(_names.Elements, _names.Tables); break;
            case Immediates.TableTable: Pair(_names.Tables); break;
            default: Pair(_names.Memories); break;
        }
    }

    /// <summary>An index that is left out when it is 0.</summary>
    private void Optional(string[] names)
    {
        uint index = _reader.U32();
        if (index != 0) _output.Write(" " + names[index]);
    }

    private void Segment(string[] segments, string[] targets)
    {
        uint segment = _reader.U32();
        Optional(targets);
        _output.Write(" " + segments[segment]);
    }

    private void Pair(string[] names)
    {
        uint target = _reader.U32();
        uint source = _reader.U32();
        if (target != 0 || source != 0) _output.Write($" {names[target]} {names[source]}");
    }

    private void MemoryArgument(OpcodeInfo info)
    {
        uint flags = _reader.U32();
        if ((flags & 0x40) != 0) Optional(_names.Memories);
        ulong offset = _reader.U64();
        if (offset != 0) _output.Write($" offset={offset}");
        int align = (int)(flags & 0x3F);
        if (align != info.WidthLog2) _output.Write($" align={1UL << align}");
        if (info.Immediates == Immediates.MemArgLane) Lanes(1);
    }
}
