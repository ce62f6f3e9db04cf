using Sirsi.Wasm.Binary;
using Sirsi.Wasm.Validation;

namespace Sirsi.Wasm.Interpreter;

/// <summary>
/// Turns one validated function into register code in a single pass. Operands that are locals or constants are not moved until something
/// needs them in their slot; comparisons melt into the branch that follows; results go straight to the local they are stored in. One use.
/// </summary>
internal sealed partial class Translator
{
    private readonly ModuleContent _content;
    private readonly FunctionBody _body;
    private readonly WasmFunctionType _type;
    private readonly int[] _localSlots;
    private readonly WasmValueType[] _localTypes;
    private ByteReader _reader;
    private int _at;
    private int _nextBlock;

    private Translator(ModuleContent content, int defined)
    {
        _content = content;
        _body = content.Bodies[defined];
        _type = content.Functions[content.ImportedFunctions + defined];
        var types = new List<WasmValueType>(_type.Parameters);
        foreach ((int count, WasmValueType type) in _body.Locals)
            for (int i = 0; i < count; i++) types.Add(type);
        _localTypes = [.. types];
        _localSlots = new int[types.Count];
        _pendingOfLocal = new int[types.Count];
        Array.Fill(_pendingOfLocal, -1);
        int slot = 0;
        for (int i = 0; i < types.Count; i++)
        {
            _localSlots[i] = slot;
            slot += types[i].Slots();
        }

        _reader = new ByteReader(content.Code, _body.Start, _body.End, 0);
        _nextBlock = _body.FirstBlock + 1;
    }

    internal static FunctionCode Translate(ModuleContent content, int defined) => new Translator(content, defined).Run();

    private FunctionCode Run()
    {
        PushFrame(Opcode.Block, [], _type.ResultArray, isFunction: true);
        while (_frames.Count > 0)
        {
            _at = _reader.Position;
            var opcode = (Opcode)FunctionValidator.ReadOpcode(ref _reader);
            if (_dead) Skip(opcode);
            else Instruction(opcode);
        }

        return Finish();
    }

    private void Instruction(Opcode opcode)
    {
        OpcodeInfo info = OpcodeInfo.Of((int)opcode)!;
        switch (info.Immediates)
        {
            case Immediates.Local: Local(opcode); break;
            case Immediates.Global: Global(opcode); break;
            case Immediates.I32: PushConstant(WasmValueType.I32, (uint)_reader.S32()); break;
            case Immediates.I64: PushConstant(WasmValueType.I64, (ulong)_reader.S64()); break;
            case Immediates.F32: PushConstant(WasmValueType.F32, _reader.Fixed32()); break;
            case Immediates.F64: PushConstant(WasmValueType.F64, _reader.Fixed64()); break;
            case Immediates.V128: VectorConstant(info); break;
            case Immediates.Lanes: Shuffle(info); break;
            case Immediates.Lane: LaneOperation(info); break;
            case Immediates.MemArg or Immediates.MemArgLane: Access(info); break;
            case Immediates.None when info.IsPlain: Numeric(info); break;
            default: Special(info); break;
        }
    }

    private void Special(OpcodeInfo info)
    {
        switch (info.Opcode)
        {
            case Opcode.Drop: Pop(); break;
            case Opcode.Select: Select(); break;
            case Opcode.SelectTyped:
                _reader.U32();
                _reader.Byte();
                Select();
                break;
            case Opcode.RefNull:
                PushConstant((WasmValueType)_reader.Byte(), 0);
                break;
            case Opcode.RefIsNull:
                Operand reference = Pop();
                int source = Register(reference);
                Emit(Opcode.I64Eqz, PushResult(WasmValueType.I32), source, 0);
                break;
            default:
                if (info.Immediates is Immediates.Memory or Immediates.MemoryMemory or Immediates.DataMemory or Immediates.Data
                    or Immediates.Table or Immediates.TableTable or Immediates.ElementTable or Immediates.Element
                    || info.Opcode == Opcode.RefFunc) Bulk(info.Opcode);
                else Control(info.Opcode);
                break;
        }
    }

    private void Local(Opcode opcode)
    {
        int index = (int)_reader.U32();
        if (opcode == Opcode.LocalGet)
        {
            PushLocal(index);
            return;
        }

        WasmValueType type = _localTypes[index];
        Operand value = Pop();
        int slot = _localSlots[index];
        bool isSelf = value.Kind == OperandKind.Local && value.Payload == (ulong)index;
        if (!isSelf)
        {
            bool keeps = _pendingOfLocal[index] < 0;
            Preserve(index);
            if (keeps && value.Kind == OperandKind.Slot && _definition >= 0 && _definitionEnd == _count
                && _code[_definition].A == value.Slot)
                _code[_definition].A = (ushort)slot;
            else if (value.Kind == OperandKind.Constant) EmitConstant(slot, value);
            else Emit(type == WasmValueType.V128 ? Op.Copy128 : Op.Copy, slot, Register(value), 0);
            _definition = -1;
        }

        if (opcode == Opcode.LocalTee) PushLocal(index);
    }

    private void Global(Opcode opcode)
    {
        int index = (int)_reader.U32();
        WasmValueType type = _content.Globals[index].Value;
        if (opcode == Opcode.GlobalGet)
        {
            Opcode get = type.IsReference() ? Op.GlobalGetReference : type == WasmValueType.V128 ? Op.GlobalGet128 : Opcode.GlobalGet;
            Emit(get, PushResult(type), 0, 0, index);
            return;
        }

        Opcode set = type.IsReference() ? Op.GlobalSetReference : type == WasmValueType.V128 ? Op.GlobalSet128 : Opcode.GlobalSet;
        Emit(set, 0, Register(Pop()), 0, index);
        _definition = -1;
    }

    private void Select()
    {
        int condition = Register(Pop());
        Operand second = Pop();
        int b = Register(second);
        int a = Register(Pop());
        Emit(second.Type == WasmValueType.V128 ? Op.Select128 : Opcode.Select, PushResult(second.Type), a, b, condition);
    }

    /// <summary>
    /// Instructions on tables and memories as a whole: operands in B and C, a third in the upper half of Imm, indices below it.
    /// </summary>
    private void Bulk(Opcode opcode)
    {
        OpcodeInfo info = OpcodeInfo.Of((int)opcode)!;
        int first = (int)_reader.U32();
        int second = info.Immediates is Immediates.MemoryMemory or Immediates.TableTable or Immediates.DataMemory or Immediates.ElementTable
            ? (int)_reader.U32()
            : 0;
        (int operands, WasmValueType result) = BulkShape.Of(_content, opcode, first);
        int c = operands == 3 ? Register(Pop()) : 0;
        int b = operands >= 2 ? Register(Pop()) : 0;
        int a = operands >= 1 ? Register(Pop()) : 0;
        int target = result == WasmValueType.None ? 0 : PushResult(result);

        // A third operand and a result never occur together, so both use A.
        if (operands == 3) Emit(opcode, a, b, c, Indices(first, second));
        else Emit(opcode, target, a, b, Indices(first, second));
        if (result == WasmValueType.None) _definition = -1;
    }

    private static long Indices(int first, int second) => (uint)first | ((long)second << 32);
}
