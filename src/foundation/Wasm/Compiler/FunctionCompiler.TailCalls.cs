using System.Reflection.Emit;

namespace Sirsi.Wasm.Compiler;

/// <summary>
/// Calls in place of returning. They are jumps: the callee gets the caller's frame, and the record below it stays that of the caller's caller. Since
/// no site is written, a stub could not tell what it is called for, so the callee is compiled first. What cannot be jumped to is called, by whoever
/// called this function from outside of compiled code, else from here.
/// </summary>
internal sealed unsafe partial class FunctionCompiler
{
    private void TailCall(int function)
    {
        if (_header->Index == function - _content.ImportedFunctions)
        {
            CallSelfInPlace();
        }
        else
        {
            Node[] arguments = SimpleMany(_content.Functions[function].Parameters.Length);
            LocalBuilder header = _il.Take(typeof(nint));
            StoreFuel();
            _il.Address((nint)(_module.Headers + (function - _content.ImportedFunctions)));
            _il.Store(header);
            Jump(_content.Functions[function], arguments, header);
            _il.GiveBack(header);
        }

        _dead = true;
    }

    private void TailCallIndirect(WasmFunctionType type, int typeIndex, int table)
    {
        Node index = Simple(Pop());
        Node[] arguments = SimpleMany(type.Parameters.Length);
        // A function of the host gets the frame too.
        const int Slot = 0;
        LocalBuilder function = _il.Take(typeof(WasmFunction));
        LocalBuilder header = _il.Take(typeof(nint));
        LocalBuilder[] results = TakeAll(type.ResultArray);
        Label other = _il.NewLabel();
        Label host = _il.NewLabel();
        Label done = _il.NewLabel();
        StoreFuel();
        FindFunction(index, table, _content.Tables[table].Limits.Is64, function, other);
        FindHeader(function, header, _module.Code.Canonical(typeIndex), other);
        Jump(type, arguments, header);
        AddOtherTail(new(type, typeIndex, table, index, arguments, Slot, _at, results, other, done), function, host);
        AddSlowCall(new(type, typeIndex, table, index, arguments, Slot, _at, results, host, done));
        _il.Mark(done);
        LoadFuel();
        for (int i = 0; i < results.Length; i++) Push(Node.Temporary(results[i], type.Results[i]));
        LeaveFunction();
        _il.Branch(OpCodes.Br, _exit);
        foreach (Node argument in arguments) Forget(argument);
        Forget(index);
        _il.GiveBack(function);
        _il.GiveBack(header);
        _dead = true;
    }

    /// <summary>The way of what is not a function of this instance: one of another takes over the frame; one of the host is called.</summary>
    private void AddOtherTail(SlowCall call, LocalBuilder function, Label host) => _cold.Add(() =>
    {
        _il.Mark(call.Slow);
        _il.LoadArgument(CallArgument);
        _il.LoadArgument(FrameArgument);
        _il.Int(call.Site);
        _il.Int(call.TypeIndex);
        _il.Int(call.Table);
        Emit(call.Index, keep: true);
        if (call.Index.Type != WasmValueType.I64) _il.Op(OpCodes.Conv_U8);
        _il.Call(Methods.FindTail);
        _il.Store(function);
        _il.Load(function);
        _il.LoadField(CallFields.FunctionInstance);
        _il.Branch(OpCodes.Brfalse, host);
        LeaveFrame(call.Arguments);
        _il.LoadArgument(CallArgument);
        _il.LoadArgument(FrameArgument);
        _il.Load(function);
        _il.Call(Methods.CallTail);
        LoadTailResults(call.Type, call.Results);
        _il.Branch(OpCodes.Br, call.Done);
    });

    /// <summary>Puts arguments where the interpreter would have this function's frame.</summary>
    private void LeaveFrame(Node[] arguments)
    {
        _il.LoadArgument(CallArgument);
        _il.LoadArgument(FrameArgument);
        _il.Call(Methods.NoteTail);
        int slot = -CodeStubs.RecordSlots;
        foreach (Node argument in arguments)
        {
            StoreSlot(slot, argument, keep: true);
            slot += argument.Type.Slots();
        }
    }

    private void LoadTailResults(WasmFunctionType type, LocalBuilder[] results)
    {
        int slot = -CodeStubs.RecordSlots;
        for (int i = 0; i < results.Length; i++)
        {
            FrameAddress(slot);
            _il.LoadAs(type.Results[i]);
            _il.Store(results[i]);
            slot += type.Results[i].Slots();
        }
    }

    /// <summary>Jumps to the code of a function of this instance; has it interpreted, and returns what that gives, when there is none.</summary>
    private void Jump(WasmFunctionType type, Node[] arguments, LocalBuilder header)
    {
        LocalBuilder code = _il.Take(typeof(nint));
        Label ready = _il.NewLabel();
        Label interpret = _il.NewLabel();
        _il.Load(header);
        _il.Native(CodeStubs.CompiledOffset);
        _il.Op(OpCodes.Add);
        _il.Op(OpCodes.Ldind_I);
        _il.Store(code);
        _il.Load(code);
        _il.Branch(OpCodes.Brtrue, ready);
        _il.LoadArgument(CallArgument);
        _il.LoadArgument(FrameArgument);
        _il.Int(_at);
        _il.Load(header);
        _il.Call(Methods.Ready);
        _il.Store(code);
        _il.Load(code);
        _il.Branch(OpCodes.Brfalse, interpret);
        _il.Mark(ready);
        _il.LoadArgument(CallArgument);
        _il.LoadArgument(FrameArgument);
        foreach (Node argument in arguments) Emit(argument, keep: true);
        _il.Load(code);
        _il.JumpToAddress(CodeStubs.ResultOf(type), CodeStubs.ParametersOf(type));
        _il.GiveBack(code);
        LocalBuilder[] results = TakeAll(type.ResultArray);
        AddInterpretedTail(type, arguments, header, interpret, results);
        foreach (LocalBuilder result in results) _il.GiveBack(result);
    }

    private void AddInterpretedTail(WasmFunctionType type, Node[] arguments, LocalBuilder header, Label label, LocalBuilder[] results) =>
        _cold.Add(() =>
        {
            _il.Mark(label);
            LeaveFrame(arguments);
            _il.LoadArgument(CallArgument);
            _il.LoadArgument(FrameArgument);
            _il.Load(header);
            _il.Call(Methods.InterpretTail);
            LoadFuel();
            LoadTailResults(type, results);
            if (results.Length == 1)
            {
                _il.Load(results[0]);
                _il.Store(_result!);
            }
            else
            {
                for (int i = 0, slot = 0; i < results.Length; slot += type.Results[i++].Slots())
                {
                    FrameAddress(slot);
                    _il.Load(results[i]);
                    _il.StoreSlotAs(type.Results[i]);
                }
            }

            _il.Branch(OpCodes.Br, _exit);
        });

    private void CallSelfInPlace()
    {
        int count = _type.Parameters.Length;
        for (int i = 0; i < count; i++) Emit(_operands[_operands.Count - count + i], keep: true);
        for (int i = count - 1; i >= 0; i--) StoreLocal(i);
        _il.Branch(OpCodes.Br, _entry);
    }

    private Node[] SimpleMany(int count)
    {
        Node[] operands = PopMany(count);
        for (int i = 0; i < count; i++) operands[i] = Simple(operands[i]);
        return operands;
    }
}
