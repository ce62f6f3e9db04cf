using System.Reflection;
using System.Reflection.Emit;
using Sirsi.Wasm.Binary;
using Sirsi.Wasm.Operations;
using V128 = System.Runtime.Intrinsics.Vector128<byte>;

namespace Sirsi.Wasm.Compiler;

/// <summary>
/// Writes IL and counts what RyuJIT counts: above any of its limits it makes unoptimised code, three times slower and more (dotnet/runtime,
/// jit/compiler.h: DEFAULT_MIN_OPTS_*).
/// </summary>
internal sealed class MethodWriter(ILGenerator il)
{
    private const int LocalsMax = 1_980;

    private readonly Dictionary<Type, Stack<LocalBuilder>> _free = [];
    private int _instructions;
    private int _blocks;
    private int _lastBoundary = -1;
    private int _locals;
    private int _uses;

    /// <summary>What was written so far.</summary>
    internal MethodSize Size => new(il.ILOffset, _instructions, _blocks, _uses);

    /// <summary>Whether RyuJIT would not optimise what was written so far.</summary>
    internal bool IsTooLarge => !Size.Fits(MethodSize.Most) || _locals > LocalsMax;

    /// <summary>The CLR's type for a type of WebAssembly; references travel as handles.</summary>
    internal static Type TypeOf(WasmValueType type) => type switch
    {
        WasmValueType.I32 => typeof(int),
        WasmValueType.F32 => typeof(float),
        WasmValueType.F64 => typeof(double),
        WasmValueType.V128 => typeof(V128),
        _ => typeof(long),
    };

    internal Label NewLabel() => il.DefineLabel();

    internal void Mark(Label label)
    {
        Boundary();
        il.MarkLabel(label);
    }

    internal void Branch(OpCode branch, Label label)
    {
        _instructions++;
        il.Emit(branch, label);
        Boundary();
    }

    internal void Switch(Label[] labels)
    {
        _instructions++;
        il.Emit(OpCodes.Switch, labels);
        Boundary();
    }

    internal void Op(OpCode operation)
    {
        _instructions++;
        il.Emit(operation);
        if (operation.FlowControl is FlowControl.Return or FlowControl.Throw) Boundary();
    }

    internal void Int(int value)
    {
        _instructions++;
        switch (value)
        {
            case -1: il.Emit(OpCodes.Ldc_I4_M1); break;
            case 0: il.Emit(OpCodes.Ldc_I4_0); break;
            case 1: il.Emit(OpCodes.Ldc_I4_1); break;
            case >= sbyte.MinValue and <= sbyte.MaxValue: il.Emit(OpCodes.Ldc_I4_S, (sbyte)value); break;
            default: il.Emit(OpCodes.Ldc_I4, value); break;
        }
    }

    internal void Long(long value)
    {
        if (value is >= int.MinValue and <= int.MaxValue)
        {
            Int((int)value);
            Op(OpCodes.Conv_I8);
            return;
        }

        _instructions++;
        il.Emit(OpCodes.Ldc_I8, value);
    }

    /// <summary>A constant next to a native int; a small one needs no conversion there.</summary>
    internal void Native(long value)
    {
        if (value is >= int.MinValue and <= int.MaxValue)
        {
            Int((int)value);
            return;
        }

        _instructions++;
        il.Emit(OpCodes.Ldc_I8, value);
    }

    /// <summary>An address the code holds.</summary>
    internal void Address(nint value)
    {
        _instructions++;
        il.Emit(OpCodes.Ldc_I8, value);
        Op(OpCodes.Conv_I);
    }

    internal void Float(float value)
    {
        _instructions++;
        il.Emit(OpCodes.Ldc_R4, value);
    }

    internal void Double(double value)
    {
        _instructions++;
        il.Emit(OpCodes.Ldc_R8, value);
    }

    internal void Load(LocalBuilder variable)
    {
        Use();
        il.Emit(OpCodes.Ldloc, variable);
    }

    internal void Store(LocalBuilder variable)
    {
        Use();
        il.Emit(OpCodes.Stloc, variable);
    }

