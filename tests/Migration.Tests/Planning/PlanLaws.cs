using System.Collections.Immutable;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Designing;
using Sirsi.Migration.Planning;

namespace Sirsi.Migration.Tests.Planning;

/// <summary>What holds for the plan of any estate.</summary>
public sealed class PlanLaws
{
    [Fact]
    public void Steps_come_after_the_steps_they_depend_on_in_order_and_in_time() => ForAnyPlan(static (_, _, plan) =>
    {
        Dictionary<string, Step> before = new(StringComparer.Ordinal);
        foreach (Step step in plan.Steps)
        {
            foreach (string id in step.DependsOn)
            {
                Assert.True(before.TryGetValue(id, out Step? dependency), $"{step.Id} comes before {id}");
                Assert.True(dependency.Start + dependency.Duration <= step.Start, $"{step.Id} starts before {id} ends");
                Assert.True(dependency.Wave <= step.Wave);
            }

            Assert.Equal(step.DependsOn.Order(StringComparer.Ordinal).Distinct(StringComparer.Ordinal), step.DependsOn);
            Assert.True(before.TryAdd(step.Id, step), $"{step.Id} is there twice");
        }
    });

    [Fact]
    public void Each_resource_that_moves_is_built_once_and_each_that_can_not_is_given_to_a_person() =>
        ForAnyPlan(static (estate, design, plan) =>
    {
        ILookup<string?, Step> steps = plan.Steps.ToLookup(static step => step.ResourceId, StringComparer.Ordinal);
        for (int index = 0; index < estate.Resources.Length; index++)
        {
            Step[] own = [.. steps[estate.Resources[index].Id]];
            bool moves = design.Mappings[index].Outcome is MappingOutcome.Equivalent or MappingOutcome.Adapted;
            bool person = design.Mappings[index].Outcome is MappingOutcome.NoEquivalent or MappingOutcome.Unknown;
            Assert.Equal(moves ? 1 : 0, own.Count(static step => step.Action is StepAction.Provision));
            Assert.Equal(person ? 1 : 0, own.Count(static step => step.Action is StepAction.Manual));
            if (!moves && !person) Assert.Empty(own);
        }
    });

    [Fact]
    public void Every_step_can_be_undone_and_says_what_its_time_rests_on() => ForAnyPlan(static (_, _, plan) =>
    {
        Assert.All(plan.Steps, static step =>
        {
            Assert.NotEmpty(step.Rollback);
            Assert.NotEmpty(step.Basis);
            Assert.NotEmpty(step.Title);
            Assert.True(step.Duration >= TimeSpan.Zero && step.Downtime <= step.Duration && step.RollbackDuration >= TimeSpan.Zero);
            if (step.Action is StepAction.Provision or StepAction.Replicate or StepAction.CutOver or StepAction.Retire)
                Assert.True(step.RollbackDuration > TimeSpan.Zero || step.Duration == TimeSpan.Zero, step.Id);
        });
    });

    [Fact]
    public void A_wave_is_closed_under_every_dependency_but_the_reported_ones() => ForAnyPlan(static (estate, design, plan) =>
    {
        Dictionary<string, int> waveOf = plan.Waves.SelectMany(static wave => wave.ResourceIds, static (wave, id) => (id, wave.Number))
            .ToDictionary(static entry => entry.id, static entry => entry.Number, StringComparer.Ordinal);
        HashSet<(string, string)> left = [.. plan.Cycles.Select(static cycle => (cycle.From, cycle.To))];
        foreach ((string from, string to) in Dependencies(estate, design))
            if (!left.Contains((from, to)))
                Assert.True(waveOf[to] <= waveOf[from], $"{from} in wave {waveOf[from]} needs {to} in wave {waveOf[to]}");
        Assert.Equal(waveOf.Count, design.Mappings.Count(static mapping => DependencyGraph.NeedsWork(mapping.Outcome)));
    });

    [Fact]
    public void Without_the_reported_edges_no_cycle_is_left_and_each_was_on_a_cycle() => ForAnyPlan(static (estate, design, plan) =>
    {
        HashSet<(string, string)> dependencies = [.. Dependencies(estate, design)];
        HashSet<(string, string)> kept = [.. dependencies];
        foreach (BrokenCycle cycle in plan.Cycles)
        {
            Assert.True(kept.Remove((cycle.From, cycle.To)));
            Assert.Equal(cycle.ResourceIds[0], cycle.From);
            Assert.Equal(cycle.ResourceIds[1], cycle.To);
            for (int at = 0; at < cycle.ResourceIds.Length; at++)
                Assert.Contains((cycle.ResourceIds[at], cycle.ResourceIds[(at + 1) % cycle.ResourceIds.Length]), dependencies);
            Assert.NotEmpty(cycle.Reason);
        }

        Assert.True(IsAcyclic(kept));
    });

    [Fact]
    public void The_critical_path_is_the_longest_chain_and_not_longer_than_the_plan() => ForAnyPlan(static (_, _, plan) =>
    {
        Dictionary<string, TimeSpan> longest = new(StringComparer.Ordinal);
        Dictionary<string, Step> byId = plan.Steps.ToDictionary(static step => step.Id, StringComparer.Ordinal);
        foreach (Step step in plan.Steps)
            longest[step.Id] = step.Duration + (step.DependsOn.IsEmpty ? TimeSpan.Zero : step.DependsOn.Max(id => longest[id]));
        TimeSpan critical = plan.CriticalPath.Aggregate(TimeSpan.Zero, (sum, id) => sum + byId[id].Duration);
        Assert.Equal(longest.Count == 0 ? TimeSpan.Zero : longest.Values.Max(), critical);
        for (int at = 1; at < plan.CriticalPath.Length; at++)
            Assert.Contains(plan.CriticalPath[at - 1], byId[plan.CriticalPath[at]].DependsOn);
        Assert.True(critical <= plan.Duration);
    });

