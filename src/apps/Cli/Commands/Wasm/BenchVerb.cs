using System.CommandLine;
using System.Runtime.InteropServices;
using Sirsi.Cli.Output;
using Sirsi.Wasm;
using Sirsi.Wasm.Wasi;

namespace Sirsi.Cli.Commands.Wasm;

/// <summary><c>sirsi wasm bench</c>: how long a function takes.</summary>
internal static class BenchVerb
{
    private const int RunsMost = 10_000;

    public static Verb Create(Terminal terminal, TimeProvider time)
    {
        Argument<string> path = ModuleFile.Argument();
        var arguments = new Argument<string[]>("ARGS") { Description = "Arguments of the function.", Arity = ArgumentArity.ZeroOrMore };
        var invoke = new Option<string>("--invoke") { Description = "The exported function to call.", HelpName = "NAME", Required = true };
        var runs = new Option<int>("--runs")
        {
            Description = "How many calls are measured, behind a first one that is told apart.",
            HelpName = "N",
            DefaultValueFactory = static _ => 9,
        };
        runs.Bound(static count => count is >= 1 and <= RunsMost, $"--runs is between 1 and {RunsMost}.");
        var json = new Option<bool>("--json") { Description = "Answer with one JSON document." };
        var engine = new EngineOptions();
        var verb = new Verb("bench", "Measures a function: the median of several calls of one instance, and what comes before them.",
            "sirsi wasm bench samples/wasm/fib.wat --invoke fib 27",
            "sirsi wasm bench samples/wasm/fib.wat --invoke fib 27 --runs 21 --engine interpreter --json")
        {
            path, arguments, invoke, runs, json,
        };
        engine.AddTo(verb);
        verb.SetAction((parsed, cancellation) =>
        {
            ModuleFile file = ModuleFile.Read(parsed.GetRequiredValue(path));
            WasmEngine used = engine.Engine(parsed, time, cancellation);
            ReadOnlyMemory<byte> binary = file.Binary();
            string name = parsed.GetRequiredValue(invoke);
            int count = parsed.GetValue(runs);
            Measured? measured = null;
            int code = GuestRun.Run(file, () =>
            {
                measured = Measure(file, used, binary, name, parsed.GetValue(arguments) ?? [], count, time);
                return ExitCode.Ok;
            });
            if (measured is not { } result) return Task.FromResult(code);
            if (parsed.GetValue(json)) WriteJson(terminal, file, name, used.Options.Engine, result);
            else WriteText(terminal, result);
            return Task.FromResult(code);
        });
        return verb;
    }

    private static Measured Measure(
        ModuleFile file, WasmEngine engine, ReadOnlyMemory<byte> binary, string name, string[] arguments, int runs, TimeProvider time)
    {
        long began = time.GetTimestamp();
        WasmModule module = engine.Load(binary);
        TimeSpan load = time.GetElapsedTime(began);
        GuestRun.CheckImports(file, module);
        using var host = new WasiHost(WasiOptions.Standard(time));
        began = time.GetTimestamp();
        WasmInstance instance = host.DefineOn(new WasmLinker(engine)).Instantiate(module);
        TimeSpan instantiate = time.GetElapsedTime(began);
        WasmFunction function = GuestRun.Function(file, instance, name);
        WasmValue[] values = ValueText.Arguments(name, function.ExternType, arguments);
        (TimeSpan first, long fuel, WasmValue[] results) = Call(engine, function, values, time);
        var times = new TimeSpan[runs];
        for (int i = 0; i < runs; i++) (times[i], fuel, results) = Call(engine, function, values, time);
        Array.Sort(times);
        return new(load, instantiate, first, times, fuel, results);
    }

    private static (TimeSpan Time, long Fuel, WasmValue[] Results) Call(
        WasmEngine engine, WasmFunction function, WasmValue[] values, TimeProvider time)
    {
        using var call = new WasmCall(engine);
        long began = time.GetTimestamp();
        WasmValue[] results = function.Invoke(call, values);
        return (time.GetElapsedTime(began), call.FuelUsed, results);
    }

    private static void WriteText(Terminal terminal, Measured measured)
    {
        var table = new Listing("Measured", ">Value", "");
        table.Row("Load and validate", Milliseconds(measured.Load), "");
        table.Row("Instantiate", Milliseconds(measured.Instantiate), "");
        table.Row("First call", Milliseconds(measured.First), "");
        string range = $"{Milliseconds(measured.Times[0])} to {Milliseconds(measured.Times[^1])}";
        table.Row("Median call", Milliseconds(measured.Median), $"of {measured.Times.Length}, {range}");
        string rate = measured.Fuel > 0 ? $"{measured.Median.TotalNanoseconds / measured.Fuel:0.00} ns a unit" : "";
        table.Row("Fuel a call", $"{measured.Fuel:#,##0}", rate);
        foreach (WasmValue result in measured.Results) table.Row("Result", ValueText.Typed(result), "");
        table.WriteTo(terminal.Results);
    }

    private static string Milliseconds(TimeSpan span) => $"{span.TotalMilliseconds:#,##0.000} ms";

    private static void WriteJson(
        Terminal terminal, ModuleFile file, string name, WasmEngineKind engine, Measured measured) => terminal.WriteJson("sirsi.wasm-bench/1", json =>
    {
        json.WriteString("file", file.Path);
        json.WriteString("function", name);
        json.WriteString("engine", engine.ToString().ToLowerInvariant());
        json.WriteNumber("loadMs", measured.Load.TotalMilliseconds);
        json.WriteNumber("instantiateMs", measured.Instantiate.TotalMilliseconds);
        json.WriteNumber("firstMs", measured.First.TotalMilliseconds);
        json.WriteNumber("runs", measured.Times.Length);
        json.WriteNumber("medianMs", measured.Median.TotalMilliseconds);
        json.WriteNumber("minMs", measured.Times[0].TotalMilliseconds);
        json.WriteNumber("maxMs", measured.Times[^1].TotalMilliseconds);
        json.WriteNumber("fuel", measured.Fuel);
        json.WriteStartArray("results");
        foreach (WasmValue result in measured.Results) json.WriteStringValue(ValueText.Typed(result));
        json.WriteEndArray();
    });

    /// <summary>What was measured; the times of the calls in order of length.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Measured(TimeSpan Load, TimeSpan Instantiate, TimeSpan First, TimeSpan[] Times, long Fuel, WasmValue[] Results)
    {
        /// <summary>The middle one; of an even number the mean of the two in the middle.</summary>
        public TimeSpan Median => (Times[(Times.Length - 1) / 2] + Times[Times.Length / 2]) / 2;
    }
}
