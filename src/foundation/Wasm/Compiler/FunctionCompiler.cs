using System.Reflection.Emit;
using Sirsi.Wasm.Binary;
using Sirsi.Wasm.Interpreter;
using Sirsi.Wasm.Validation;

namespace Sirsi.Wasm.Compiler;

/// <summary>
/// Turns one validated function into IL, in a single pass over its body (after <see cref="BodyScan"/>). The IL stack is empty at every branch: operands
/// are trees of pure operations or lie in variables. One use.
/// </summary>
internal sealed unsafe partial class FunctionCompiler
{
    private const int CallArgument = 0;
    private const int FrameArgument = 1;
    private const int HiddenArguments = 2;

    /// <summary>Bodies larger than this are far above what RyuJIT optimises.</summary>
    internal const int BodyBytesMax = 200_000;

    private readonly WasmModule _module;
    private readonly ModuleContent _content;
    private readonly FunctionBody _body;
    private readonly WasmFunctionType _type;
    private readonly CodeHeader* _header;
    private readonly BodyScan _scan;
    private readonly MethodWriter _il;
    private readonly bool _isMetered;
    private readonly WasmValueType[] _localTypes;
    private readonly LocalBuilder?[] _variables;
    private readonly List<(int Offset, ushort Advance)> _callSites = [];
    private readonly List<Instr[]> _instructions = [];
    private int[] _localSlots = [];
    private bool _hasFailed;
    private readonly Label _exit;
    private readonly Label _entry;
    private readonly LocalBuilder? _result;
    private readonly LocalBuilder _fuel;
    private ByteReader _reader;
    private int _at;
    private int _nextBlock;

    private FunctionCompiler(WasmModule module, int defined, BodyScan scan, ILGenerator il, Cutting cutting)
    {
        _cutting = cutting;
        _liveness = cutting.Liveness;
        _module = module;
        _content = module.Content;
        _body = _content.Bodies[defined];
        _type = _content.Functions[_content.ImportedFunctions + defined];
        _header = module.Headers + defined;
        _scan = scan;
        _il = new(il);
        _isMetered = module.Engine.Options.Metering;
        var types = new List<WasmValueType>(_type.Parameters);
        foreach ((int count, WasmValueType type) in _body.Locals) types.AddRange(Enumerable.Repeat(type, count));
        _localTypes = [.. types];
        _variables = new LocalBuilder?[types.Count];
        _pendingUses = new int[types.Count];
        _versions = new int[types.Count];
        _checked = new CheckedEnd[types.Count];
        _reader = new ByteReader(_content.Code, _body.Start, _body.End, 0);
        _nextBlock = _body.FirstBlock + 1;
        _exit = _il.NewLabel();
        _entry = _il.NewLabel();
        _fuel = _il.Take(typeof(nint));
        _site = _il.Take(typeof(int));
        _base = _il.Take(typeof(nint));
        _length = _il.Take(typeof(nuint));
        _globals = _il.Take(typeof(nint));
        if (_type.Results.Length == 1) _result = _il.Take(MethodWriter.TypeOf(_type.Results[0]));
    }

    /// <summary>The code of a function; null when it is left to the interpreter.</summary>
    internal static CompiledFunction? Compile(WasmModule module, int defined)
    {
        FunctionBody body = module.Content.Bodies[defined];
        if (body.End - body.Start > BodyBytesMax || body.LocalSlots > 1_000) return null;
        var scan = BodyScan.Of(module.Content, defined);
        if (scan.IsLeftToInterpreter) return null;
        int least = module.Engine.Options.PieceBytesLeast;
        Liveness? liveness = least < int.MaxValue ? Liveness.Of(module.Content, defined, LocalCount(module, defined)) : null;
        CompiledFunction? whole = Compile(module, defined, scan, new(least, WithBlocks: true) { Liveness = liveness });
        if (whole is not null) return whole;
        liveness ??= Liveness.Of(module.Content, defined, LocalCount(module, defined));
        for (int i = 0; whole is null && i < Cuttings.Length; i++)
            whole = Compile(module, defined, scan, Cuttings[i] with { Liveness = liveness });
        return whole;
    }

    private static int LocalCount(WasmModule module, int defined) =>
        module.Content.Functions[module.Content.ImportedFunctions + defined].Parameters.Length
        + module.Content.Bodies[defined].Locals.Sum(static local => local.Count);

    private static CompiledFunction? Compile(WasmModule module, int defined, BodyScan scan, Cutting cutting)
    {
        FunctionBody body = module.Content.Bodies[defined];
        WasmFunctionType type = module.Content.Functions[module.Content.ImportedFunctions + defined];
        DynamicMethod method = CodeStubs.NewMethod(NameOf(module, defined), CodeStubs.ResultOf(type), CodeStubs.ParametersOf(type));
        method.InitLocals = false;
        var compiler = new FunctionCompiler(module, defined, scan, method.GetILGenerator(4 * (body.End - body.Start)), cutting);
        return compiler.TryRun() ? compiler.Finish(method) : null;
    }

