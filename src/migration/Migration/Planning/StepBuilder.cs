using System.Collections.Immutable;
using System.Globalization;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Designing;

namespace Sirsi.Migration.Planning;

/// <summary>
/// Writes the steps of each wave: what people decide, then building in the order of dependencies, copying, cut-over, verification, and one
/// acceptance that the next wave waits for. A last wave removes the sources, the newest first.
/// </summary>
internal sealed class StepBuilder
{
    private static readonly TimeSpan AcceptanceBase = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan AcceptanceMax = TimeSpan.FromHours(4);
    private static readonly TimeSpan DecisionEach = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan PersonEach = TimeSpan.FromMinutes(60);
    private static readonly TimeSpan UnknownEach = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan CopySetUp = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RetireBase = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan RetireEach = TimeSpan.FromMinutes(2);

    private readonly Estate _estate;
    private readonly ImmutableArray<Mapping> _mappings;
    private readonly DependencyGraph _graph;
    private readonly PlanAssumptions _assumptions;
    private readonly string _numberFormat;
    private readonly int[] _waveOf;
    private readonly int[] _built;
    private readonly int[] _cutOver;
    private readonly List<Step> _steps = [];
    private readonly List<int[]> _dependsOn = [];
    private readonly List<bool> _isCopy = [];
    private readonly List<bool> _hasDependants = [];
    private int _acceptance = -1;

    private StepBuilder(Estate estate, Design design, DependencyGraph graph, List<int[]> waves, PlanAssumptions assumptions)
    {
        (_estate, _mappings, _graph, _assumptions) = (estate, design.Mappings, graph, assumptions);
        _numberFormat = new string('0', Math.Max(2, (waves.Count + 1).ToString(CultureInfo.InvariantCulture).Length));
        _waveOf = new int[graph.Count];
        for (int wave = 0; wave < waves.Count; wave++)
            foreach (int node in waves[wave])
                _waveOf[node] = wave + 1;
        _built = Unset(graph.Count);
        _cutOver = Unset(graph.Count);
    }

    /// <summary>The steps, each with the lower-numbered ones it depends on (ids and positions) and whether it copies data.</summary>
    public static (List<Step> Steps, List<int[]> DependsOn, List<bool> IsCopy) Build(
        Estate estate, Design design, DependencyGraph graph, List<int[]> waves, PlanAssumptions assumptions)
    {
        var builder = new StepBuilder(estate, design, graph, waves, assumptions);
        for (int wave = 0; wave < waves.Count; wave++) builder.AddWave(wave + 1, waves[wave]);
        builder.AddRetirement(waves);
        return (builder._steps, builder._dependsOn, builder._isCopy);
    }

    private Resource ResourceOf(int node) => _estate.Resources[_graph.Resources[node]];

    private Mapping MappingOf(int node) => _mappings[_graph.Resources[node]];

    private void AddWave(int wave, int[] nodes)
    {
        int[] ordered = InOrderOfDependencies(wave, nodes);
        int begin = _steps.Count;
        int decided = AddDecisions(wave, nodes);
        foreach (int node in ordered) AddBuilding(wave, node, decided);
        TimeSpan acceptance = AcceptanceBase;
        foreach (int node in ordered)
            if (!AddMove(wave, node))
                acceptance += KindTimes.Of(ResourceOf(node).Kind).Verify;
        List<int> last = [];
        for (int step = begin; step < _steps.Count; step++)
            if (!_hasDependants[step])
                last.Add(step);
        _acceptance = Add(
            new Step
            {
                Id = Id(wave, "accept", null),
                Wave = wave,
                Action = StepAction.Verify,
                Title = $"Accept wave {wave}: monitoring is quiet, owners agree",
                Duration = acceptance < AcceptanceMax ? acceptance : AcceptanceMax,
                Rollback = "Nothing to undo: a check changes nothing.",
                Basis = "15 min and the checks of what is not cut over, at most 4 h",
            },
            last);
    }

    /// <summary>Everything a person must say before what is concerned is built, as one step: a meeting, not a hundred.</summary>
    private int AddDecisions(int wave, int[] nodes)
    {
        HashSet<string> decisions = new(StringComparer.Ordinal);
        int resources = 0;
        foreach (int node in nodes)
        {
            if (!Moves(node) || MappingOf(node).Decisions.IsDefaultOrEmpty) continue;
            resources++;
            decisions.UnionWith(MappingOf(node).Decisions);
        }

        if (resources == 0) return -1;
        return Add(
            new Step
            {
                Id = Id(wave, "decide", null),
                Wave = wave,
                Action = StepAction.Manual,
                Title = $"Decide {Count(decisions.Count, "open question")} about {Count(resources, "resource")} of wave {wave}",
                Duration = DecisionEach * decisions.Count,
                Rollback = "Decide otherwise: nothing has been built from it yet.",
                Basis = "15 min a question",
            },
            [_acceptance]);
    }

