using System.Text.Json;

namespace Sirsi.Wasm.Tests;

/// <summary>The benchmark against Node in its smallest size: all it measures runs, and both sides come to the same results.</summary>
[Trait("Suite", "slow")]
public sealed class BenchmarkTests
{
    private const int BuildNeedsPackages = 3;

    private static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    [Theory]
    [InlineData("--engine", "interpreter")]
    [InlineData("--engine", "compiler")]
    [InlineData("--engine", "compiler", "--no-metering")]
    public async Task Every_kernel_gives_what_Node_gives(params string[] engine)
    {
        await BuildKernelsAsync();
        Assert.InRange(await AgreeingModulesAsync("kernels", engine), 14, 1_000);
    }

    [Fact]
    public async Task Every_program_gives_what_Node_gives()
    {
        RequireNode();
        // Built by hand: their sources come over the network.
        if (!Directory.Exists(Path.Combine(Repository.Root, "artifacts", "wasm-programs")))
            Assert.Skip("skipped: the programs are not built (bench/Wasm/build --programs)");
        Assert.InRange(await AgreeingModulesAsync("programs", []), 3, 1_000);
    }

    [Fact]
    public async Task Instances_traps_and_calls_are_measured_on_both_sides()
    {
        await BuildKernelsAsync();
        using JsonDocument report = await BenchmarkAsync("instances", "--small", "--json");
        JsonElement[] costs = [.. report.RootElement.GetProperty("costs").EnumerateArray()];
        string[] expected = ["instance and first call, median", "trap caught by the host", "host calls guest", "guest calls host"];
        Assert.All(expected, operation =>
        {
            JsonElement cost = Assert.Single(costs, cost => cost.GetProperty("operation").GetString() == operation);
            Assert.True(cost.GetProperty("node").GetDouble() > 0 && cost.GetProperty("ours").GetDouble() > 0);
        });
    }

    [Fact]
    public async Task Node_measures_a_module_by_itself()
    {
        await BuildKernelsAsync();
        ProgramResult result = await ChildProcess.RunAsync("node", ["bench/Wasm/node-runner.mjs", "artifacts/wasm-kernels/fib.wasm", "3", "20"]);
        Assert.True(result.ExitCode == 0, result.Error);
        using JsonDocument report = JsonDocument.Parse(result.Output);
        Assert.Equal(3, report.RootElement.GetProperty("samples_ms").GetArrayLength());
        Assert.Equal(BitConverter.DoubleToUInt64Bits(6_765).ToString("x16"), report.RootElement.GetProperty("checksum").GetString());
    }

    [Theory]
    [InlineData("kernels", "--runs", "0")]
    [InlineData("kernels", "--engine", "other")]
    [InlineData("everything")]
    public async Task Wrong_usage_ends_with_2_and_says_what_is_wrong(params string[] arguments)
    {
        ProgramResult result = await StartAsync(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(arguments[^1], result.Error, StringComparison.Ordinal);
    }

    private static async Task<int> AgreeingModulesAsync(string kind, string[] engine)
    {
        using JsonDocument report = await BenchmarkAsync([kind, "--small", "--json", .. engine]);
        JsonElement[] modules = [.. report.RootElement.GetProperty("modules").EnumerateArray()];
        Assert.All(modules, static module => Assert.False(string.IsNullOrEmpty(module.GetProperty("checksum").GetString())));
        return modules.Length;
    }

    private static async Task<JsonDocument> BenchmarkAsync(params string[] arguments)
    {
        ProgramResult result = await StartAsync(arguments);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        return JsonDocument.Parse(result.Output);
    }

    private static Task<ProgramResult> StartAsync(string[] arguments)
    {
        string program = Path.Combine(
            Repository.Root, "bench", "Wasm.Benchmarks", "bin", Configuration, "net10.0", "Sirsi.Wasm.Benchmarks.dll");
        return ChildProcess.RunAsync("dotnet", ["exec", program, .. arguments]);
    }

    private static async Task BuildKernelsAsync()
    {
        RequireNode();
        ProgramResult built = await ChildProcess.RunAsync("bash", ["bench/Wasm/build", "--kernels"]);
        if (built.ExitCode == BuildNeedsPackages) Assert.Skip("skipped: " + built.Error.Trim());
        Assert.True(built.ExitCode == 0, built.Output + built.Error);
    }

    private static void RequireNode()
    {
        if (!ChildProcess.IsInstalled("node")) Assert.Skip("skipped: 'node' is not on the PATH");
    }
}