    [Fact]
    public void Never_more_steps_run_than_the_crew_can_and_never_two_copies() => ForAnyPlan(static (_, _, plan) =>
    {
        AtMost(plan.Assumptions.Crew, plan.Steps);
        AtMost(1, [.. plan.Steps.Where(static step => step.Action is StepAction.Replicate)]);
    });

    [Fact]
    public void Waves_hold_their_steps_one_after_the_other_and_the_sums_agree() => ForAnyPlan(static (_, _, plan) =>
    {
        TimeSpan end = TimeSpan.Zero;
        foreach ((int at, Wave wave) in plan.Waves.Index())
        {
            Assert.Equal(at + 1, wave.Number);
            Assert.True(wave.Start >= end);
            Step[] steps = [.. plan.Steps.Where(step => step.Wave == wave.Number)];
            Assert.Equal(steps.Select(static step => step.Id), wave.StepIds);
            end = steps.Max(static step => step.Start + step.Duration);
            Assert.Equal(end, wave.Start + wave.Duration);
            Assert.Equal(steps.Max(static step => step.Downtime), wave.Downtime);
        }

        Assert.Equal(end, plan.Duration);
        Assert.Equal(plan.Waves.Aggregate(TimeSpan.Zero, static (sum, wave) => sum + wave.Downtime), plan.Downtime);
        Assert.Equal(plan.Waves.Length, plan.Waves.Select(static wave => wave.Title).Distinct(StringComparer.Ordinal).Count());
    });

    [Fact]
    public void The_order_of_reading_changes_nothing() => Check.That(7, 20, static random =>
    {
        (Estate estate, Design design) = RandomEstate.Wild(random, 200);
        Resource[] shuffled = [.. estate.Resources.Select(resource => resource with { Relations = [.. resource.Relations.Reverse()] })];
        random.Shuffle(shuffled);
        Plan one = Planner.Plan(estate, design, new PlanAssumptions());
        Plan other = Planner.Plan(new Estate(shuffled, []), design, new PlanAssumptions());
        Assert.Equal(PlanText.Of(one), PlanText.Of(other));
    });

    private static void ForAnyPlan(Action<Estate, Design, Plan> law) => Check.That(20261121, 40, random =>
    {
        (Estate estate, Design design) = RandomEstate.Wild(random, random.Next(5) == 0 ? random.Next(1_000, 3_000) : random.Next(120),
            random.Next(1, 6));
        var assumptions = new PlanAssumptions
        {
            Crew = random.Next(1, 6),
            WaveResourcesMax = random.Next(1, 60),
            BandwidthMbps = random.Next(1, 10_000),
            UnknownStoreGiB = random.Next(0, 200),
        };
        law(estate, design, Planner.Plan(estate, design, assumptions));
    });

    /// <summary>All dependencies between resources that need work, settings counted as their owners.</summary>
    private static IEnumerable<(string From, string To)> Dependencies(Estate estate, Design design)
    {
        ImmutableArray<Mapping> mappings = design.Mappings;
        foreach (Resource resource in estate.Resources)
            foreach (Relation relation in resource.Relations)
                if (Worker(resource.Id) is { } from && Worker(relation.Target) is { } to && from != to)
                    yield return DependencyRule.Of(relation.Kind).TargetFirst ? (from, to) : (to, from);

        string? Worker(string id)
        {
            Mapping mapping = mappings[estate.IndexOf(id)];
            if (mapping.Outcome is MappingOutcome.Folded)
                mapping = mapping.OwnerId is { } owner ? mappings[estate.IndexOf(owner)] : mapping;
            return DependencyGraph.NeedsWork(mapping.Outcome) ? mapping.ResourceId : null;
        }
    }

    private static bool IsAcyclic(HashSet<(string From, string To)> edges)
    {
        Dictionary<string, int> waits = new(StringComparer.Ordinal);
        foreach ((string from, string to) in edges)
        {
            waits[from] = waits.GetValueOrDefault(from) + 1;
            waits.TryAdd(to, 0);
        }

        ILookup<string, string> dependants = edges.ToLookup(static edge => edge.To, static edge => edge.From, StringComparer.Ordinal);
        Stack<string> free = new(waits.Where(static entry => entry.Value == 0).Select(static entry => entry.Key));
        int done = 0;
        for (; free.TryPop(out string? node); done++)
            foreach (string dependant in dependants[node])
                if (--waits[dependant] == 0)
                    free.Push(dependant);
        return done == waits.Count;
    }

    private static void AtMost(int limit, ImmutableArray<Step> steps)
    {
        int running = 0;
        foreach ((TimeSpan _, int change) in steps.Where(static step => step.Duration > TimeSpan.Zero)
            .SelectMany(static step => new[] { (At: step.Start, Change: 1), (At: step.Start + step.Duration, Change: -1) })
            .OrderBy(static entry => entry.At).ThenBy(static entry => entry.Change))
            Assert.True((running += change) <= limit);
    }
}
