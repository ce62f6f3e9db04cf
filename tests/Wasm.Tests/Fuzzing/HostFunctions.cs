namespace Sirsi.Wasm.Tests.Fuzzing;

/// <summary>What generated programs may import from the host. Some call back into the instance they are called from.</summary>
internal static class HostFunctions
{
    internal const string Module = "host";

    private const WasmValueType I32 = WasmValueType.I32;
    private const WasmValueType I64 = WasmValueType.I64;
    private const WasmValueType F64 = WasmValueType.F64;

    /// <summary>Name, type, and whether Node has it too.</summary>
    internal static (string Name, WasmFunctionType Type, bool IsPlain)[] All { get; } =
    [
        ("log", new([I32], []), true),
        ("mix", new([I32, I64], [I64]), true),
        ("scale", new([F64, F64], [F64]), true),
        ("again", new([I32], []), false),
        ("guard", new([I32], [I32]), false),
        ("wide", new([WasmValueType.V128, WasmValueType.FuncRef], [I32, WasmValueType.V128, WasmValueType.FuncRef]), false),
        ("extern", new([I32], [WasmValueType.ExternRef]), false),
        ("fail", new([], []), false),
    ];

    internal static void Define(WasmLinker linker, Execution execution)
    {
        linker.DefineFunction(Module, "log", (int value) => execution.Note($"log {value}"));
        linker.DefineFunction(Module, "mix", (int a, long b) => (b * 31) ^ a);
        linker.DefineFunction(Module, "scale", (double a, double b) => double.IsNaN(a - b) ? 0 : a - b);
        linker.DefineFunction(Module, "again", (WasmCall call, int which) => Enter(execution, call, which));
        linker.DefineFunction(Module, "guard", (WasmCall call, int which) => Guard(execution, call, which));
        linker.DefineFunction(Module, "fail", (Action)(static () => throw new InvalidOperationException("failed on purpose")));
        linker.Define(Module, "wide", WasmFunction.FromHost(TypeOf("wide"), static (_, arguments, results) =>
        {
            results[0] = WasmValue.I32(arguments[0].AsI32);
            results[1] = WasmValue.V128(arguments[0].High, arguments[0].Low);
            results[2] = arguments[1];
        }));
        linker.Define(Module, "extern", WasmFunction.FromHost(TypeOf("extern"), static (_, arguments, results) =>
            results[0] = WasmValue.ExternRef(arguments[0].AsI32 % 3 == 0 ? null : $"object {arguments[0].AsI32 % 3}")));
    }

    private static WasmFunctionType TypeOf(string name) => All.Single(one => one.Name == name).Type;

    private static void Enter(Execution execution, WasmCall call, int which)
    {
        WasmFunction[] own = [.. call.Caller!.Module.Exports
            .Where(export => export.Type is WasmFunctionType && export.Index >= call.Caller.Module.Content.ImportedFunctions)
            .Select(export => call.Caller.Function(export.Name)!)];
        WasmFunction function = own[(which & 0xFF) % own.Length];
        WasmValue[] arguments = [.. function.ExternType.Parameters.Select(static type => new WasmValue(type, 0))];
        execution.Note($"again {execution.Describe(function.Invoke(call, arguments))}");
    }

    private static int Guard(Execution execution, WasmCall call, int which)
    {
        try
        {
            Enter(execution, call, which);
            return -1;
        }
        catch (WasmTrap trap)
        {
            execution.Note($"guarded {trap.Kind} in {trap.FunctionName}");
            return (int)trap.Kind;
        }
    }
}
