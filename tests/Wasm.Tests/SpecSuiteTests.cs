using Sirsi.Wasm.Spec;

namespace Sirsi.Wasm.Tests;

/// <summary>The WebAssembly specification suite, a folder at a time.</summary>
public sealed class SpecSuiteTests
{
    private const int CoreAssertions = 51_137;

    private static readonly string[] Proposals = ["extended-const", "tail-call", "multi-memory", "memory64", "exception-handling"];

    private static readonly WasmEngineKind[] Engines = [WasmEngineKind.Compiler, WasmEngineKind.Interpreter];

    public static TheoryData<string, WasmEngineKind> CoreFolders => InEachEngine(Folders("core"));

    public static TheoryData<string, WasmEngineKind> ProposalFolders => InEachEngine(Proposals
        .SelectMany(static name => Folders("proposals/" + name)));

    [Theory, MemberData(nameof(CoreFolders))]
    public void The_core_suite_holds(string folder, WasmEngineKind engine) => AssertHolds(folder, engine);

    [Theory, MemberData(nameof(ProposalFolders))]
    public void A_proposal_s_suite_holds_with_its_feature_on(string folder, WasmEngineKind engine) => AssertHolds(folder, engine);

    [Theory]
    [InlineData(WasmEngineKind.Auto)]
    [InlineData(WasmEngineKind.Compiler)]
    [InlineData(WasmEngineKind.Interpreter)]
    public void The_core_suite_is_run_as_a_whole(WasmEngineKind engine)
    {
        TestData.Folder("wasm-spec/core");
        var report = new SpecReport();
        foreach (string folder in Folders("core")) Run(folder, engine, report);
        Assert.Empty(report.Failures);
        Assert.Equal(CoreAssertions, report.Passed);
    }

    [Fact]
    public void Assertions_about_texts_are_run_where_the_texts_are_there()
    {
        using var folder = new TemporaryFolder();
        folder.Write("bad.wat", "(func (i32.const 0x1_))");
        folder.Write("good.wat", "(func)");
        string script = folder.Write("text.json", """
            {"commands": [
              {"type": "assert_malformed", "line": 1, "filename": "bad.wat", "text": "unknown operator", "module_type": "text"},
              {"type": "assert_malformed", "line": 2, "filename": "good.wat", "text": "unknown operator", "module_type": "text"},
              {"type": "assert_malformed", "line": 3, "filename": "gone.wat", "text": "unknown operator", "module_type": "text"}]}
            """);
        var report = new SpecReport();
        SpecScript.Run(script, new WasmEngine(TimeProvider.System), report);
        Assert.Equal((1, 1, 1), (report.Passed, report.Failed, report.Skipped));
    }

    [Fact]
    public void The_core_suite_holds_when_every_function_is_cut_into_pieces()
    {
        TestData.Folder("wasm-spec/core");
        var report = new SpecReport();
        foreach (string file in Folders("core").SelectMany(static folder => Directory.EnumerateFiles(TestData.Folder(folder), "*.json")))
        {
            WasmOptions options = SpecScript.Options(file) with { Engine = WasmEngineKind.Compiler, PieceBytesLeast = 8 };
            SpecScript.Run(file, new WasmEngine(TimeProvider.System, options), report);
        }

        Assert.Empty(report.Failures);
        Assert.Equal(CoreAssertions, report.Passed);
    }

    private static void AssertHolds(string folder, WasmEngineKind engine)
    {
        var report = new SpecReport();
        Run(folder, engine, report);
        Assert.True(report.Failed == 0, $"{report.Failed} failed:\n{string.Join('\n', report.Failures.Take(20))}");
    }

    private static void Run(string folder, WasmEngineKind engine, SpecReport report)
    {
        foreach (string file in Directory.EnumerateFiles(TestData.Folder(folder), "*.json").Order(StringComparer.Ordinal))
            SpecScript.Run(file, new WasmEngine(TimeProvider.System, SpecScript.Options(file) with { Engine = engine }), report);
    }

    private static TheoryData<string, WasmEngineKind> InEachEngine(IEnumerable<string> folders)
    {
        var rows = new TheoryData<string, WasmEngineKind>();
        foreach (string folder in folders)
            foreach (WasmEngineKind engine in Engines) rows.Add(folder, engine);
        return rows;
    }

    private static IEnumerable<string> Folders(string below)
    {
        string path = Path.Combine(TestData.Root, "wasm-spec", below);
        return Directory.Exists(path)
            ? Directory.EnumerateDirectories(path)
                .Select(folder => $"wasm-spec/{below}/{Path.GetFileName(folder)}")
                .Order(StringComparer.Ordinal)
            : ["wasm-spec/" + below];
    }
}
