using System.Reflection.Emit;
using Sirsi.Wasm.Compiler;
using Sirsi.Wasm.Tests.Hostile;

namespace Sirsi.Wasm.Tests;

/// <summary>What the compiler hands to RyuJIT comes out optimised: its limits keep below RyuJIT's.</summary>
public sealed class JitProbeTests
{
    private const int BuildNeedsPackages = 3;

    [Fact]
    public void The_probe_tells_of_a_method_that_is_too_large_to_optimise()
    {
        using var probe = new JitProbe();
        DynamicMethod method = CodeStubs.NewMethod("wasm-function[large]", typeof(void), []);
        ILGenerator il = method.GetILGenerator();
        for (int i = 0; i < 20_001; i++) il.Emit(OpCodes.Nop);
        il.Emit(OpCodes.Ret);
        CodeStubs.Address(method);
        Assert.True(SpinWait.SpinUntil(() => probe.UnoptimisedFunctions.Contains("wasm-function[large]"), TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void Bodies_up_to_the_compilers_limits_are_optimised()
    {
        (string Shape, int Count)[] largest =
        [
            ("one expression", 4_400), ("a deep expression", 3_700), ("selects", 1_200), ("accesses", 1_200), ("calls", 700), ("float selects", 800),
            ("ifs that assign many locals", 900), ("loops in a row over many locals", 300), ("vectors", 1_800), ("pending operands and blocks", 1_500),
            ("wide blocks", 60), ("nested loops over many locals", 200), ("a br_table", 12_000),
        ];
        AssertOptimised(largest.Select(static one => Shapes.Named(one.Shape, one.Count)), least: 6);
    }

    [Fact, Trait("Suite", "slow")]
    public async Task Every_function_of_the_benchmarks_kernels_is_optimised()
    {
        ProgramResult built = await ChildProcess.RunAsync("bash", ["bench/Wasm/build", "--kernels"]);
        if (built.ExitCode == BuildNeedsPackages) Assert.Skip("skipped: " + built.Error.Trim());
        Assert.True(built.ExitCode == 0, built.Output + built.Error);
        string folder = Path.Combine(Repository.Root, "artifacts", "wasm-kernels");
        AssertOptimised(Directory.EnumerateFiles(folder, "*.wasm").Select(File.ReadAllBytes), least: 30);
    }

    [Fact]
    public void Every_function_of_the_specification_suite_is_optimised()
    {
        IEnumerable<string> files = Directory.EnumerateFiles(TestData.Folder("wasm-spec/core"), "*.wasm", SearchOption.AllDirectories);
        AssertOptimised(files.Order(StringComparer.Ordinal).Where(static (_, index) => index % 40 == 0).Select(File.ReadAllBytes), least: 50);
    }

    /// <summary>Compiles all functions of the modules, and asks the runtime how.</summary>
    private static void AssertOptimised(IEnumerable<byte[]> modules, int least)
    {
        using var probe = new JitProbe();
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { Engine = WasmEngineKind.Compiler });
        int compiled = 0;
        foreach (byte[] bytes in modules)
        {
            try
            {
                compiled += Compile(engine.Load(bytes));
            }
            catch (WasmException)
            {
                // Not every module of the suite is valid.
            }
        }

        Assert.InRange(compiled, least, int.MaxValue);
        Assert.True(SpinWait.SpinUntil(() => probe.Functions.Count() >= compiled, TimeSpan.FromSeconds(30)), "the runtime told of too few methods");
        Assert.Empty(probe.UnoptimisedFunctions.Except(["wasm-function[large]"], StringComparer.Ordinal));
    }

    private static unsafe int Compile(WasmModule module)
    {
        int compiled = 0;
        for (int i = 0; i < module.Content.Bodies.Length; i++)
            if (module.Code.IsReady(module.Headers + i)) compiled++;
        return compiled;
    }
}
