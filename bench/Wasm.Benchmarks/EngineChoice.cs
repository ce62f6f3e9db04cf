namespace Sirsi.Wasm.Benchmarks;

/// <summary>The one place where the command line's choice of engine and metering becomes options of the engine.</summary>
internal static class EngineChoice
{
    /// <summary>The options; the budget is too large to end a benchmark.</summary>
    /// <exception cref="ArgumentException">The engine has no such choice.</exception>
    public static WasmOptions Options(Settings settings)
    {
        if (settings.Engine == "compiler") throw new ArgumentException("The engine has no compiler; --engine can be auto or interpreter.");
        if (!settings.Metering) throw new ArgumentException("The engine cannot run without counting fuel; leave --no-metering out.");
        return new WasmOptions
        {
            Budget = new WasmBudget { Fuel = long.MaxValue / 4, Time = TimeSpan.FromMinutes(10) },
        };
    }
}
