using System.Collections.Immutable;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Designing;

namespace Sirsi.Migration.Planning;

/// <summary>
/// Turns a design into a plan: who must exist before whom, waves that are closed under these dependencies, and steps with times, downtime
/// and ways back. Pure and thread-safe; the same estate and design give the same plan, whatever order they were read in. Time and
/// memory are linear in resources and relations, but for sorting.
/// </summary>
public static class Planner
{
    /// <summary>Plans how a design is carried out.</summary>
    /// <param name="estate">The estate the design was made of.</param>
    /// <param name="design">What becomes of each resource; one mapping per resource, in the order of the estate.</param>
    /// <param name="assumptions">What the times rest on.</param>
    /// <exception cref="ArgumentException">The design is of another estate, or an assumption is out of its range.</exception>
    public static Plan Plan(Estate estate, Design design, PlanAssumptions assumptions)
    {
        ArgumentNullException.ThrowIfNull(estate);
        ArgumentNullException.ThrowIfNull(design);
        ArgumentNullException.ThrowIfNull(assumptions);
        assumptions.Validate();
        RequireSameEstate(estate, design);

        (DependencyGraph graph, List<BrokenCycle> cycles) = CycleBreaker.Break(DependencyGraph.Of(estate, design.Mappings), estate);
        List<int[]> waves = WaveBuilder.Build(graph, estate, assumptions.WaveResourcesMax);
        (List<Step> steps, List<int[]> dependsOn, List<bool> isCopy) = StepBuilder.Build(estate, design, graph, waves, assumptions);
        TimeSpan[] durations = [.. steps.Select(static step => step.Duration)];
        Schedule schedule = Schedule.Of(durations, [.. dependsOn], [.. isCopy], assumptions.Crew);
        Step[] timed = [.. steps.Select((step, index) => step with { Start = schedule.Starts[index] })];
        ImmutableArray<Wave> timedWaves = Waves(timed, waves, graph, estate);
        return new Plan(timedWaves, InOrderOfStart(timed))
        {
            CriticalPath = [.. schedule.CriticalPath().Select(step => timed[step].Id)],
            Cycles = [.. cycles],
            OpenPoints = OpenPoints.Of(estate, design.Mappings, waves, graph, assumptions),
            Assumptions = assumptions,
            Duration = timed.Length == 0 ? TimeSpan.Zero : timed.Max(static step => step.Start + step.Duration),
            Downtime = timedWaves.Aggregate(TimeSpan.Zero, static (sum, wave) => sum + wave.Downtime),
            TransferGiB = timed.Sum(static step => step.TransferGiB ?? 0),
        };
    }

    private static void RequireSameEstate(Estate estate, Design design)
    {
        bool same = design.Mappings.Length == estate.Resources.Length;
        for (int index = 0; same && index < estate.Resources.Length; index++)
            same = design.Mappings[index].ResourceId == estate.Resources[index].Id;
        if (!same) throw new ArgumentException("The design is of another estate.", nameof(design));
    }

    private static ImmutableArray<Wave> Waves(Step[] steps, List<int[]> waves, DependencyGraph graph, Estate estate)
    {
        string[] titles = WaveTitles.Of(waves, graph, estate);
        return
        [
            .. InOrderOfStart(steps).GroupBy(static step => step.Wave).OrderBy(static wave => wave.Key).Select(wave =>
            {
                TimeSpan start = wave.Min(static step => step.Start);
                bool retires = wave.Key > waves.Count;
                return new Wave(
                    wave.Key,
                    retires ? "Retire the sources" : titles[wave.Key - 1],
                    retires ? [] : [.. waves[wave.Key - 1].Select(node => estate.Resources[graph.Resources[node]].Id)],
                    [.. wave.Select(static step => step.Id)],
                    start,
                    wave.Max(static step => step.Start + step.Duration) - start,
                    wave.Max(static step => step.Downtime));
            }),
        ];
    }

    /// <summary>A stable sort: what depends on a step of no length starts with it and was written after it.</summary>
    private static ImmutableArray<Step> InOrderOfStart(Step[] steps) =>
        [.. steps.OrderBy(static step => step.Wave).ThenBy(static step => step.Start)];
}
