using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sirsi.Wasm.Interpreter;

namespace Sirsi.Wasm.Compiler;

/// <summary>How compiled code is called, and the two pieces of code each type of function needs at its borders.</summary>
/// <param name="FromSlots"><c>void (WasmCall call, ulong* frame, nint code)</c>: arguments and results lie at <c>frame</c>.</param>
/// <param name="Lazy">Code of the type itself, which compiles the function it is called for, or has it interpreted.</param>
/// <param name="Owners">Keep the code alive.</param>
internal sealed record CodeStubs(nint FromSlots, nint Lazy, DynamicMethod[] Owners)
{
    /// <summary>What lies between a compiled caller's operands and its callee's frame, in slots: as much as a record of the interpreter.</summary>
    internal const int RecordSlots = 8;

    /// <summary>Where in it the call's offset is written.</summary>
    internal const int SiteSlot = 0;

    /// <summary>Where in it an indirect call writes what it calls.</summary>
    internal const int HeaderSlot = 1;

    /// <summary>The site of a frame that was not called by compiled code.</summary>
    internal const int NoSite = -1;

    internal static readonly int TypeOffset = (int)Marshal.OffsetOf<CodeHeader>(nameof(CodeHeader.Type));

    internal static readonly int CompiledOffset = (int)Marshal.OffsetOf<CodeHeader>(nameof(CodeHeader.Compiled));

    internal static readonly int EnterOffset = (int)Marshal.OffsetOf<CodeHeader>(nameof(CodeHeader.Enter));

    /// <summary>Whether code can be made here at all.</summary>
    internal static bool CanCompile => RuntimeFeature.IsDynamicCodeCompiled && nint.Size == 8 && BitConverter.IsLittleEndian;

    internal static Type ResultOf(WasmFunctionType type) =>
        type.Results.Length == 1 ? MethodWriter.TypeOf(type.Results[0]) : typeof(void);

    internal static Type[] ParametersOf(WasmFunctionType type) =>
        [typeof(WasmCall), typeof(nint), .. type.Parameters.Select(MethodWriter.TypeOf)];

    internal static DynamicMethod NewMethod(string name, Type result, Type[] parameters) =>
        new(name, result, parameters, typeof(CodeStubs).Module, skipVisibility: true);

    /// <summary>Has the method compiled; gives its code.</summary>
    internal static nint Address(DynamicMethod method)
    {
        RuntimeMethodHandle handle = Descriptor(method);
        RuntimeHelpers.PrepareMethod(handle);
        return handle.GetFunctionPointer();
    }

    internal static CodeStubs Make(WasmFunctionType type)
    {
        DynamicMethod fromSlots = MakeFromSlots(type);
        DynamicMethod lazy = MakeLazy(type);
        return new(Address(fromSlots), Address(lazy), [fromSlots, lazy]);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "GetMethodDescriptor")]
    private static extern RuntimeMethodHandle Descriptor(DynamicMethod method);

    private static DynamicMethod MakeFromSlots(WasmFunctionType type)
    {
        DynamicMethod method = NewMethod("wasm-from-slots", typeof(void), [typeof(WasmCall), typeof(nint), typeof(nint)]);
        var il = new MethodWriter(method.GetILGenerator());
        LocalBuilder[] arguments = [.. type.Parameters.Select(parameter => il.Take(MethodWriter.TypeOf(parameter)))];
        int slot = 0;
        for (int i = 0; i < arguments.Length; i++)
        {
            Slot(il, slot);
            il.LoadAs(type.Parameters[i]);
            il.Store(arguments[i]);
            slot += type.Parameters[i].Slots();
        }

        // Where the walk of the stack ends; the first argument is in a variable now.
        Slot(il, SiteSlot);
        il.Int(NoSite);
        il.Op(OpCodes.Stind_I4);
        LocalBuilder? result = type.Results.Length == 1 ? il.Take(ResultOf(type)) : null;
        il.LoadArgument(0);
        Slot(il, RecordSlots);
        foreach (LocalBuilder argument in arguments) il.Load(argument);
        il.LoadArgument(2);
        il.CallAddress(ResultOf(type), ParametersOf(type));
        if (result is not null)
        {
            il.Store(result);
            StoreSlot(il, 0, type.Results[0], () => il.Load(result));
        }
        else
        {
            for (int i = 0; i < type.ResultSlots; i++)
            {
                Slot(il, i);
                Slot(il, RecordSlots + i);
                il.Op(OpCodes.Ldind_I8);
                il.Op(OpCodes.Stind_I8);
            }
        }

        il.Op(OpCodes.Ret);
        return method;
    }

    private static DynamicMethod MakeLazy(WasmFunctionType type)
    {
        DynamicMethod method = NewMethod("wasm-lazy", ResultOf(type), ParametersOf(type));
        var il = new MethodWriter(method.GetILGenerator());
        LocalBuilder code = il.Take(typeof(nint));
        Label interpret = il.NewLabel();
        il.LoadArgument(0);
        il.LoadArgument(1);
        il.Call(Methods.Resolve);
        il.Store(code);
        il.Load(code);
        il.Branch(OpCodes.Brfalse, interpret);
        for (int i = 0; i < type.Parameters.Length + 2; i++) il.LoadArgument(i);
        il.Load(code);
        il.CallAddress(ResultOf(type), ParametersOf(type));
        il.Op(OpCodes.Ret);
        il.Mark(interpret);
        int slot = -RecordSlots;
        for (int i = 0; i < type.Parameters.Length; i++)
        {
            int argument = i + 2;
            StoreSlot(il, slot, type.Parameters[i], () => il.LoadArgument(argument));
            slot += type.Parameters[i].Slots();
        }

        il.LoadArgument(0);
        il.LoadArgument(1);
        il.Int(type.Results.Length > 1 ? type.ResultSlots : 0);
        il.Call(Methods.Interpret);
        if (type.Results.Length == 1)
        {
            Slot(il, -RecordSlots);
            il.LoadAs(type.Results[0]);
        }

        il.Op(OpCodes.Ret);
        return method;
    }

    private static void Slot(MethodWriter il, int slot)
    {
        il.LoadArgument(1);
        il.Native(8L * slot);
        il.Op(OpCodes.Add);
    }

    private static void StoreSlot(MethodWriter il, int slot, WasmValueType type, Action value)
    {
        Slot(il, slot);
        value();
        il.StoreSlotAs(type);
    }
}