    private bool TryRun()
    {
        Prologue();
        PushFrame(Opcode.Block, [], _type.ResultArray, isFunction: true);
        while (_frames.Count > 0)
        {
            Next();
            if (_il.IsTooLarge) return false;
        }

        Epilogue();
        EmitColdBlocks();
        return !_il.IsTooLarge;
    }

    private string Name => NameOf(_module, _header->Index);

    private static string NameOf(WasmModule module, int defined) => "wasm-function[" + (module.Content.ImportedFunctions + defined) + "]";

    private void Next()
    {
        int at = _reader.Position;
        if (TryCut(at)) return;
        _at = at;
        var opcode = (Opcode)FunctionValidator.ReadOpcode(ref _reader);
        if (_dead) Skip(opcode);
        else Instruction(opcode);
    }

    private CompiledFunction Finish(DynamicMethod method)
    {
        nint code = CodeStubs.Address(method);
        return new(method, code, [.. _callSites], _instructions, _pieces, _il.Size);
    }

    private void Prologue()
    {
        for (int i = _type.Parameters.Length; i < _localTypes.Length; i++) _variables[i] = _il.Take(MethodWriter.TypeOf(_localTypes[i]));
        Label exhausted = ColdExhaustion();
        FrameAddress(_header->FrameSlots);
        LoadCall(CallFields.StackLimit);
        _il.Branch(OpCodes.Bgt_Un, exhausted);
        if (_scan.Calls)
        {
            LocalBuilder probe = _il.Take(typeof(byte));
            _il.AddressOf(probe);
            _il.Op(OpCodes.Conv_U);
            LoadCall(CallFields.HostStackLimit);
            _il.Branch(OpCodes.Blt_Un, exhausted);
        }

        LoadFuel();
        ReloadMemory(isFirst: true);
        LoadGlobals();
        if (_scan.IsSelfTailCalled) _il.Mark(_entry);
        for (int i = _type.Parameters.Length; i < _localTypes.Length; i++) Zero(i);
        Charge(_header->EntryCost, _body.Start, mayLoop: true);
    }

    private void LoadGlobals()
    {
        if (!_scan.UsesGlobals) return;
        LoadCall(CallFields.Globals);
        _il.Store(_globals);
    }

    private void Zero(int local)
    {
        switch (_localTypes[local])
        {
            case WasmValueType.I32: _il.Int(0); break;
            case WasmValueType.F32: _il.Float(0); break;
            case WasmValueType.F64: _il.Double(0); break;
            case WasmValueType.V128: EmitConstant(Node.Constant(WasmValueType.V128, 0)); break;
            default: _il.Long(0); break;
        }

        _il.Store(_variables[local]!);
    }

    private void Epilogue()
    {
        _il.Mark(_exit);
        StoreFuel();
        if (_result is not null) _il.Load(_result);
        _il.Op(OpCodes.Ret);
    }

    private void Instruction(Opcode opcode)
    {
        OpcodeInfo info = OpcodeInfo.Of((int)opcode)!;
        switch (info.Immediates)
        {
            case Immediates.Local: Local(opcode); break;
            case Immediates.Global: Global(opcode); break;
            case Immediates.I32: Push(Node.Constant(WasmValueType.I32, (uint)_reader.S32())); break;
            case Immediates.I64: Push(Node.Constant(WasmValueType.I64, (ulong)_reader.S64())); break;
            case Immediates.F32: Push(Node.Constant(WasmValueType.F32, _reader.Fixed32())); break;
            case Immediates.F64: Push(Node.Constant(WasmValueType.F64, _reader.Fixed64())); break;
            case Immediates.V128: Push(Node.Constant(WasmValueType.V128, _reader.Fixed64(), _reader.Fixed64())); break;
            case Immediates.Lanes or Immediates.Lane: Vector(info); break;
            case Immediates.MemArg or Immediates.MemArgLane: Access(info); break;
            case Immediates.None when info.IsPlain: Numeric(info); break;
            default: Special(info); break;
        }
    }

    private void Special(OpcodeInfo info)
    {
        switch (info.Opcode)
        {
            case Opcode.Drop: Forget(Pop()); break;
            case Opcode.Select: Select(); break;
            case Opcode.SelectTyped:
                InstructionReader.Skip(ref _reader, info.Immediates);
                Select();
                break;
            case Opcode.RefNull: Push(Node.Constant((WasmValueType)_reader.Byte(), 0)); break;
            case Opcode.RefIsNull: Push(Node.Operation(Opcode.I64Eqz, WasmValueType.I32, [Pop()])); break;
            default:
                if (info.Immediates is Immediates.Memory or Immediates.MemoryMemory or Immediates.DataMemory or Immediates.Data
                    or Immediates.Table or Immediates.TableTable or Immediates.ElementTable or Immediates.Element
                    || info.Opcode == Opcode.RefFunc) Bulk(info);
                else Control(info.Opcode);
                break;
        }
    }

