using Sirsi.Clouds.Estates;

namespace Sirsi.Migration.Planning;

/// <summary>
/// Makes a dependency graph acyclic. Inside each strongly connected component, nodes whose dependencies are done are taken away; when none
/// is left, the node whose hardest open dependency is softest (then the fewest open, then the lowest) has its open edges left out. So an
/// edge is left out only where every node still open waits for something at least as hard: a hard edge never goes where a cycle can be
/// broken at a softer one. Time is linear in the edges but for the heap's logarithm.
/// </summary>
internal sealed class CycleBreaker
{
    // Looking for the shortest cycle of each edge costs up to the size of its component; the sum is bounded so that a hostile estate
    // of one large component stays linear.
    private const int SearchBudget = 4_000_000;

    private readonly DependencyGraph _graph;
    private readonly int[] _component;
    private readonly List<(int From, DependencyGraph.Edge Edge)> _left = [];
    private int _budget = SearchBudget;

    private CycleBreaker(DependencyGraph graph, int[] component) => (_graph, _component) = (graph, component);

    /// <summary>The graph without the edges that closed cycles, and each cycle with its edge, in the order of the edges.</summary>
    public static (DependencyGraph Graph, List<BrokenCycle> Cycles) Break(DependencyGraph graph, Estate estate)
    {
        (int[] component, int count) = StronglyConnected.Of(graph);
        if (count == graph.Count) return (graph, []);
        var breaker = new CycleBreaker(graph, component);
        foreach (List<int> members in breaker.LargeComponents(count)) breaker.BreakWithin(members);
        breaker._left.Sort(static (left, right) =>
            left.From != right.From ? left.From.CompareTo(right.From) : left.Edge.To.CompareTo(right.Edge.To));
        var search = new int[graph.Count];
        Array.Fill(search, -1);
        List<BrokenCycle> cycles = [.. breaker._left.Select(edge => breaker.Describe(edge.From, edge.Edge, estate, search))];
        return (graph.Without([.. breaker._left.Select(static edge => (edge.From, edge.Edge.To))]), cycles);
    }

    private IEnumerable<List<int>> LargeComponents(int count)
    {
        var size = new int[count];
        foreach (int component in _component) size[component]++;
        var members = new List<int>?[count];
        for (int node = 0; node < _component.Length; node++)
            if (size[_component[node]] > 1)
                (members[_component[node]] ??= []).Add(node);
        return members.OfType<List<int>>();
    }

    private void BreakWithin(List<int> members)
    {
        var component = new OpenComponent(_graph, _component, members);
        while (component.TakeNext(out int node, out bool stuck))
        {
            if (stuck)
                foreach (DependencyGraph.Edge edge in component.OpenEdges(node))
                    _left.Add((node, edge));
            component.Done(node);
        }
    }

    private BrokenCycle Describe(int from, DependencyGraph.Edge edge, Estate estate, int[] cameFrom)
    {
        string because = edge.Lent
            ? $"{edge.Kind.Word()} comes from a setting, and settings can be applied after both exist"
            : $"{edge.Kind.Word()} can wait: {DependencyRule.Of(edge.Kind).LeftOutBecause}";
        return new(
            [.. Cycle(from, edge.To, cameFrom).Select(node => estate.Resources[_graph.Resources[node]].Id)],
            estate.Resources[_graph.Resources[from]].Id,
            estate.Resources[_graph.Resources[edge.To]].Id,
            because);
    }

