using System.Collections.Immutable;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Designing;

namespace Sirsi.Migration.Planning;

/// <summary>
/// Who must exist before whom. A node is a resource that moves or needs a person, in the order of the estate; settings and other folded
/// resources lend their relations to their owners; what is not needed or stays is left out. Edges lie in one array, those of a node
/// side by side, sorted by the node they depend on, one per pair.
/// </summary>
internal sealed class DependencyGraph
{
    // An edge that a folded resource lends is softer than any of the resource's own: settings can be applied afterwards.
    private const int OwnEdge = 8;

    private readonly int[] _start;
    private readonly Edge[] _edges;

    private DependencyGraph(int[] resources, int[] start, Edge[] edges) => (Resources, _start, _edges) = (resources, start, edges);

    /// <summary>The position in the estate of each node.</summary>
    public int[] Resources { get; }

    /// <summary>How many nodes there are.</summary>
    public int Count => Resources.Length;

    /// <summary>How many edges there are.</summary>
    public int EdgeCount => _edges.Length;

    /// <summary>The edges from a node to what it depends on.</summary>
    public ReadOnlySpan<Edge> From(int node) => _edges.AsSpan(_start[node], _start[node + 1] - _start[node]);

    /// <summary>This graph without some edges, given as (from, to).</summary>
    public DependencyGraph Without(HashSet<(int From, int To)> left)
    {
        if (left.Count == 0) return this;
        var start = new int[Count + 1];
        var kept = new List<Edge>(_edges.Length);
        for (int node = 0; node < Count; node++)
        {
            foreach (Edge edge in From(node))
                if (!left.Contains((node, edge.To)))
                    kept.Add(edge);
            start[node + 1] = kept.Count;
        }

        return new(Resources, start, [.. kept]);
    }

    /// <summary>A graph of the given edges, for any number of nodes; repeated edges keep their hardest.</summary>
    public static DependencyGraph Of(int[] resources, IEnumerable<(int From, Edge Edge)> edges)
    {
        (int From, Edge Edge)[] sorted = [.. edges];
        Array.Sort(sorted, static (left, right) =>
            left.From != right.From ? left.From.CompareTo(right.From)
            : left.Edge.To != right.Edge.To ? left.Edge.To.CompareTo(right.Edge.To)
            : left.Edge.Rank != right.Edge.Rank ? right.Edge.Rank.CompareTo(left.Edge.Rank)
            : left.Edge.Kind.CompareTo(right.Edge.Kind));
        var start = new int[resources.Length + 1];
        var kept = new List<Edge>(sorted.Length);
        int node = 0;
        for (int index = 0; index < sorted.Length; index++)
        {
            (int from, Edge edge) = sorted[index];
            while (node < from) start[++node] = kept.Count;
            if (kept.Count > start[node] && kept[^1].To == edge.To)
                kept[^1] = kept[^1] with { Together = kept[^1].Together || edge.Together };
            else
                kept.Add(edge);
        }

        while (node < resources.Length) start[++node] = kept.Count;
        return new(resources, start, [.. kept]);
    }

    /// <summary>The graph of what a design moves.</summary>
    public static DependencyGraph Of(Estate estate, ImmutableArray<Mapping> mappings)
    {
        var nodeOf = new int[mappings.Length];
        var resources = new List<int>(mappings.Length);
        for (int index = 0; index < mappings.Length; index++)
        {
            nodeOf[index] = -1;
            if (!NeedsWork(mappings[index].Outcome)) continue;
            nodeOf[index] = resources.Count;
            resources.Add(index);
        }

        for (int index = 0; index < mappings.Length; index++)
            if (mappings[index] is { Outcome: MappingOutcome.Folded, OwnerId: { } owner } && estate.IndexOf(owner) is var at and >= 0
                && mappings[at].Outcome is not MappingOutcome.Folded)
                nodeOf[index] = nodeOf[at];
        return Of([.. resources], EdgesOf(estate, mappings, nodeOf));
    }

    /// <summary>Whether a resource of this outcome is built, or needs a person, in the course of the plan.</summary>
    public static bool NeedsWork(MappingOutcome outcome) =>
        outcome is MappingOutcome.Equivalent or MappingOutcome.Adapted or MappingOutcome.NoEquivalent or MappingOutcome.Unknown;

    private static IEnumerable<(int From, Edge Edge)> EdgesOf(Estate estate, ImmutableArray<Mapping> mappings, int[] nodeOf)
    {
        for (int index = 0; index < nodeOf.Length; index++)
        {
            if (nodeOf[index] < 0) continue;
            bool folded = mappings[index].Outcome is MappingOutcome.Folded;
            foreach (Relation relation in estate.Resources[index].Relations)
            {
                int target = estate.IndexOf(relation.Target);
                int from = nodeOf[index], to = nodeOf[target];
                if (to < 0 || from == to) continue;
                DependencyRule rule = DependencyRule.Of(relation.Kind);
                bool lent = folded || mappings[target].Outcome is MappingOutcome.Folded;
                if (!rule.TargetFirst) (from, to) = (to, from);
                yield return (from, new Edge(to, relation.Kind, lent ? rule.Hardness : rule.Hardness + OwnEdge, rule.Together));
            }
        }
    }

    /// <summary>One dependency.</summary>
    /// <param name="To">The node that must exist first.</param>
    /// <param name="Kind">The relation it comes from.</param>
    /// <param name="Rank">How hard it is; the softest of a cycle is left out.</param>
    /// <param name="Together">Whether both ends move in one wave.</param>
    internal readonly record struct Edge(int To, RelationKind Kind, int Rank, bool Together)
    {
        /// <summary>Whether it comes from a setting or another folded resource.</summary>
        public bool Lent => Rank < OwnEdge;
    }
}
