using System.Reflection;
using System.Runtime.Intrinsics;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Compiler;

/// <summary>The fields compiled code reads and writes.</summary>
internal static class CallFields
{
    internal static readonly FieldInfo Fuel = Of<WasmCall>(nameof(WasmCall.Fuel));
    internal static readonly FieldInfo Reserve = Of<WasmCall>(nameof(WasmCall.Reserve));
    internal static readonly FieldInfo Slice = Of<WasmCall>(nameof(WasmCall.Slice));
    internal static readonly FieldInfo Interrupt = Of<WasmCall>(nameof(WasmCall.Interrupt));
    internal static readonly FieldInfo Site = Of<WasmCall>(nameof(WasmCall.Site));
    internal static readonly FieldInfo StackLimit = Of<WasmCall>(nameof(WasmCall.StackLimit));
    internal static readonly FieldInfo HostStackLimit = Of<WasmCall>(nameof(WasmCall.HostStackLimit));
    internal static readonly FieldInfo MemoryBase = Of<WasmCall>(nameof(WasmCall.MemoryBase));
    internal static readonly FieldInfo MemoryLength = Of<WasmCall>(nameof(WasmCall.MemoryLength));
    internal static readonly FieldInfo Globals = Of<WasmCall>(nameof(WasmCall.Globals));
    internal static readonly FieldInfo Instance = Of<WasmCall>(nameof(WasmCall.Instance));
    internal static readonly FieldInfo InstanceTables = Of<WasmInstance>(nameof(WasmInstance.Tables));
    internal static readonly FieldInfo TableElements = Of<WasmTable>("_elements");
    internal static readonly FieldInfo FunctionInstance = Of<WasmFunction>(nameof(WasmFunction.Instance));
    internal static readonly FieldInfo FunctionHeader = Of<WasmFunction>(nameof(WasmFunction.Header));

    private static FieldInfo Of<T>(string name) =>
        typeof(T).GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)
        ?? throw new InvalidOperationException($"{typeof(T)} has no field {name}.");
}

/// <summary>The methods compiled code calls.</summary>
internal static class Methods
{
    internal static readonly MethodInfo Trap = Of(nameof(CompiledRuntime.Trap));
    internal static readonly MethodInfo TrapTruncation = Of(nameof(CompiledRuntime.TrapTruncation));
    internal static readonly MethodInfo TrapExhaustion = Of(nameof(CompiledRuntime.TrapExhaustion));
    internal static readonly MethodInfo Stop = Of(nameof(CompiledRuntime.Stop));
    internal static readonly MethodInfo Throw = Of(nameof(CompiledRuntime.Throw));
    internal static readonly MethodInfo ThrowReference = Of(nameof(CompiledRuntime.ThrowReference));
    internal static readonly MethodInfo CallImport = Of(nameof(CompiledRuntime.CallImport));
    internal static readonly MethodInfo CallIndirect = Of(nameof(CompiledRuntime.CallIndirect));
    internal static readonly MethodInfo Ready = Of(nameof(CompiledRuntime.Ready));
    internal static readonly MethodInfo FindTail = Of(nameof(CompiledRuntime.FindTail));
    internal static readonly MethodInfo NoteTail = Of(nameof(CompiledRuntime.NoteTail));
    internal static readonly MethodInfo CallTail = Of(nameof(CompiledRuntime.CallTail));
    internal static readonly MethodInfo InterpretTail = Of(nameof(CompiledRuntime.InterpretTail));
    internal static readonly MethodInfo Execute = Of(nameof(CompiledRuntime.Execute));
    internal static readonly MethodInfo FarAddress = Of(nameof(CompiledRuntime.FarAddress));
    internal static readonly MethodInfo CopyBytes = Of(nameof(CompiledRuntime.CopyBytes));
    internal static readonly MethodInfo FillBytes = Of(nameof(CompiledRuntime.FillBytes));
    internal static readonly MethodInfo CutAnew = Of(nameof(CompiledRuntime.CutAnew));
    internal static readonly MethodInfo Resolve = Of(nameof(CompiledRuntime.Resolve));
    internal static readonly MethodInfo Interpret = Of(nameof(CompiledRuntime.Interpret));
    internal static readonly MethodInfo CreateVector =
        typeof(Vector128).GetMethod(nameof(Vector128.Create), [typeof(long), typeof(long)])!;

    private static readonly MethodInfo AsByte = typeof(Vector128).GetMethod(nameof(Vector128.AsByte))!.MakeGenericMethod(typeof(long));

    /// <summary>Turns what <see cref="CreateVector"/> gives into the type all vectors travel as.</summary>
    internal static MethodInfo LongsAsBytes => AsByte;

    internal static MethodInfo SingleOfBits { get; } = Of(nameof(CompiledRuntime.SingleOfBits));

    /// <summary>Makes a NaN quiet.</summary>
    internal static MethodInfo Quiet(WasmValueType type) => typeof(Operations.ScalarOperations).GetMethod(
        nameof(Operations.ScalarOperations.Quiet),
        BindingFlags.Static | BindingFlags.NonPublic,
        [type == WasmValueType.F32 ? typeof(float) : typeof(double)])!;

    /// <summary>The conversion of a number known to fit.</summary>
    internal static MethodInfo Truncation(Opcode opcode) => typeof(Operations.Truncation).GetMethod(
        opcode switch
        {
            Opcode.I32TruncF32S or Opcode.I32TruncF64S => nameof(Operations.Truncation.ToInt32),
            Opcode.I32TruncF32U or Opcode.I32TruncF64U => nameof(Operations.Truncation.ToUInt32),
            Opcode.I64TruncF32S or Opcode.I64TruncF64S => nameof(Operations.Truncation.ToInt64),
            _ => nameof(Operations.Truncation.ToUInt64),
        },
        BindingFlags.Static | BindingFlags.NonPublic)!;

    private static MethodInfo Of(string name) =>
        typeof(CompiledRuntime).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)
        ?? throw new InvalidOperationException($"There is no method {name}.");
}