    /// <summary>The shortest cycle that begins with the edge, found breadth first within the component.</summary>
    private List<int> Cycle(int from, int to, int[] cameFrom)
    {
        List<int> cycle = [from, to];
        if (_budget <= 0) return cycle;
        List<int> seen = [to];
        cameFrom[to] = to;
        for (int at = 0; at < seen.Count && cameFrom[from] < 0; at++)
        {
            ReadOnlySpan<DependencyGraph.Edge> edges = _graph.From(seen[at]);
            _budget -= edges.Length + 1;
            foreach (DependencyGraph.Edge edge in edges)
            {
                if (_component[edge.To] != _component[from] || cameFrom[edge.To] >= 0) continue;
                cameFrom[edge.To] = seen[at];
                seen.Add(edge.To);
            }
        }

        List<int> back = [];
        for (int node = cameFrom[from]; node != to; node = cameFrom[node]) back.Add(node);
        back.Reverse();
        cycle.AddRange(back);
        foreach (int node in seen) cameFrom[node] = -1;
        return cycle;
    }

    /// <summary>What is still open of one component.</summary>
    private sealed class OpenComponent
    {
        private readonly DependencyGraph _graph;
        private readonly List<int> _members;
        private readonly Dictionary<int, int> _positionOf;
        private readonly DependencyGraph.Edge[][] _edges;
        private readonly List<int>[] _dependants;
        private readonly int[] _open;
        private readonly int[] _hardest;
        private readonly bool[] _done;
        private readonly Queue<int> _free = [];
        private readonly PriorityQueue<int, (int Rank, int Open, int Position)> _waiting = new();

        public OpenComponent(DependencyGraph graph, int[] component, List<int> members)
        {
            _graph = graph;
            _members = members;
            _positionOf = new(members.Count);
            for (int position = 0; position < members.Count; position++) _positionOf[members[position]] = position;
            _edges = new DependencyGraph.Edge[members.Count][];
            _dependants = new List<int>[members.Count];
            _open = new int[members.Count];
            _hardest = new int[members.Count];
            _done = new bool[members.Count];
            for (int position = 0; position < members.Count; position++) _dependants[position] = [];
            for (int position = 0; position < members.Count; position++)
            {
                _edges[position] = Inside(members[position], component);
                _open[position] = _edges[position].Length;
                foreach (DependencyGraph.Edge edge in _edges[position]) _dependants[_positionOf[edge.To]].Add(position);
                Queue(position);
            }
        }

        public bool TakeNext(out int node, out bool stuck)
        {
            if (_free.TryDequeue(out int position))
            {
                (node, stuck) = (_members[position], false);
                return true;
            }

            while (_waiting.TryDequeue(out position, out (int Rank, int Open, int Position) key))
            {
                if (_done[position] || key != Key(position)) continue;
                (node, stuck) = (_members[position], true);
                return true;
            }

            (node, stuck) = (-1, false);
            return false;
        }

        public IEnumerable<DependencyGraph.Edge> OpenEdges(int node) =>
            _edges[_positionOf[node]].Where(edge => !_done[_positionOf[edge.To]]);

        public void Done(int node)
        {
            int position = _positionOf[node];
            _done[position] = true;
            foreach (int dependant in _dependants[position])
            {
                if (_done[dependant]) continue;
                _open[dependant]--;
                Queue(dependant);
            }
        }

        private void Queue(int position)
        {
            if (_open[position] == 0) _free.Enqueue(position);
            else _waiting.Enqueue(position, Key(position));
        }

        /// <summary>Edges are sorted hardest first, so the first open one is the hardest.</summary>
        private (int Rank, int Open, int Position) Key(int position)
        {
            DependencyGraph.Edge[] edges = _edges[position];
            while (_hardest[position] < edges.Length && _done[_positionOf[edges[_hardest[position]].To]]) _hardest[position]++;
            return (_hardest[position] < edges.Length ? edges[_hardest[position]].Rank : 0, _open[position], position);
        }

        private DependencyGraph.Edge[] Inside(int node, int[] component)
        {
            List<DependencyGraph.Edge> inside = [];
            foreach (DependencyGraph.Edge edge in _graph.From(node))
                if (component[edge.To] == component[node])
                    inside.Add(edge);
            inside.Sort(static (left, right) => left.Rank != right.Rank ? right.Rank.CompareTo(left.Rank) : left.To.CompareTo(right.To));
            return [.. inside];
        }
    }
}