    internal void AddressOf(LocalBuilder variable)
    {
        Use();
        il.Emit(OpCodes.Ldloca, variable);
    }

    internal void LoadArgument(int index)
    {
        Use();
        switch (index)
        {
            case 0: il.Emit(OpCodes.Ldarg_0); break;
            case 1: il.Emit(OpCodes.Ldarg_1); break;
            case <= byte.MaxValue: il.Emit(OpCodes.Ldarg_S, (byte)index); break;
            default: il.Emit(OpCodes.Ldarg, (short)index); break;
        }
    }

    internal void StoreArgument(int index)
    {
        Use();
        if (index <= byte.MaxValue) il.Emit(OpCodes.Starg_S, (byte)index);
        else il.Emit(OpCodes.Starg, (short)index);
    }

    internal void LoadField(FieldInfo field)
    {
        _instructions++;
        il.Emit(OpCodes.Ldfld, field);
    }

    internal void StoreField(FieldInfo field)
    {
        _instructions++;
        il.Emit(OpCodes.Stfld, field);
    }

    internal void Call(MethodInfo method)
    {
        _instructions++;
        il.Emit(OpCodes.Call, method);
    }

    /// <summary>Calls the managed code whose address lies on top.</summary>
    internal void CallAddress(Type result, Type[] parameters)
    {
        _instructions++;
        il.EmitCalli(OpCodes.Calli, CallingConventions.Standard, result, parameters, null);
    }

    /// <summary>Jumps to the managed code whose address lies on top, in place of returning from this one.</summary>
    internal void JumpToAddress(Type result, Type[] parameters)
    {
        Op(OpCodes.Tailcall);
        CallAddress(result, parameters);
        Op(OpCodes.Ret);
    }

    /// <summary>Reads the value of a type from the address on top.</summary>
    internal void LoadAs(WasmValueType type)
    {
        switch (type)
        {
            case WasmValueType.I32: Op(OpCodes.Ldind_I4); break;
            case WasmValueType.F32: Op(OpCodes.Ldind_R4); break;
            case WasmValueType.F64: Op(OpCodes.Ldind_R8); break;
            case WasmValueType.V128: Call(OperationMethods.Of(Opcode.V128Load)!); break;
            default: Op(OpCodes.Ldind_I8); break;
        }
    }

    /// <summary>Writes the value on top to the address below it.</summary>
    internal void StoreAs(WasmValueType type)
    {
        switch (type)
        {
            case WasmValueType.I32: Op(OpCodes.Stind_I4); break;
            case WasmValueType.F32: Op(OpCodes.Stind_R4); break;
            case WasmValueType.F64: Op(OpCodes.Stind_R8); break;
            case WasmValueType.V128: Call(OperationMethods.Of(Opcode.V128Store)!); break;
            default: Op(OpCodes.Stind_I8); break;
        }
    }

    /// <summary>The same to a slot of a guest frame, whose upper half an i32 clears.</summary>
    internal void StoreSlotAs(WasmValueType type)
    {
        if (type == WasmValueType.I32)
        {
            Op(OpCodes.Conv_U8);
            Op(OpCodes.Stind_I8);
        }
        else
        {
            StoreAs(type);
        }
    }

    /// <summary>A variable for as long as it is not given back.</summary>
    internal LocalBuilder Take(Type type)
    {
        if (_free.TryGetValue(type, out Stack<LocalBuilder>? stack) && stack.TryPop(out LocalBuilder? variable)) return variable;
        _locals++;
        return il.DeclareLocal(type);
    }

    internal void GiveBack(LocalBuilder variable)
    {
        if (!_free.TryGetValue(variable.LocalType, out Stack<LocalBuilder>? stack)) _free[variable.LocalType] = stack = new();
        stack.Push(variable);
    }

    /// <summary>A block of RyuJIT's begins here, after a branch or where one may lead to.</summary>
    private void Boundary()
    {
        if (il.ILOffset == _lastBoundary) return;
        _lastBoundary = il.ILOffset;
        _blocks++;
    }

    private void Use()
    {
        _instructions++;
        _uses++;
    }
}
