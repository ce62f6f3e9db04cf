using Sirsi.Clouds.Estates;

namespace Sirsi.Migration.Planning;

/// <summary>
/// Puts nodes into waves. What belongs together (both ends of a relation that says so, outside the foundation) forms a cluster; clusters
/// that wait for each other are joined, so that clusters have an order; they are taken in that order, foundation first and application by
/// application, and fill wave after wave. A wave is therefore closed: what its nodes depend on lies in it or before it.
/// </summary>
internal sealed class WaveBuilder
{
    private readonly DependencyGraph _graph;
    private readonly Estate _estate;
    private readonly int _sizeMax;
    private readonly int[] _parent;

    private WaveBuilder(DependencyGraph graph, Estate estate, int sizeMax)
    {
        (_graph, _estate, _sizeMax) = (graph, estate, sizeMax);
        _parent = new int[graph.Count];
        for (int node = 0; node < graph.Count; node++) _parent[node] = node;
    }

    /// <summary>The nodes of each wave, ascending. The graph must be acyclic.</summary>
    public static List<int[]> Build(DependencyGraph graph, Estate estate, int sizeMax)
    {
        var builder = new WaveBuilder(graph, estate, sizeMax);
        builder.JoinWhatBelongsTogether();
        builder.JoinWhatWaitsForEachOther();
        return builder.Fill();
    }

    private KindTimes TimesOf(int node) => KindTimes.Of(_estate.Resources[_graph.Resources[node]].Kind);

    private void JoinWhatBelongsTogether()
    {
        // What many use (a shared database, a central bus) moves before them and does not chain them all into one wave.
        int usersMax = Math.Max(4, _sizeMax / 2);
        var users = new int[_graph.Count];
        var isWork = new bool[_graph.Count];
        for (int node = 0; node < _graph.Count; node++) isWork[node] = TimesOf(node).Stage is Stage.Work;
        for (int node = 0; node < _graph.Count; node++)
            foreach (DependencyGraph.Edge edge in _graph.From(node))
                if (edge.Together && isWork[node])
                    users[edge.To]++;
        for (int node = 0; node < _graph.Count; node++)
            foreach (DependencyGraph.Edge edge in _graph.From(node))
                if (edge.Together && isWork[node] && isWork[edge.To] && users[edge.To] <= usersMax)
                    Join(node, edge.To);
    }

    private void JoinWhatWaitsForEachOther()
    {
        (DependencyGraph clusters, int[] clusterOf) = Clusters();
        (int[] component, int count) = StronglyConnected.Of(clusters);
        if (count == clusters.Count) return;
        var first = new int[count];
        Array.Fill(first, -1);
        for (int node = 0; node < _graph.Count; node++)
        {
            ref int known = ref first[component[clusterOf[node]]];
            if (known < 0) known = node;
            else Join(known, node);
        }
    }

    private List<int[]> Fill()
    {
        (DependencyGraph clusters, int[] clusterOf) = Clusters();
        Cluster[] described = Describe(clusters, clusterOf);
        List<List<int>> waves = [];
        Stage stage = Stage.Foundation;
        foreach (int cluster in InOrder(clusters, described))
        {
            bool leavesFoundation = stage is Stage.Foundation && described[cluster].Key.Stage is not Stage.Foundation;
            if (waves.Count == 0 || leavesFoundation || waves[^1].Count + described[cluster].Nodes.Count > _sizeMax) waves.Add([]);
            if (leavesFoundation) stage = described[cluster].Key.Stage;
            waves[^1].AddRange(described[cluster].Nodes);
        }

        return [.. waves.Select(static wave => wave.Order().ToArray())];
    }

    private (DependencyGraph Clusters, int[] ClusterOf) Clusters()
    {
        var clusterOf = new int[_graph.Count];
        int count = 0;
        for (int node = 0; node < _graph.Count; node++)
            clusterOf[node] = Root(node) == node ? count++ : clusterOf[Root(node)];
        return (DependencyGraph.Of(new int[count], Between(clusterOf)), clusterOf);
    }

