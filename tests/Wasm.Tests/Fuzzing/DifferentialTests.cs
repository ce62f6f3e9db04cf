namespace Sirsi.Wasm.Tests.Fuzzing;

/// <summary>All engines do the same with generated programs.</summary>
public sealed class DifferentialTests
{
    private const int Seed = 20_261_125;

    [Fact]
    public void Generated_programs_do_the_same_in_every_engine() => Differential.CheckAll(Seed, 300, Differential.BetweenEngines);

    [Fact, Trait("Suite", "slow")]
    public void Three_thousand_generated_programs_do_the_same_in_every_engine() =>
        Differential.CheckAll(Seed + 1_000_000, 3_000, Differential.BetweenEngines);

    [Fact, Trait("Suite", "full")]
    public void A_hundred_thousand_generated_programs_do_the_same_in_every_engine() => Differential.CheckAll(
        Seed + 2_000_000,
        100_000,
        [
            (Differential.InCompiler, ProgramKind.Small), (Differential.InTiers, ProgramKind.Small), (Differential.InPieces, ProgramKind.Small),
            (Differential.InHotLoops, ProgramKind.Hot),
        ],
        threads: Math.Max(2, Environment.ProcessorCount));

    [Fact]
    public void Loops_that_go_on_compiled_in_the_midst_of_a_call_do_the_same() => CompareHotLoops(10_000_000, 100);

    [Fact, Trait("Suite", "slow")]
    public void Many_loops_that_go_on_compiled_in_the_midst_of_a_call_do_the_same() => CompareHotLoops(11_000_000, 3_000);

    [Fact]
    public void Fuel_runs_out_at_the_same_point_in_every_engine() => Differential.CheckAll(Seed + 3_000_000, 5, Differential.OverBudgets);

    [Fact, Trait("Suite", "slow")]
    public void Fuel_runs_out_at_the_same_point_in_many_programs() => Differential.CheckAll(Seed + 4_000_000, 60, Differential.OverBudgets);

    [Fact]
    public void Programs_compiled_in_pieces_do_the_same() => Differential.CheckAll(Seed + 6_000_000, 100, Differential.InPieces);

    [Fact, Trait("Suite", "slow")]
    public void Many_programs_compiled_in_pieces_do_the_same() => Differential.CheckAll(Seed + 7_000_000, 1_500, Differential.InPieces);

    [Fact]
    public void Programs_that_are_not_metered_do_the_same() => Differential.CheckAll(Seed + 5_000_000, 100, Differential.WithoutMetering);

    [Fact]
    public void Node_gives_what_the_interpreter_gives() => CompareWithNode(8_000_000, 300);

    [Fact, Trait("Suite", "slow")]
    public void Node_gives_what_the_interpreter_gives_for_many_programs() => CompareWithNode(9_000_000, 5_000);

    private static void CompareHotLoops(int offset, int count)
    {
        int compiled = 0;
        Differential.CheckAll(
            Seed + offset,
            count,
            program =>
            {
                string? difference = Differential.InHotLoops(program, out int loops);
                if (loops > 0) compiled++;
                return difference;
            },
            ProgramKind.Hot);
        if (Environment.GetEnvironmentVariable("SIRSI_WASM_SEED") is null) Assert.InRange(compiled, count / 4, int.MaxValue);
    }

    private static void CompareWithNode(int offset, int count)
    {
        if (!ChildProcess.IsInstalled("node")) Assert.Skip("skipped: 'node' is not on the PATH");
        using var node = new NodePrograms();
        Differential.CheckAll(Seed + offset, count, node.Difference, ProgramKind.Plain);
        Assert.InRange(node.Compared, count / 4, int.MaxValue);
    }
}