    private void AddBuilding(int wave, int node, int decided)
    {
        Resource resource = ResourceOf(node);
        Mapping mapping = MappingOf(node);
        KindTimes times = KindTimes.Of(resource.Kind);
        List<int> before = [];
        foreach (DependencyGraph.Edge edge in _graph.From(node))
            if (_waveOf[edge.To] == wave)
                before.Add(_built[edge.To]);
        if (Moves(node) && !mapping.Decisions.IsDefaultOrEmpty) before.Add(decided);
        if (before.Count == 0) before.Add(_acceptance);
        if (Moves(node))
        {
            _built[node] = Add(
                new Step
                {
                    Id = Id(wave, "provision", resource),
                    Wave = wave,
                    Action = StepAction.Provision,
                    ResourceId = resource.Id,
                    Title = $"Build {mapping.Target?.Name ?? resource.Name} ({mapping.Target?.Service ?? "target"})",
                    Duration = times.Provision,
                    Rollback = $"Remove {mapping.Target?.Name ?? resource.Name} from the target; the source is untouched.",
                    RollbackDuration = times.Rollback,
                    Basis = $"usual time for {times.Noun}",
                },
                before);
            return;
        }

        bool unknown = mapping.Outcome is MappingOutcome.Unknown;
        _built[node] = Add(
            new Step
            {
                Id = Id(wave, "manual", resource),
                Wave = wave,
                Action = StepAction.Manual,
                ResourceId = resource.Id,
                Title = unknown
                    ? $"Find out what {resource.Name} ({resource.Type}) does and whether it moves"
                    : $"Settle what replaces {resource.Name} ({resource.Type})",
                Duration = unknown ? UnknownEach : PersonEach,
                Rollback = $"Keep {resource.Name} where it is.",
                RollbackDuration = times.Rollback,
                Basis = unknown ? "30 min for a first look" : "1 h for a first settlement",
            },
            before);
    }

    /// <summary>Copies, cuts over and verifies; false when the resource only needed building.</summary>
    private bool AddMove(int wave, int node)
    {
        Resource resource = ResourceOf(node);
        KindTimes times = KindTimes.Of(resource.Kind);
        if (!Moves(node) || (times.SizeFacts is null && times.CutOver == TimeSpan.Zero)) return false;
        List<int> before = [_built[node]];
        TimeSpan lastChanges = TimeSpan.Zero;
        if (times.SizeFacts is { } sizeFacts)
        {
            DataCopy copy = DataCopy.Of(resource, sizeFacts, _assumptions);
            TimeSpan transfer = DataCopy.TimeFor(copy.AssumedGiB, _assumptions);
            lastChanges = DataCopy.TimeFor(copy.ChangedDuring(transfer, times.DailyChange), _assumptions);
            before = [AddCopy(wave, node, copy, transfer)];
        }

        if (times.CutOver == TimeSpan.Zero) return true;
        foreach (DependencyGraph.Edge edge in _graph.From(node))
            if (_waveOf[edge.To] == wave)
                before.Add(_cutOver[edge.To]);
        _cutOver[node] = Add(CutOver(wave, resource, times, lastChanges), before);
        if (times.Verify == TimeSpan.Zero) return true;
        Add(
            new Step
            {
                Id = Id(wave, "verify", resource),
                Wave = wave,
                Action = StepAction.Verify,
                ResourceId = resource.Id,
                Title = $"Verify {resource.Name} on the target",
                Duration = times.Verify,
                Rollback = "Nothing to undo: a check changes nothing.",
                Basis = $"usual time for {times.Noun}",
            },
            [_cutOver[node]]);
        return true;
    }

    private int AddCopy(int wave, int node, DataCopy copy, TimeSpan transfer)
    {
        Resource resource = ResourceOf(node);
        string rate = $"{_assumptions.BandwidthMbps * _assumptions.BandwidthShare:0.#} Mbit/s";
        return Add(
            new Step
            {
                Id = Id(wave, "replicate", resource),
                Wave = wave,
                Action = StepAction.Replicate,
                ResourceId = resource.Id,
                Title = $"Copy the data of {resource.Name} while it goes on serving",
                Duration = CopySetUp + transfer,
                TransferGiB = copy.KnownGiB,
                Rollback = "Stop the copy and delete what was copied; the source is untouched.",
                RollbackDuration = CopySetUp,
                Basis = copy.KnownGiB is { } known
                    ? $"{known:0.##} GiB at {rate}, 10 min to set up"
                    : $"size not known: {copy.AssumedGiB:0.##} GiB assumed, at {rate}, 10 min to set up",
            },
            [_built[node]],
            isCopy: true);
    }