    private IEnumerable<(int From, DependencyGraph.Edge Edge)> Between(int[] clusterOf)
    {
        for (int node = 0; node < _graph.Count; node++)
        {
            int count = _graph.From(node).Length;
            for (int at = 0; at < count; at++)
            {
                DependencyGraph.Edge edge = _graph.From(node)[at];
                if (clusterOf[node] != clusterOf[edge.To]) yield return (clusterOf[node], edge with { To = clusterOf[edge.To] });
            }
        }
    }

    private Cluster[] Describe(DependencyGraph clusters, int[] clusterOf)
    {
        var described = new Cluster[clusters.Count];
        for (int node = 0; node < _graph.Count; node++)
        {
            Resource resource = _estate.Resources[_graph.Resources[node]];
            KindTimes times = KindTimes.Of(resource.Kind);
            string application = times.Stage is Stage.Foundation ? "" : Applications.Of(resource);
            ref Cluster cluster = ref described[clusterOf[node]];
            cluster = cluster is null
                ? new Cluster([node], new ClusterKey(times.Stage, application, times.Order, node))
                : cluster.With(node, times, application);
        }

        WatchWithTheWatched(clusters, described);
        return described;
    }

    /// <summary>An alarm moves right after what it watches, not at the end of all.</summary>
    private static void WatchWithTheWatched(DependencyGraph clusters, Cluster[] described)
    {
        for (int cluster = 0; cluster < described.Length; cluster++)
        {
            if (described[cluster].Key.Stage is not Stage.Watch) continue;
            foreach (DependencyGraph.Edge edge in clusters.From(cluster))
            {
                if (described[edge.To].Key is not { Stage: Stage.Work } watched) continue;
                described[cluster] = described[cluster] with
                {
                    Key = described[cluster].Key with { Stage = Stage.Work, Application = watched.Application },
                };
                break;
            }
        }
    }

    private static IEnumerable<int> InOrder(DependencyGraph clusters, Cluster[] described)
    {
        var waitsFor = new int[clusters.Count];
        var dependants = new List<int>?[clusters.Count];
        var ready = new PriorityQueue<int, ClusterKey>(ClusterKey.BySequence);
        for (int cluster = 0; cluster < clusters.Count; cluster++)
        {
            waitsFor[cluster] = clusters.From(cluster).Length;
            foreach (DependencyGraph.Edge edge in clusters.From(cluster)) (dependants[edge.To] ??= []).Add(cluster);
            if (waitsFor[cluster] == 0) ready.Enqueue(cluster, described[cluster].Key);
        }

        while (ready.TryDequeue(out int cluster, out _))
        {
            yield return cluster;
            foreach (int dependant in dependants[cluster] ?? [])
                if (--waitsFor[dependant] == 0)
                    ready.Enqueue(dependant, described[dependant].Key);
        }
    }

    private int Root(int node)
    {
        while (_parent[node] != node) node = _parent[node] = _parent[_parent[node]];
        return node;
    }

    /// <summary>The lower root stays, so that a cluster is named by its first node whatever the order of joining.</summary>
    private void Join(int left, int right)
    {
        (left, right) = (Root(left), Root(right));
        if (left < right) _parent[right] = left;
        else _parent[left] = right;
    }

    private sealed record Cluster(List<int> Nodes, ClusterKey Key)
    {
        public Cluster With(int node, KindTimes times, string application)
        {
            Nodes.Add(node);
            return this with
            {
                Key = Key with
                {
                    Stage = (Stage)Math.Min((int)Key.Stage, (int)times.Stage),
                    Application = Key.Application.Length == 0 ? application : Key.Application,
                    Order = Math.Min(Key.Order, times.Order),
                },
            };
        }
    }

    /// <summary>What decides between clusters that are ready.</summary>
    private readonly record struct ClusterKey(Stage Stage, string Application, int Order, int First)
    {
        public static IComparer<ClusterKey> BySequence { get; } =
            Comparer<ClusterKey>.Create(static (left, right) => left.CompareTo(right));

        private int CompareTo(ClusterKey other) =>
            Stage != other.Stage ? Stage.CompareTo(other.Stage)
            : string.CompareOrdinal(Application, other.Application) is var byApplication and not 0 ? byApplication
            : Order != other.Order ? Order.CompareTo(other.Order)
            : First.CompareTo(other.First);
    }
}
