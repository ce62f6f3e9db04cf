using System.Text.Json.Nodes;

namespace Sirsi.Wasm.Benchmarks;

/// <summary>One module on one side.</summary>
/// <param name="ColdMs">From bytes to the end of a first small call, in a fresh process; wall time as all of loading.</param>
/// <param name="LoadMs">From bytes to a loaded module, in a process that has loaded it before; a median.</param>
/// <param name="FirstMs">From bytes to the end of a first small call, in such a process; a median.</param>
/// <param name="SamplesMs">CPU time of each measured run.</param>
internal sealed record Side(double ColdMs, double LoadMs, double FirstMs, double[] SamplesMs)
{
    public double MedianMs { get; } = Statistics.Median(SamplesMs);
}

/// <summary>One module on both sides; either both sides or a failure.</summary>
internal sealed record Row(string Name, int N, string Checksum, Side? Node, Side? Ours, string? Failure)
{
    public double Ratio => Ours!.MedianMs / Node!.MedianMs;
}

/// <summary>
/// Runs modules in Node and in this engine by turns, each module in two fresh processes, and compares CPU times and checksums.
/// </summary>
internal static class ModuleComparison
{
    private const int LoadsUsual = 8;
    private const int WarmRunsMin = 5;
    private const int WarmRunsMax = 200;
    private const double WarmMsMax = 8_000;
    private const int SteadyRuns = 3;
    private const double Steady = 1.05;

    /// <summary>
    /// Never throws for a module that fails: its row says so. Fresh processes are started for it, unless some are given.
    /// </summary>
    public static async Task<Row> CompareAsync(string file, RunnerPair? shared, Settings settings)
    {
        string name = Path.GetFileNameWithoutExtension(file);
        try
        {
            if (shared is not null) return await CompareAsync(name, file, shared, settings);
            using var own = new RunnerPair(settings);
            return await CompareAsync(name, file, own, settings);
        }
        catch (InvalidOperationException failure)
        {
            return new(name, 0, "", null, null, failure.Message);
        }
    }

    private static async Task<Row> CompareAsync(string name, string file, RunnerPair pair, Settings settings)
    {
        (RunnerProcess node, RunnerProcess ours) = (pair.Node, pair.Ours);
        int loads = settings.Small ? 2 : LoadsUsual;
        JsonObject[] nodeLoads = await LoadAsync(node, file, loads);
        JsonObject[] oursLoads = await LoadAsync(ours, file, loads);
        int n = (int)nodeLoads[0][settings.Small ? "small_n" : "usual_n"]!;
        if (!settings.Small)
        {
            await WarmUpAsync(node, n, settings.WarmMsMin);
            await WarmUpAsync(ours, n, settings.WarmMsMin);
        }

        RunnerProcess[] turns = [node, ours];
        Dictionary<RunnerProcess, List<double>> samples = new() { [node] = [], [ours] = [] };
        var checksums = new HashSet<string>(StringComparer.Ordinal);
        for (int run = 0; run < settings.Runs; run++)
        {
            foreach (RunnerProcess runner in turns)
            {
                JsonObject result = await runner.RunAsync(n);
                samples[runner].Add((double)result["cpu_ms"]!);
                checksums.Add((string)result["checksum"]!);
            }

            Array.Reverse(turns);
        }

        string? failure = checksums.Count == 1 ? null : $"checksums differ: {string.Join(", ", checksums)}";
        return new(name, n, checksums.First(), SideOf(nodeLoads, samples[node]), SideOf(oursLoads, samples[ours]), failure);
    }

    /// <summary>Runs for the least time asked for, and on until several runs in a row take the same, so that compilers in the background are done.</summary>
    private static async Task WarmUpAsync(RunnerProcess runner, int n, double warmMsMin)
    {
        var recent = new Queue<double>();
        double spent = 0;
        for (int run = 1; run <= WarmRunsMax && spent < WarmMsMax; run++)
        {
            double took = (double)(await runner.RunAsync(n))["cpu_ms"]!;
            spent += took;
            recent.Enqueue(took);
            if (recent.Count > SteadyRuns) recent.Dequeue();
            if (run >= WarmRunsMin && spent >= warmMsMin && recent.Max() < recent.Min() * Steady) return;
        }
    }

    private static async Task<JsonObject[]> LoadAsync(RunnerProcess runner, string file, int times)
    {
        var loads = new JsonObject[times];
        for (int i = 0; i < times; i++) loads[i] = await runner.LoadAsync(file);
        return loads;
    }

    private static Side SideOf(JsonObject[] loads, List<double> samples)
    {
        double Warm(string field) => Statistics.Median([.. loads.Skip(1).Select(load => (double)load[field]!)]);
        return new((double)loads[0]["first_ms"]!, Warm("load_ms"), Warm("first_ms"), [.. samples]);
    }
}
