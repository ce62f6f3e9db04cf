using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Validation;

internal sealed partial class FunctionValidator
{
    private WasmValueType[] _operands = new WasmValueType[64];
    private int _height;
    private int _slots;
    private int _slotsMax;
    private ControlFrame[] _controls = new ControlFrame[16];
    private int _depth;
    private long _workLeft;

    private bool IsReachable => _depth > 0 && _controls[_depth - 1] is { Unreachable: false, EntryReachable: true };

    /// <summary>
    /// Block types and label tables let a few bytes ask for a thousand comparisons; this keeps the work proportional to the body's size.
    /// </summary>
    private void Work(int steps)
    {
        if ((_workLeft -= steps) < 0) throw ModuleDecoder.Limit("the work to validate this function", _at);
    }

    private void Reset() => _height = _slots = _slotsMax = _depth = 0;

    private void Push(WasmValueType type)
    {
        if (_height == _operands.Length) Array.Resize(ref _operands, _height * 2);
        _operands[_height++] = type;
        _slots += type.Slots();
        if (_slots > _slotsMax) _slotsMax = _slots;
    }

    private void Push(ReadOnlySpan<WasmValueType> types)
    {
        Work(types.Length);
        foreach (WasmValueType type in types) Push(type);
    }

    private WasmValueType Pop()
    {
        ref ControlFrame frame = ref _controls[_depth - 1];
        if (_height == frame.Height)
        {
            if (frame.Unreachable) return WasmValueType.None;
            throw Mismatch("an operand is missing");
        }

        WasmValueType type = _operands[--_height];
        _slots -= type.Slots();
        return type;
    }

    /// <summary>Pops an operand of the type; the unknown type of unreachable code fits any.</summary>
    private void Pop(WasmValueType expected)
    {
        WasmValueType actual = Pop();
        if (actual != expected && actual != WasmValueType.None && expected != WasmValueType.None)
            throw Mismatch($"expected {expected.Name()}, found {actual.Name()}");
    }

    private void Pop(ReadOnlySpan<WasmValueType> types)
    {
        Work(types.Length);
        for (int i = types.Length - 1; i >= 0; i--) Pop(types[i]);
    }

    private void PushControl(Opcode opcode, WasmValueType[] start, WasmValueType[] end)
    {
        if (_depth > options.NestingMax) throw ModuleDecoder.Limit($"nesting of {_depth} blocks", _at);
        bool reachable = _depth == 0 || IsReachable;
        if (_depth == _controls.Length) Array.Resize(ref _controls, _depth * 2);
        _controls[_depth++] = new()
        {
            Opcode = opcode,
            Start = start,
            End = end,
            Height = _height,
            Slots = _slots,
            EntryReachable = reachable,
        };
        Push(start);
    }

    private ControlFrame PopControl()
    {
        ControlFrame frame = _controls[_depth - 1];
        Pop(frame.End);
        if (_height != frame.Height) throw Mismatch("values remain on the stack at the end of a block");
        _depth--;
        return frame;
    }

    private void SetUnreachable()
    {
        ref ControlFrame frame = ref _controls[_depth - 1];
        _height = frame.Height;
        _slots = frame.Slots;
        frame.Unreachable = true;
    }

    private struct ControlFrame
    {
        internal Opcode Opcode;
        internal WasmValueType[] Start;
        internal WasmValueType[] End;
        internal int Height;
        internal int Slots;
        internal bool Unreachable;
        internal bool EntryReachable;
        internal bool Targeted;

        internal readonly WasmValueType[] LabelTypes => Opcode == Opcode.Loop ? Start : End;
    }
}
