using System.Collections.Immutable;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>Whether tasks of one submission can be put into an order in which each comes after what it waits for (Kahn 1962).</summary>
internal static class TaskGraph
{
    /// <summary>A cycle among them, in the order in which each waits for the next; empty when there is none. Takes time by tasks and dependencies.</summary>
    public static ImmutableArray<int> FindCycle(ImmutableArray<TaskSpec> specs)
    {
        var missing = new int[specs.Length];
        var dependents = new List<int>?[specs.Length];
        for (int place = 0; place < specs.Length; place++)
        {
            foreach (TaskDependency dependency in specs[place].After)
            {
                if (dependency.Place < 0) continue;
                missing[place]++;
                (dependents[dependency.Place] ??= []).Add(place);
            }
        }

        var free = new Stack<int>(Enumerable.Range(0, specs.Length).Where(place => missing[place] == 0));
        int left = specs.Length;
        while (free.TryPop(out int place))
        {
            left--;
            foreach (int dependent in dependents[place] ?? [])
                if (--missing[dependent] == 0) free.Push(dependent);
        }

        return left == 0 ? [] : CycleAmong(specs, missing);
    }

    /// <summary>Each task that is left waits for one that is left: going on from one to the next comes back to one that was there.</summary>
    private static ImmutableArray<int> CycleAmong(ImmutableArray<TaskSpec> specs, int[] missing)
    {
        var seen = new Dictionary<int, int>();
        var path = new List<int>();
        int at = Array.FindIndex(missing, static count => count > 0);
        while (seen.TryAdd(at, path.Count))
        {
            path.Add(at);
            at = specs[at].After.First(dependency => dependency.Place >= 0 && missing[dependency.Place] > 0).Place;
        }

        return [.. path[seen[at]..]];
    }
}