    private void Local(Opcode opcode)
    {
        int index = (int)_reader.U32();
        WasmValueType type = _localTypes[index];
        if (opcode == Opcode.LocalGet)
        {
            PushLocal(index);
            return;
        }

        Node value = Pop();
        if (value.Kind == NodeKind.Local && value.Index == index)
        {
            Forget(value);
        }
        else
        {
            Preserve(index);
            Emit(value);
            StoreLocal(index);
        }

        if (opcode == Opcode.LocalTee) PushLocal(index);
    }

    private void StoreLocal(int index)
    {
        _versions[index]++;
        if (_variables[index] is { } variable) _il.Store(variable);
        else _il.StoreArgument(HiddenArguments + index);
    }

    private void Global(Opcode opcode)
    {
        int index = (int)_reader.U32();
        WasmValueType type = _content.Globals[index].Value;
        if (type.IsReference())
        {
            if (opcode == Opcode.GlobalGet) Execute(Op.GlobalGetReference, type, [], index);
            else Execute(Op.GlobalSetReference, WasmValueType.None, [Pop()], index);
            return;
        }

        if (opcode == Opcode.GlobalGet)
        {
            GlobalAddress(index);
            _il.LoadAs(type);
            PushStored(type);
            return;
        }

        Node value = Pop();
        GlobalAddress(index);
        Emit(value);
        _il.StoreAs(type);
    }

    /// <summary>Where a global lies: the module's own ones behind the pointers to all, see <see cref="WasmInstance"/>.</summary>
    private void GlobalAddress(int index)
    {
        _il.Load(_globals);
        bool isOwn = index >= _content.ImportedGlobals;
        int offset = 8 * (isOwn ? _content.Globals.Count + (2 * (index - _content.ImportedGlobals)) : index);
        if (offset != 0)
        {
            _il.Native(offset);
            _il.Op(OpCodes.Add);
        }

        if (!isOwn) _il.Op(OpCodes.Ldind_I);
    }

    /// <summary>
    /// Integers are chosen by a mask: RyuJIT makes no conditional moves in loops, and a branch that goes either way costs more than the mask. The
    /// rest is chosen by a branch.
    /// </summary>
    private void Select()
    {
        Node condition = Pop();
        Node second = Pop();
        Node first = Pop();
        if (first.Type is WasmValueType.I32 or WasmValueType.I64)
        {
            SelectByMask(condition, Simple(first), Simple(second));
            return;
        }

        LocalBuilder variable = _il.Take(MethodWriter.TypeOf(first.Type));
        Label taken = _il.NewLabel();
        Emit(first);
        _il.Store(variable);
        Branch(condition, whenTrue: true, taken);
        Emit(second);
        _il.Store(variable);
        _il.Mark(taken);
        Push(Node.Temporary(variable, first.Type));
    }

    /// <summary><c>second ^ ((first ^ second) &amp; mask)</c>, less where one of them is zero.</summary>
    private void SelectByMask(Node condition, Node first, Node second)
    {
        bool isWide = first.Type == WasmValueType.I64;
        bool isFirstZero = first is { Kind: NodeKind.Constant, Low: 0 };
        bool isSecondZero = second is { Kind: NodeKind.Constant, Low: 0 };
        if (!isFirstZero && !isSecondZero)
        {
            Emit(second, keep: true);
            Emit(first, keep: true);
            Emit(second, keep: true);
            _il.Op(OpCodes.Xor);
        }
        else
        {
            Emit(isFirstZero ? second : first, keep: true);
        }

        EmitTruth(condition);
        if (isWide) _il.Op(OpCodes.Conv_U8);
        if (isFirstZero)
        {
            Number(1, isWide);
            _il.Op(OpCodes.Sub);
        }
        else
        {
            _il.Op(OpCodes.Neg);
        }

        _il.Op(OpCodes.And);
        if (!isFirstZero && !isSecondZero) _il.Op(OpCodes.Xor);
        PushStored(first.Type, Math.Max(first.Most, second.Most));
        Forget(first);
        Forget(second);
    }

    /// <summary>1 when the condition is not zero, else 0.</summary>
    private void EmitTruth(Node condition)
    {
        Emit(condition);
        if (condition.Most <= 1) return;
        _il.Int(0);
        _il.Op(OpCodes.Cgt_Un);
    }
}
