namespace Sirsi.Wasm.Benchmarks;

/// <summary>The one place where the command line's choice of engine and metering becomes options of the engine.</summary>
internal static class EngineChoice
{
    /// <summary>The options; the budget is too large to end a benchmark.</summary>
    public static WasmOptions Options(Settings settings) => new()
    {
        Engine = settings.Engine switch
        {
            "compiler" => WasmEngineKind.Compiler,
            "interpreter" => WasmEngineKind.Interpreter,
            _ => WasmEngineKind.Auto,
        },
        Metering = settings.Metering,
        Budget = new WasmBudget { Fuel = long.MaxValue / 4, Time = TimeSpan.FromMinutes(10) },
    };
}