    private Step CutOver(int wave, Resource resource, KindTimes times, TimeSpan lastChanges) => new()
    {
        Id = Id(wave, "cutover", resource),
        Wave = wave,
        Action = StepAction.CutOver,
        ResourceId = resource.Id,
        Title = times.SizeFacts is null
            ? $"Lead traffic of {resource.Name} to the target"
            : $"Stop writes to {resource.Name}, copy the last changes, serve from the target",
        Duration = times.CutOver + lastChanges,
        Downtime = times.Downtime + lastChanges,
        Rollback = times.SizeFacts is null
            ? $"Lead traffic of {resource.Name} back to the source."
            : $"Serve {resource.Name} from the source again, after copying back what was written since.",
        RollbackDuration = times.Rollback + lastChanges,
        Basis = lastChanges == TimeSpan.Zero
            ? $"usual time for {times.Noun}"
            : $"usual time for {times.Noun}, and {times.DailyChange * 100:0.##} % of the data changing in a day",
    };

    private void AddRetirement(List<int[]> waves)
    {
        int wave = waves.Count + 1, accepted = _acceptance;
        for (int source = waves.Count; source >= 1; source--)
        {
            int resources = waves[source - 1].Count(Moves);
            if (resources == 0) continue;
            Add(
                new Step
                {
                    Id = $"{Id(wave, "retire", null)}-w{source.ToString(_numberFormat, CultureInfo.InvariantCulture)}",
                    Wave = wave,
                    Action = StepAction.Retire,
                    Title = $"Remove the sources of wave {source} ({Count(resources, "resource")}) after the agreed time",
                    Duration = RetireBase + (RetireEach * resources),
                    Rollback = "Build the source again from its code and restore its last backup; keep that backup until then.",
                    RollbackDuration = (RetireBase + (RetireEach * resources)) * 2,
                    Basis = "30 min and 2 min a resource; the agreed time itself is not counted",
                },
                [accepted]);
        }
    }

    private int Add(Step step, List<int> before, bool isCopy = false)
    {
        int[] dependsOn = [.. before.Where(static position => position >= 0).Distinct().Order()];
        foreach (int position in dependsOn) _hasDependants[position] = true;
        string[] ids = [.. dependsOn.Select(position => _steps[position].Id)];
        Array.Sort(ids, StringComparer.Ordinal);
        _steps.Add(step with { DependsOn = ImmutableArray.Create(ids) });
        _dependsOn.Add(dependsOn);
        _isCopy.Add(isCopy);
        _hasDependants.Add(false);
        return _steps.Count - 1;
    }

    private int[] InOrderOfDependencies(int wave, int[] nodes)
    {
        List<int> ordered = new(nodes.Length);
        Dictionary<int, int> waitsFor = new(nodes.Length);
        Dictionary<int, List<int>> dependants = [];
        PriorityQueue<int, (int Order, int Node)> ready = new();
        foreach (int node in nodes)
        {
            int open = 0;
            foreach (DependencyGraph.Edge edge in _graph.From(node))
            {
                if (_waveOf[edge.To] != wave) continue;
                open++;
                if (!dependants.TryGetValue(edge.To, out List<int>? list)) dependants[edge.To] = list = [];
                list.Add(node);
            }

            waitsFor[node] = open;
            if (open == 0) ready.Enqueue(node, (KindTimes.Of(ResourceOf(node).Kind).Order, node));
        }

        while (ready.TryDequeue(out int node, out _))
        {
            ordered.Add(node);
            if (!dependants.TryGetValue(node, out List<int>? list)) continue;
            foreach (int dependant in list)
                if (--waitsFor[dependant] == 0)
                    ready.Enqueue(dependant, (KindTimes.Of(ResourceOf(dependant).Kind).Order, dependant));
        }

        return [.. ordered];
    }

    private bool Moves(int node) => MappingOf(node).Outcome is MappingOutcome.Equivalent or MappingOutcome.Adapted;

    private string Id(int wave, string action, Resource? resource)
    {
        string start = $"w{wave.ToString(_numberFormat, CultureInfo.InvariantCulture)}-{action}";
        return resource is null ? start : $"{start}-{resource.Id}";
    }

    private static string Count(int count, string one) => count == 1 ? $"1 {one}" : $"{count} {one}s";

    private static int[] Unset(int count)
    {
        var array = new int[count];
        Array.Fill(array, -1);
        return array;
    }
}
