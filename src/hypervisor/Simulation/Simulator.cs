using System.Collections.Immutable;
using Sirsi.Core.Hosting;
using Sirsi.Simulation.Faults;
using Sirsi.Simulation.Running;

namespace Sirsi.Simulation;

/// <summary>Runs scenarios in simulated time: each seed is another weather, other interleavings, other choices; the same seed is the same run, bit for bit.</summary>
public static class Simulator
{
    /// <summary>Runs a scenario with one seed, on the caller's thread.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="faults">What may go wrong; by default what <see cref="FaultOptions"/> has as defaults.</param>
    /// <param name="keepsHistory">Whether the report tells all that happened; the run is the same with and without.</param>
    public static SimulationReport Run(ScenarioType scenario, int seed, FaultOptions? faults = null, bool keepsHistory = false)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        return new SimulationRun(scenario, seed, faults ?? new FaultOptions(), keepsHistory).Execute();
    }

    /// <summary>The scenario that a seed is for when there are several: one after the other.</summary>
    public static ScenarioType Of(int seed, ImmutableArray<ScenarioType> scenarios)
    {
        ArgumentOutOfRangeException.ThrowIfZero(scenarios.Length, nameof(scenarios));
        return scenarios[(int)((uint)seed % (uint)scenarios.Length)];
    }

    /// <summary>Runs a range of seeds, several at a time, until all have run or enough have failed.</summary>
    /// <param name="environment">Whose executor runs them; production's.</param>
    /// <param name="scenarios">The scenarios; each seed is for one of them (<see cref="Of"/>).</param>
    /// <param name="first">The first seed.</param>
    /// <param name="last">The last seed.</param>
    /// <param name="options">How many at a time, and who hears of it.</param>
    /// <param name="cancellation">Ends it before the next seed.</param>
    public static async Task<CampaignReport> RunAsync(
        HostEnvironment environment, ImmutableArray<ScenarioType> scenarios, int first, int last, CampaignOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        options ??= new CampaignOptions();
        var campaign = new Campaign(scenarios, first, last, options, environment.Time, cancellation);
        await Task.WhenAll(Enumerable.Range(0, options.Parallelism).Select(_ => environment.Executor.RunAsync(campaign.WorkAsync)));
        cancellation.ThrowIfCancellationRequested();
        return campaign.Report();
    }
}
