using Sirsi.Wasm.Benchmarks;

const string Help = """
    Compares the WebAssembly engine with Node (V8): CPU time of the same modules, run by turns in processes of their own.

    usage: Sirsi.Wasm.Benchmarks kernels | programs [--kernels a,b] [--runs N] [options]
           Sirsi.Wasm.Benchmarks instances [--count N] [options]

      --kernels a,b     only modules of these names
      --runs N          measured runs of each module on each side after warming up (default 9); the median counts
      --count N         how many instances and traps (default 20000); fifty times as many calls
      --engine E        auto (default), compiler or interpreter
      --no-metering     without counting fuel
      --small           smallest sizes, one run, no warming up: only whether it works
      --json            everything measured, as JSON

    bench/Wasm/build makes the modules. Exit codes: 0 ok, 1 a module failed or results differ, 2 wrong usage.

    dotnet run -c Release --project bench/Wasm.Benchmarks -- kernels --kernels fib,sha256 --engine interpreter
    """;

if (args.Length == 0 || args.Contains("--help") || args.Contains("-h"))
{
    Console.WriteLine(Help);
    return args.Length == 0 ? 2 : 0;
}

if (Settings.Parse(args, out string problem) is not { } settings)
{
    await Console.Error.WriteLineAsync($"Sirsi.Wasm.Benchmarks: {problem} (--help tells the usage)");
    return 2;
}

try
{
    switch (settings.Command)
    {
        case "serve":
            using (var runner = new Runner(EngineChoice.Options(settings))) runner.Serve(Console.In, Console.Out);
            return 0;
        case "instances":
            (IReadOnlyList<Cost> costs, string? failure) = await InstanceComparison.CompareAsync(settings);
            Report.PrintCosts(settings, costs, failure);
            return failure is null ? 0 : 1;
        default:
            return await CompareModulesAsync(settings);
    }
}
catch (InvalidOperationException failed)
{
    await Console.Error.WriteLineAsync($"Sirsi.Wasm.Benchmarks: {failed.Message}");
    return 1;
}

static async Task<int> CompareModulesAsync(Settings settings)
{
    var rows = new List<Row>();
    string[] files = Modules.Find(settings.Command, settings.Only);
    // Fresh processes cost more than all else when only looking whether it works.
    using RunnerPair? shared = settings.Small ? new RunnerPair(settings) : null;
    if (!settings.Json) Report.PrintHeader();
    foreach (string file in files)
    {
        Row row = await ModuleComparison.CompareAsync(file, shared, settings);
        rows.Add(row);
        if (!settings.Json) Report.Print(row);
    }

    if (settings.Json) Report.PrintJson(settings, rows);
    else Report.PrintSummary(rows);
    return rows.TrueForAll(static row => row.Failure is null) ? 0 : 1;
}
