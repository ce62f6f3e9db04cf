using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Validation;

/// <summary>
/// Validates function bodies by the algorithm of the specification's appendix, and records their basic blocks with the fuel each costs.
/// One object serves all functions of a module in turn.
/// </summary>
internal sealed partial class FunctionValidator(ModuleContent content, WasmOptions options)
{
    /// <summary>A frame's slots are addressed by 16 bits; some are kept for the translator.</summary>
    internal const int FrameSlotsMax = 65_000;

    private readonly List<WasmValueType> _locals = [];
    private ByteReader _reader;
    private long _at;
    private int _block;

    /// <summary>Validates the body that <paramref name="reader"/> spans: the locals, then the expression.</summary>
    internal FunctionBody Validate(ByteReader reader, WasmFunctionType type)
    {
        _reader = reader;
        _at = reader.Offset;
        _locals.Clear();
        _locals.AddRange(type.Parameters);
        (int, WasmValueType)[] locals = Locals();
        int localSlots = 0;
        foreach (WasmValueType local in _locals) localSlots += local.Slots();
        Reset();
        _workLeft = 100_000 + (64L * reader.Remaining);
        int start = _reader.Position;
        int first = _block = content.Blocks.Add(start);
        PushControl(Opcode.Block, [], type.ResultArray);
        while (_depth > 0)
        {
            _at = _reader.Offset;
            if (_reader.IsAtEnd) throw ByteReader.Malformed("unexpected end of section or function: END opcode expected", _at);
            Instruction(ReadOpcode(ref _reader));
        }

        if (!_reader.IsAtEnd) throw _reader.Malformed("section size mismatch: code after the end of the function");
        if (localSlots + _slotsMax > FrameSlotsMax || localSlots + type.ResultSlots > FrameSlotsMax)
            throw ModuleDecoder.Limit($"a stack frame of {localSlots + (long)_slotsMax} slots", _at);
        return new(start, _reader.Position, first, locals, localSlots, _slotsMax);
    }

    /// <summary>Reads an opcode, prefix and all, as <see cref="Opcode"/> numbers it; unknown ones give numbers without a name.</summary>
    internal static int ReadOpcode(ref ByteReader reader)
    {
        long at = reader.Offset;
        byte first = reader.Byte();
        if (first is 0x14 or 0x15 or >= 0xD3 and <= 0xD6) throw Unsupported("function references", at);
        if (first is not (0xFC or 0xFD or 0xFB or 0xFE)) return first;
        uint second = reader.U32();
        if (first == 0xFB) throw Unsupported("garbage collection", at);
        if (first == 0xFE) throw Unsupported("threads", at);
        if (first == 0xFC) return second < 0x100 ? 0x100 + (int)second : int.MaxValue;
        if (second is >= 0x100 and < 0x130) throw Unsupported("relaxed vector instructions", at);
        return second < 0x100 ? 0x200 + (int)second : int.MaxValue;
    }

    private (int Count, WasmValueType Type)[] Locals()
    {
        long at = _reader.Offset;
        int groups = _reader.Count("local groups");
        if (groups > options.LocalsMax) throw ModuleDecoder.Limit($"{groups} groups of locals", at);
        var runs = new (int, WasmValueType)[groups];
        long total = _locals.Count;
        for (int i = 0; i < groups; i++)
        {
            at = _reader.Offset;
            uint count = _reader.U32();
            total += count;
            if (total > uint.MaxValue) throw ByteReader.Malformed("too many locals", at);
            runs[i] = ((int)Math.Min(count, int.MaxValue), ModuleDecoder.ValueType(ref _reader, options));
        }

        if (total > options.LocalsMax) throw ModuleDecoder.Limit($"{total} locals", at);
        foreach ((int count, WasmValueType type) in runs)
            for (int n = 0; n < count; n++) _locals.Add(type);

        return runs;
    }

