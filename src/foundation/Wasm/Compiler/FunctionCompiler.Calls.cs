using System.Reflection;
using System.Reflection.Emit;
using Sirsi.Wasm.Binary;
using Sirsi.Wasm.Interpreter;

namespace Sirsi.Wasm.Compiler;

internal sealed unsafe partial class FunctionCompiler
{
    private void Calls(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.Call:
                int function = (int)_reader.U32();
                if (function < _content.ImportedFunctions) CallImport(function);
                else CallDirect(function);
                break;
            case Opcode.CallIndirect:
                int type = (int)_reader.U32();
                CallIndirect(_content.Types[type], type, (int)_reader.U32());
                break;
            case Opcode.ReturnCall: TailCall((int)_reader.U32()); break;
            case Opcode.ReturnCallIndirect:
                type = (int)_reader.U32();
                TailCallIndirect(_content.Types[type], type, (int)_reader.U32());
                break;
            case Opcode.Throw:
                int tag = (int)_reader.U32();
                int slot = StoreArguments(_content.Tags[tag].Payload);
                EmitTrapArguments(_at);
                _il.Int(tag);
                _il.Int(slot);
                EmitThrow(Methods.Throw);
                _dead = true;
                break;
            case Opcode.ThrowRef:
                Node reference = Simple(Pop());
                EmitTrapArguments(_at);
                Emit(reference);
                EmitThrow(Methods.ThrowReference);
                _dead = true;
                break;
            default:
                throw new InvalidOperationException($"The compiler has no operation {opcode}.");
        }
    }

    /// <summary>
    /// A call within the module: arguments in registers, the frame moved past this one's operands and the record of the call, in which the site
    /// is written down.
    /// </summary>
    private void CallDirect(int function)
    {
        WasmFunctionType type = _content.Functions[function];
        CodeHeader* callee = _module.Headers + (function - _content.ImportedFunctions);
        _module.Code.EnsureEntrance(callee);
        Node[] arguments = PopMany(type.Parameters.Length);
        int advance = NoteCallSite();
        StoreFuel();
        WriteSite(advance);
        _il.LoadArgument(CallArgument);
        FrameAddress(advance + CodeStubs.RecordSlots);
        foreach (Node argument in arguments) Emit(argument);
        _il.Address((nint)(&callee->Enter));
        _il.Op(OpCodes.Ldind_I);
        _il.CallAddress(CodeStubs.ResultOf(type), CodeStubs.ParametersOf(type));
        AfterCall(type, advance);
    }

    /// <summary>
    /// A call through a table. A function of the same instance and type is called like any other of the module; for all else the arguments go to the
    /// guest stack.
    /// </summary>
    private void CallIndirect(WasmFunctionType type, int typeIndex, int table)
    {
        int canonical = _module.Code.Canonical(typeIndex);
        _module.Code.EnsureEntrances(canonical);
        bool is64 = _content.Tables[table].Limits.Is64;
        Node index = Simple(Pop());
        Node[] arguments = SimpleMany(type.Parameters.Length);
        int advance = NoteCallSite();
        LocalBuilder function = _il.Take(typeof(WasmFunction));
        LocalBuilder header = _il.Take(typeof(nint));
        LocalBuilder[] results = TakeAll(type.ResultArray);
        Label slow = _il.NewLabel();
        Label done = _il.NewLabel();
        StoreFuel();
        FindFunction(index, table, is64, function, slow);
        FindHeader(function, header, canonical, slow);
        WriteSite(advance);
        FrameAddress(advance + CodeStubs.HeaderSlot);
        _il.Load(header);
        _il.Op(OpCodes.Stind_I);
        _il.LoadArgument(CallArgument);
        FrameAddress(advance + CodeStubs.RecordSlots);
        foreach (Node argument in arguments) Emit(argument, keep: true);
        _il.Load(header);
        _il.Native(CodeStubs.EnterOffset);
        _il.Op(OpCodes.Add);
        _il.Op(OpCodes.Ldind_I);
        _il.CallAddress(CodeStubs.ResultOf(type), CodeStubs.ParametersOf(type));
        StoreResults(type, results, advance + CodeStubs.RecordSlots);
        _il.Mark(done);
        AddSlowCall(new(type, typeIndex, table, index, arguments, advance, _at, results, slow, done));
        foreach (Node argument in arguments) Forget(argument);
        Forget(index);
        _il.GiveBack(function);
        _il.GiveBack(header);
        LoadFuel();
        ReloadMemory();
        for (int i = 0; i < results.Length; i++) Push(Node.Temporary(results[i], type.Results[i]));
    }

    /// <summary>The header of a function; branches away unless the function is of the type.</summary>
    private void FindHeader(LocalBuilder function, LocalBuilder header, int type, Label other)
    {
        _il.Load(function);
        _il.LoadField(CallFields.FunctionHeader);
        _il.Store(header);
        _il.Load(header);
        _il.Native(CodeStubs.TypeOffset);
        _il.Op(OpCodes.Add);
        _il.Op(OpCodes.Ldind_I4);
        _il.Int(type);
        _il.Branch(OpCodes.Bne_Un, other);
    }

    /// <summary>The function in a table; branches away unless it is one of this instance.</summary>
    private void FindFunction(Node index, int table, bool is64, LocalBuilder function, Label slow)
    {
        LocalBuilder elements = _il.Take(typeof(object?[]));
        LoadCall(CallFields.Instance);
        _il.LoadField(CallFields.InstanceTables);
        _il.Int(table);
        _il.Op(OpCodes.Ldelem_Ref);
        _il.LoadField(CallFields.TableElements);
        _il.Store(elements);
        Emit(index, keep: true);
        _il.Op(OpCodes.Conv_U);
        _il.Load(elements);
        _il.Op(OpCodes.Ldlen);
        _il.Branch(OpCodes.Bge_Un, slow);
        _il.Load(elements);
        Emit(index, keep: true);
        if (is64) _il.Op(OpCodes.Conv_U);
        _il.Op(OpCodes.Ldelem_Ref);
        _il.Store(function);
        _il.Load(function);
        _il.Branch(OpCodes.Brfalse, slow);
        _il.Load(function);
        _il.LoadField(CallFields.FunctionInstance);
        LoadCall(CallFields.Instance);
        _il.Branch(OpCodes.Bne_Un, slow);
        _il.GiveBack(elements);
    }

    private void AddSlowCall(SlowCall slow) => _cold.Add(() =>
    {
        _il.Mark(slow.Slow);
        int slot = slow.Advance;
        foreach (Node argument in slow.Arguments)
        {
            StoreSlot(slot, argument, keep: true);
            slot += argument.Type.Slots();
        }

        _il.LoadArgument(CallArgument);
        _il.LoadArgument(FrameArgument);
        _il.Int(slow.Site);
        _il.Int(slow.Advance);
        _il.Int(slow.TypeIndex);
        _il.Int(slow.Table);
        Emit(slow.Index, keep: true);
        if (slow.Index.Type != WasmValueType.I64) _il.Op(OpCodes.Conv_U8);
        _il.Call(Methods.CallIndirect);
        for (int i = 0, at = slow.Advance; i < slow.Results.Length; i++)
        {
            FrameAddress(at);
            _il.LoadAs(slow.Type.Results[i]);
            _il.Store(slow.Results[i]);
            at += slow.Type.Results[i].Slots();
        }

        _il.Branch(OpCodes.Br, slow.Done);
    });

    private void CallImport(int function)
    {
        WasmFunctionType type = _content.Functions[function];
        int advance = StoreArguments(type);
        StoreFuel();
        _il.LoadArgument(CallArgument);
        _il.LoadArgument(FrameArgument);
        _il.Int(_at);
        _il.Int(advance);
        _il.Int(function);
        _il.Call(Methods.CallImport);
        LoadFuel();
        ReloadMemory();
        LoadResults(type, advance);
    }

    private void AfterCall(WasmFunctionType type, int advance)
    {
        LocalBuilder[] results = TakeAll(type.ResultArray);
        StoreResults(type, results, advance + CodeStubs.RecordSlots);
        LoadFuel();
        ReloadMemory();
        for (int i = 0; i < results.Length; i++) Push(Node.Temporary(results[i], type.Results[i]));
    }

    /// <summary>Takes a single result from the IL stack, several from the callee's frame.</summary>
    private void StoreResults(WasmFunctionType type, LocalBuilder[] results, int slot)
    {
        if (results.Length == 1)
        {
            _il.Store(results[0]);
            return;
        }

        for (int i = 0; i < results.Length; i++)
        {
            FrameAddress(slot);
            _il.LoadAs(type.Results[i]);
            _il.Store(results[i]);
            slot += type.Results[i].Slots();
        }
    }

    /// <summary>Results that were left in slots become operands.</summary>
    private void LoadResults(WasmFunctionType type, int slot)
    {
        for (int i = 0; i < type.Results.Length; i++)
        {
            WasmValueType result = type.Results[i];
            FrameAddress(slot);
            _il.LoadAs(result);
            if (i < type.Results.Length - 1) Push(Stored(result));
            else PushStored(result);
            slot += result.Slots();
        }
    }

    /// <summary>Pops arguments into their slots; gives the first one's.</summary>
    private int StoreArguments(WasmFunctionType type)
    {
        Node[] arguments = PopMany(type.Parameters.Length);
        int first = NextSlot;
        int slot = first;
        foreach (Node argument in arguments)
        {
            StoreSlot(slot, argument);
            slot += argument.Type.Slots();
        }

        return first;
    }

    private void StoreSlot(int slot, Node value, bool keep = false)
    {
        FrameAddress(slot);
        Emit(value, keep);
        _il.StoreSlotAs(value.Type);
    }

    private void FrameAddress(int slot)
    {
        _il.LoadArgument(FrameArgument);
        AddOffset(8L * slot);
    }

    /// <summary>How far the callee's record lies from this frame; noted for whoever walks the stack.</summary>
    private int NoteCallSite()
    {
        _callSites.Add((_at, (ushort)NextSlot));
        return NextSlot;
    }

    private void WriteSite(int advance)
    {
        FrameAddress(advance + CodeStubs.SiteSlot);
        _il.Int(_at);
        _il.Op(OpCodes.Stind_I4);
    }

    /// <summary>Instructions on tables and memories as a whole are the interpreter's, on slots of the frame.</summary>
    private void Bulk(OpcodeInfo info)
    {
        int first = (int)_reader.U32();
        int second = info.Immediates is Immediates.MemoryMemory or Immediates.TableTable or Immediates.DataMemory or Immediates.ElementTable
            ? (int)_reader.U32()
            : 0;
        if (info.Opcode == Opcode.MemorySize && first == 0)
        {
            _il.Load(_length);
            _il.Int(16);
            _il.Op(OpCodes.Shr_Un);
            _il.Op(_content.Memories[0].Limits.Is64 ? OpCodes.Conv_U8 : OpCodes.Conv_I4);
            PushStored(_content.Memories[0].Limits.IndexType);
            return;
        }

        if (info.Opcode is Opcode.MemoryCopy or Opcode.MemoryFill && first == 0 && second == 0 && !_content.Memories[0].Limits.Is64)
        {
            MoveBytes(info.Opcode == Opcode.MemoryCopy ? Methods.CopyBytes : Methods.FillBytes, PopMany(3));
            return;
        }

        (int operands, WasmValueType result) = BulkShape.Of(_content, info.Opcode, first);
        Execute(info.Opcode, result, PopMany(operands), (uint)first | ((long)second << 32));
    }

    /// <summary>Copies and fills of a few bytes are common enough to be called directly.</summary>
    private void MoveBytes(MethodInfo method, Node[] operands)
    {
        StoreFuel();
        _il.LoadArgument(CallArgument);
        _il.LoadArgument(FrameArgument);
        _il.Int(_at);
        foreach (Node operand in operands) Emit(operand);
        _il.Call(method);
        LoadFuel();
    }

    /// <summary>Has the interpreter run one instruction.</summary>
    private void Execute(Opcode opcode, WasmValueType result, Node[] operands, long immediate)
    {
        Instr[] instruction = GC.AllocateArray<Instr>(1, pinned: true);
        _instructions.Add(instruction);
        int slot = NextSlot;
        for (int i = 0; i < operands.Length; i++) StoreSlot(slot + i, operands[i]);
        instruction[0] = new Instr { Op = opcode, A = (ushort)slot, Imm = immediate };
        bool isShifted = operands.Length < 3;
        instruction[0].B = (ushort)(slot + (isShifted ? 0 : 1));
        instruction[0].C = (ushort)(slot + (isShifted ? 1 : 2));
        StoreFuel();
        _il.LoadArgument(CallArgument);
        _il.LoadArgument(FrameArgument);
        _il.Int(_at);
        fixed (Instr* pinned = instruction) _il.Address((nint)pinned);
        _il.Call(Methods.Execute);
        LoadFuel();
        ReloadMemory();
        if (result == WasmValueType.None) return;
        FrameAddress(slot);
        _il.LoadAs(result);
        PushStored(result);
    }

    /// <summary>A call through a table that is not of the fast kind.</summary>
    private sealed record SlowCall(
        WasmFunctionType Type, int TypeIndex, int Table, Node Index, Node[] Arguments, int Advance, int Site, LocalBuilder[] Results,
        Label Slow, Label Done);
}
