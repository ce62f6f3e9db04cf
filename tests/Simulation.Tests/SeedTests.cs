using Sirsi.Core.Hosting;
using Sirsi.Simulation.Running;
using Sirsi.Simulation.Scenarios;

namespace Sirsi.Simulation.Tests;

/// <summary>The host, over seeds: each draws a weather, an interleaving and what clients do.</summary>
public sealed class SeedTests(ITestOutputHelper output)
{
    [Fact]
    public Task No_promise_is_broken_in_any_of_a_few_thousand_runs() => RunAsync(seeds: 2_250);

    [Fact, Trait("Suite", "full")]
    public Task No_promise_is_broken_in_any_of_a_few_hundred_thousand_runs() => RunAsync(seeds: 200_000);

    private async Task RunAsync(int seeds)
    {
        // Other seeds each day in the long campaign; the same ones whenever they are named.
        int first = Environment.GetEnvironmentVariable("SIRSI_SEED") is { Length: > 0 } named ? int.Parse(named, System.Globalization.CultureInfo.InvariantCulture) : 1;
        output.WriteLine($"seeds {first} to {first + seeds - 1}");
        CampaignReport report = await Simulator.RunAsync(HostEnvironment.Production, BuiltIn.All, first, first + seeds - 1);
        output.WriteLine($"{report.Seeds} seeds, {report.Crashes} ends of processes, {report.VirtualTime.TotalHours:F0} virtual hours in {report.RealTime.TotalSeconds:F0} s, {report.Steps} steps");
        Assert.True(report.Failures.IsEmpty, string.Join(Environment.NewLine, report.Failures.Select(static failure => $"sirsi simulate --seed {failure.Seed} --trace  # {failure.Scenario}: {failure.Violation}")));
        Assert.Equal(seeds, report.Seeds);
        Assert.True(report.VirtualTime > 500 * report.RealTime, $"{report.VirtualTime} passed in {report.RealTime}.");
    }

    public static TheoryData<string> Names => [.. BuiltIn.All.Select(static scenario => scenario.Name)];

    [Theory, MemberData(nameof(Names))]
    public void A_seed_is_the_same_run_bit_for_bit(string name)
    {
        ScenarioType scenario = BuiltIn.Find(name)!;
        for (int seed = 1; seed <= 4; seed++)
        {
            SimulationReport first = Simulator.Run(scenario, seed), second = Simulator.Run(scenario, seed, keepsHistory: true), third = Simulator.Run(scenario, seed, keepsHistory: true);
            Assert.Equal(second.History, third.History);
            Assert.Equal((first.Fingerprint, first.Steps, first.VirtualTime, first.Crashes), (second.Fingerprint, second.Steps, second.VirtualTime, second.Crashes));
            Assert.Equal(second.Fingerprint, third.Fingerprint);
        }
    }

    [Fact]
    public void Other_seeds_are_other_runs() =>
        Assert.Equal(20, Enumerable.Range(1, 20).Select(static seed => Simulator.Run(BuiltIn.All[0], seed).Fingerprint).Distinct().Count());

    [Fact]
    public void Without_faults_nothing_ends()
    {
        foreach (ScenarioType scenario in BuiltIn.All)
        {
            SimulationReport report = Simulator.Run(scenario, 7, Faults.FaultOptions.None);
            Assert.Null(report.Violation);
            Assert.Equal(0, report.Crashes);
        }
    }
}