    private void Instruction(int opcode)
    {
        OpcodeInfo info = OpcodeInfo.Of(opcode) ?? throw ByteReader.Malformed("illegal opcode", _at);
        if (IsReachable && info.Opcode is not (Opcode.Block or Opcode.Loop or Opcode.End or Opcode.Nop or Opcode.Else))
            content.Blocks.Charge(_block);
        if (info.IsPlain) Plain(info);
        else if (info.Opcode == Opcode.RefFunc) Reference(info.Opcode);
        else if (info.Immediates is Immediates.Block or Immediates.Label or Immediates.LabelTable or Immediates.Function
            or Immediates.TypeTable or Immediates.TryTable or Immediates.Tag || info.Opcode < Opcode.Drop) Control(info.Opcode);
        else if (info.Opcode is Opcode.Drop or Opcode.Select or Opcode.SelectTyped) Parametric(info.Opcode);
        else Resource(info);
    }

    private void Plain(OpcodeInfo info)
    {
        WasmValueType address = WasmValueType.I32;
        switch (info.Immediates)
        {
            case Immediates.MemArg or Immediates.MemArgLane:
                address = MemoryArgument(info.WidthLog2);
                if (info.Immediates == Immediates.MemArgLane) Lane(16 >> info.WidthLog2);
                break;
            case Immediates.Lane:
                Lane(info.Name[1] switch { '8' => 16, '1' => 8, '3' => 4, _ => 2 });
                break;
            case Immediates.Lanes:
                for (int i = 0; i < 16; i++) Lane(32);
                break;
            case Immediates.V128: _reader.Bytes(16); break;
            case Immediates.I32: _reader.S32(); break;
            case Immediates.I64: _reader.S64(); break;
            case Immediates.F32: _reader.Bytes(4); break;
            case Immediates.F64: _reader.Bytes(8); break;
        }

        for (int i = info.Operands.Length - 1; i >= 0; i--)
            Pop(info.Operands[i] == WasmValueType.None ? address : info.Operands[i]);
        if (info.Result != WasmValueType.None) Push(info.Result);
    }

    private void Lane(int lanes)
    {
        long at = _reader.Offset;
        if (_reader.Byte() >= lanes) throw ModuleDecoder.Invalid("invalid lane index", at);
    }

    private WasmValueType MemoryArgument(int widthLog2)
    {
        long at = _reader.Offset;
        uint alignment = _reader.U32();
        uint memory = 0;
        if (options.Allows(WasmFeatures.MultipleMemories) && (alignment & 0x40) != 0)
        {
            alignment &= ~0x40u;
            memory = _reader.U32();
        }

        if (alignment >= (options.Allows(WasmFeatures.MultipleMemories) ? 0x40u : 0x20u))
            throw ByteReader.Malformed("malformed memop flags", at);
        long offsetAt = _reader.Offset;
        ulong offset = options.Allows(WasmFeatures.Memory64) ? _reader.U64() : _reader.U32();
        WasmLimits limits = Memory(memory);
        if (alignment > widthLog2) throw ModuleDecoder.Invalid("alignment must not be larger than natural", at);
        if (!limits.Is64 && offset > uint.MaxValue) throw ModuleDecoder.Invalid("offset out of range", offsetAt);
        return limits.IndexType;
    }

    private WasmLimits Memory(uint index) =>
        index < (uint)content.Memories.Count
            ? content.Memories[(int)index].Limits
            : throw ModuleDecoder.Invalid($"unknown memory {index}", _at);

    private void Require(WasmFeatures feature, string name)
    {
        if (!options.Allows(feature)) throw new WasmException(WasmErrorKind.Unsupported, $"needs {name}, which is switched off", _at);
    }

    private static WasmException Unsupported(string feature, long at) =>
        new(WasmErrorKind.Unsupported, $"needs {feature}, which the engine does not implement", at);

    private WasmException Mismatch(string message) => ModuleDecoder.Invalid("type mismatch: " + message, _at);
}
