namespace Sirsi.Clouds.Estates;

/// <summary>
/// Keeps of the order a source states (<c>depends_on</c>) only what nothing better says. Terraform writes down everything a resource
/// rests on, near and far; a dependency is left out when a relation, or another dependency, already leads there.
/// </summary>
internal static class DependencyOrder
{
    /// <summary>Visits per resource; beyond, a dependency is kept, which is never wrong.</summary>
    private const int VisitsMax = 256;

    /// <summary>Adds the dependencies that are worth it.</summary>
    public static void Add(ResourceDraft[] drafts, RelationFinder finder, int relationsMax)
    {
        int[][] stated = new int[drafts.Length][];
        for (int index = 0; index < drafts.Length; index++)
            stated[index] = [.. finder.Dependencies(drafts[index]).Select(static target => target.Index)];
        var reached = new HashSet<int>();
        var groups = new HashSet<string>(StringComparer.Ordinal);
        var toVisit = new Queue<int>();
        for (int index = 0; index < drafts.Length; index++)
        {
            if (stated[index].Length == 0) continue;
            Reach(drafts, index, reached, toVisit);
            // What is stated by something that is stated here comes with it.
            var near = new HashSet<int>();
            int visits = 0;
            foreach (int target in stated[index])
                foreach (int far in stated[target])
                    if (far != target && ++visits <= VisitsMax && !stated[far].Contains(target)) near.Add(far);
            // A dependency names a counted resource as a whole; a relation to one of its instances says it better.
            groups.Clear();
            foreach (int target in reached) groups.Add(drafts[target].Raw.Group);
            foreach (int target in stated[index])
                if (!reached.Contains(target) && !groups.Contains(drafts[target].Raw.Group) && !near.Contains(target) && !drafts[target].IsRelatedTo(index))
                    drafts[index].Relate(RelationKind.DependsOn, drafts[target], "depends_on", relationsMax);
        }
    }

    private static void Reach(ResourceDraft[] drafts, int start, HashSet<int> reached, Queue<int> toVisit)
    {
        reached.Clear();
        toVisit.Clear();
        toVisit.Enqueue(start);
        while (toVisit.TryDequeue(out int at) && reached.Count < VisitsMax)
            foreach ((Relation relation, int target) in drafts[at].Relations)
                if (relation.Kind is not RelationKind.DependsOn && target != start && reached.Count < VisitsMax && reached.Add(target))
                    toVisit.Enqueue(target);
    }
}
