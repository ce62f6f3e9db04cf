namespace Sirsi.Migration.Planning;

/// <summary>
/// Strongly connected components by Tarjan's algorithm (SIAM Journal on Computing 1, 1972), with a stack of its own instead of calls:
/// a chain of a million nodes needs no deep call stack. Linear in nodes and edges.
/// </summary>
internal static class StronglyConnected
{
    /// <summary>
    /// The component of each node, and how many there are. Components are numbered so that an edge leads to an equal or lower number.
    /// </summary>
    public static (int[] Component, int Count) Of(DependencyGraph graph)
    {
        var search = new Search(graph);
        for (int node = 0; node < graph.Count; node++) search.From(node);
        return (search.Component, search.Count);
    }

    private sealed class Search(DependencyGraph graph)
    {
        private readonly int[] _index = new int[graph.Count];
        private readonly int[] _low = new int[graph.Count];
        private readonly int[] _next = new int[graph.Count];
        private readonly Stack<int> _open = [];
        private readonly Stack<int> _path = [];
        private int _found;

        public int[] Component { get; } = Unassigned(graph.Count);

        public int Count { get; private set; }

        public void From(int root)
        {
            if (_index[root] != 0) return;
            Enter(root);
            while (_path.TryPeek(out int node))
            {
                ReadOnlySpan<DependencyGraph.Edge> edges = graph.From(node);
                if (_next[node] < edges.Length)
                {
                    int to = edges[_next[node]++].To;
                    if (_index[to] == 0) Enter(to);
                    else if (Component[to] < 0) _low[node] = Math.Min(_low[node], _index[to]);
                    continue;
                }

                _path.Pop();
                if (_path.TryPeek(out int parent)) _low[parent] = Math.Min(_low[parent], _low[node]);
                if (_low[node] == _index[node]) Close(node);
            }
        }

        private void Enter(int node)
        {
            _index[node] = _low[node] = ++_found;
            _open.Push(node);
            _path.Push(node);
        }

        private void Close(int root)
        {
            int member;
            do
            {
                member = _open.Pop();
                Component[member] = Count;
            }
            while (member != root);
            Count++;
        }

        private static int[] Unassigned(int count)
        {
            var component = new int[count];
            Array.Fill(component, -1);
            return component;
        }
    }
}
