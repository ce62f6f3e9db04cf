using System.Reflection.Emit;

namespace Sirsi.Wasm.Compiler;

/// <summary>
/// Calls in place of returning. They are jumps: the callee gets the caller's frame, and the record below it stays that of the caller's caller. Since
/// no site is written, a stub could not tell what it is called for, so the callee is compiled first. What cannot be jumped to is called.
/// </summary>
internal sealed unsafe partial class FunctionCompiler
{
    private void TailCall(int function)
    {
        if (function < _content.ImportedFunctions)
        {
            CallImport(function);
            LeaveFunction();
            _il.Branch(OpCodes.Br, _exit);
        }
        else if (_header->Index == function - _content.ImportedFunctions)
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
        int slot = NextSlot;
        LocalBuilder function = _il.Take(typeof(WasmFunction));
        LocalBuilder header = _il.Take(typeof(nint));
        LocalBuilder[] results = TakeAll(type.ResultArray);
        Label slow = _il.NewLabel();
        Label done = _il.NewLabel();
        StoreFuel();
        FindFunction(index, table, _content.Tables[table].Limits.Is64, function, slow);
        FindHeader(function, header, _module.Code.Canonical(typeIndex), slow);
        Jump(type, arguments, header);
        AddSlowCall(new(type, typeIndex, table, index, arguments, slot, _at, results, slow, done));
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
        AddInterpretedTail(type, arguments, header, interpret, NextSlot, _at);
    }

    private void AddInterpretedTail(WasmFunctionType type, Node[] arguments, LocalBuilder header, Label label, int first, int site) =>
        _cold.Add(() =>
        {
            _il.Mark(label);
            int slot = first;
            foreach (Node argument in arguments)
            {
                StoreSlot(slot, argument, keep: true);
                slot += argument.Type.Slots();
            }

            _il.LoadArgument(CallArgument);
            _il.LoadArgument(FrameArgument);
            _il.Int(site);
            _il.Int(first);
            _il.Load(header);
            _il.Call(Methods.InterpretTail);
            LoadFuel();
            for (int i = 0, at = 0; i < type.Results.Length; i++)
            {
                if (type.Results.Length > 1) FrameAddress(at);
                FrameAddress(first + at);
                _il.LoadAs(type.Results[i]);
                if (type.Results.Length == 1) _il.Store(_result!);
                else _il.StoreSlotAs(type.Results[i]);
                at += type.Results[i].Slots();
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
