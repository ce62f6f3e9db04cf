using System.Text.Json;
using System.Text.RegularExpressions;
using Sirsi.Wasm.Text;

namespace Sirsi.Wasm.Tests.Text;

/// <summary>
/// The WebAssembly Binary Toolkit (npm's wabt) as oracle. It is installed into the repository's artifacts where node and npm are; elsewhere
/// these tests are skipped.
/// </summary>
[Trait("Suite", "slow")]
public sealed partial class WabtTests
{
    /// <summary>wabt 1.0.39 leaves the memory's index out of data segments of other memories than the first.</summary>
    private const int BrokenByWabtMost = 38;

    private static readonly string[] Suites =
    [
        "core", "proposals/extended-const", "proposals/tail-call", "proposals/multi-memory", "proposals/memory64", "proposals/exception-handling",
    ];

    /// <summary>Texts as another tool writes them: half of them folded with inline exports, half flat.</summary>
    [Fact]
    public async Task What_wabt_disassembles_is_assembled_to_the_bytes_wabt_makes_of_it()
    {
        using var folder = new TemporaryFolder();
        Job[] jobs = [.. Modules().Select((file, number) => new Job(file, null, number % 2 == 0, folder.File($"{number}")))];
        await RunAsync(folder, jobs);
        Assert.InRange(await CompareAsync(jobs), 5_100, int.MaxValue);
    }

    [Fact]
    public async Task What_we_disassemble_is_assembled_by_wabt_to_the_bytes_we_make_of_it()
    {
        using var folder = new TemporaryFolder();
        var jobs = new List<Job>();
        foreach (string file in Modules())
        {
            if (TryLoad(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken), out _) is not { } module) continue;
            string output = folder.File($"{jobs.Count}");
            folder.Write(output + ".wat", WatPrinter.Print(module));
            jobs.Add(new(null, output + ".wat", Fold: false, output));
        }

        await RunAsync(folder, [.. jobs]);
        Assert.InRange(await CompareAsync([.. jobs]), 2_500, int.MaxValue);
    }

    private static IEnumerable<string> Modules() => Suites.SelectMany(static suite => Directory.EnumerateFiles(
        TestData.Folder("wasm-spec/" + suite), "*.wasm", SearchOption.AllDirectories)).Order(StringComparer.Ordinal);

    /// <summary>Compares what wabt could assemble, custom sections aside; how many modules are the same byte for byte.</summary>
    private static async Task<int> CompareAsync(Job[] jobs)
    {
        int same = 0, equivalent = 0, broken = 0;
        var failures = new List<string>();
        foreach (Job job in jobs)
        {
            if (!File.Exists(job.Out + ".wasm")) continue;
            byte[] expected = await File.ReadAllBytesAsync(job.Out + ".wasm", TestContext.Current.CancellationToken);
            byte[] text = await File.ReadAllBytesAsync(job.Out + ".wat", TestContext.Current.CancellationToken);
            WatResult ours = WatParser.Parse(text, new WatOptions { WriteNames = false });
            if (ours.Module is not { } module) failures.Add($"{job}: {ours.Problems[0]}");
            else if (DisassemblyTests.Sections(module.Span).SequenceEqual(DisassemblyTests.Sections(expected))) same++;
            else if (TryLoad(module, out string ourRefusal) is not { } loaded) failures.Add($"{job}: {ourRefusal}");
            else if (TryLoad(expected, out string refusal) is not { } reference) broken += refusal.Contains("unknown memory", StringComparison.Ordinal) ? 1 : 1_000;
            else if (Canonical(loaded) == Canonical(reference)) equivalent++;
            else failures.Add($"{job}: another module");
        }

        Assert.True(failures.Count == 0, $"{failures.Count} of {jobs.Length} differ, {same} are the same, {equivalent} equivalent:\n{string.Join('\n', failures.Take(20))}");
        Assert.InRange(broken, 0, BrokenByWabtMost);
        return same;
    }

    /// <summary>wabt writes lists of plain function references as lists of functions.</summary>
    private static string Canonical(WasmModule module) => FunctionReferences().Replace(
        WatPrinter.Print(module),
        static list => " func" + list.Groups["list"].Value.Replace(" (ref.func", "", StringComparison.Ordinal).Replace(")", "", StringComparison.Ordinal) + ")");

    [GeneratedRegex(@" funcref(?<list>( \(ref\.func \S+\))*)\)+$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex FunctionReferences();

    private static WasmModule? TryLoad(ReadOnlyMemory<byte> module, out string refusal)
    {
        refusal = "";
        try
        {
            return new WasmEngine(TimeProvider.System, new WasmOptions { MemoriesMax = 100, TablesMax = 100 }).Load(module);
        }
        catch (WasmException refused)
        {
            refusal = refused.Message;
            return null;
        }
    }

    private static async Task RunAsync(TemporaryFolder folder, Job[] jobs)
    {
        string home = Path.Combine(Repository.Root, "artifacts", "wabt");
        string modules = Path.Combine(home, "node_modules");
        if (!ChildProcess.IsInstalled("node") || !ChildProcess.IsInstalled("npm")) Assert.Skip("skipped: node and npm are not installed");
        if (!Directory.Exists(Path.Combine(modules, "wabt")))
        {
            Directory.CreateDirectory(home);
            ProgramResult installed = await ChildProcess.RunAsync("npm", ["install", "--no-save", "--prefix", home, "wabt@1"], home);
            if (installed.ExitCode != 0) Assert.Skip("skipped: npm cannot install wabt here");
        }

        string list = folder.Write("jobs.json", JsonSerializer.Serialize(jobs, JsonSerializerOptions.Web));
        string script = Path.Combine(Repository.Root, "tests", "Wasm.Tests", "Text", "wabt.js");
        ProgramResult result = await ChildProcess.RunAsync("node", [script, modules, list]);
        Assert.True(result.ExitCode == 0, result.Error);
    }

    /// <summary>What wabt.js does: from a binary or a text to <c>Out.wat</c> and <c>Out.wasm</c>.</summary>
    private sealed record Job(string? Wasm, string? Wat, bool Fold, string Out);
}
