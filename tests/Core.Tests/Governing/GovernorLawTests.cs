using Sirsi.Core.Governing;
using Sirsi.Core.Hosting;

namespace Sirsi.Core.Tests.Governing;

/// <summary>Random trees, random calls: whatever the interleaving, these hold after every step.</summary>
public sealed class GovernorLawTests
{
    [Fact]
    public void Limits_order_and_counts_hold_in_every_interleaving() => Check.That(seed: 11, runs: 300, static random =>
    {
        var world = new World(random);
        for (int step = 0; step < 120; step++)
        {
            world.Step();
            world.CheckInvariants();
        }

        world.Settle();
    });

    private sealed class Node
    {
        public required ResourceGovernor Governor { get; init; }

        public required Node? Parent { get; init; }

        public required GovernorOptions Options { get; init; }

        public bool Paused { get; set; }

        public int Requests { get; set; }

        /// <summary>Arrival numbers that wait, by priority.</summary>
        public List<int>[] Waiting { get; } = [[], [], [], []];

        public IEnumerable<Node> Up()
        {
            for (Node? node = this; node is not null; node = node.Parent) yield return node;
        }
    }

    private sealed class World
    {
        private readonly Random _random;
        private readonly DeterministicHost _host;
        private readonly List<Node> _nodes = [];
        private readonly List<(Node Node, OperationPermit Permit)> _held = [];
        private readonly List<CancellationTokenSource> _cancellations = [];
        private readonly bool _rated;
        private int _arrivals;

        public World(Random random)
        {
            _random = random;
            _host = new DeterministicHost(random.Next(), random.Next(2) == 0 ? StepOrder.Seeded : StepOrder.Arrival);
            _rated = random.Next(2) == 0;
            GovernorOptions options = Options() with { DeterministicSeed = random.Next(3) == 0 ? random.Next() : null };
            _nodes.Add(new Node { Governor = new("root", options, _host.Environment), Parent = null, Options = options });
            for (int i = random.Next(1, 9); i > 0; i--)
            {
                Node parent = _nodes[random.Next(_nodes.Count)];
                GovernorOptions child = Options();
                _nodes.Add(new Node { Governor = parent.Governor.CreateChild($"{i}", child), Parent = parent, Options = child });
            }
        }

        public void Step()
        {
            Node node = _nodes[_random.Next(_nodes.Count)];
            switch (_random.Next(10))
            {
                case 0 or 1 or 2 or 3:
                    Request(node);
                    break;
                case 4 or 5 or 6 when _held.Count > 0:
                    Release(_random.Next(_held.Count));
                    break;
                case 7 when _cancellations.Count > 0:
                    _cancellations[_random.Next(_cancellations.Count)].Cancel();
                    break;
                case 8:
                    node.Paused = _random.Next(2) == 0;
                    if (node.Paused) node.Governor.Pause();
                    else node.Governor.Resume();
                    break;
                default:
                    _host.Advance(TimeSpan.FromMilliseconds(_random.Next(200)));
                    break;
            }

            if (_random.Next(2) == 0) _host.RunUntilIdle();
        }

        public void CheckInvariants()
        {
            foreach (Node node in _nodes)
            {
                GovernorStatistics statistics = node.Governor.Statistics();
                Assert.InRange(statistics.InFlight, 0, node.Options.PermitsMax);
                int requests = _nodes.Where(below => below.Up().Contains(node)).Sum(static below => below.Requests);
                Assert.Equal(requests, statistics.Total + statistics.Waiting + statistics.Cancelled + statistics.Refused);
                Assert.Equal(statistics.Waiting, statistics.ByKind.Sum(static kind => kind.Waiting));
                Assert.Equal(statistics.InFlight, statistics.ByKind.Sum(static kind => kind.InFlight));
                Assert.InRange(statistics.Throttled, 0, statistics.Total);
            }

            if (!_rated) NobodyWaitsWithoutCause();
        }

        /// <summary>Lets everything go: all who still wait get their turn.</summary>
        public void Settle()
        {
            foreach (Node node in _nodes)
            {
                node.Paused = false;
                node.Governor.Resume();
            }

            for (int round = 0; round < 5_000 && _nodes[0].Governor.Statistics() is { Waiting: > 0 } or { InFlight: > 0 }; round++)
            {
                _host.Advance(TimeSpan.FromMilliseconds(100));
                while (_held.Count > 0) Release(_held.Count - 1);
            }

            _host.RunUntilIdle();
            GovernorStatistics statistics = _nodes[0].Governor.Statistics();
            Assert.Equal((0, 0), (statistics.Waiting, statistics.InFlight));
            Assert.All(_nodes, static node => Assert.All(node.Waiting, Assert.Empty));
        }

        /// <summary>No wake-up is lost: above everyone who waits something is full or paused.</summary>
        private void NobodyWaitsWithoutCause()
        {
            foreach (Node node in _nodes)
            {
                int below = _nodes.Where(other => other.Parent == node).Sum(static other => other.Governor.Statistics().Waiting);
                if (node.Governor.Statistics().Waiting == below) continue;
                Assert.Contains(node.Up(), static at => at.Paused || at.Governor.Statistics().InFlight == at.Options.PermitsMax);
            }
        }

        private void Request(Node node)
        {
            var priority = (OperationPriority)_random.Next(4);
            OperationKind kind = _random.Next(2) == 0 ? OperationKind.Compute : OperationKind.Storage;
            var cancellation = new CancellationTokenSource();
            _cancellations.Add(cancellation);
            int arrival = _arrivals++;
            node.Requests++;
            node.Waiting[(int)priority].Add(arrival);
            // Called here and not on the executor, so that arrivals have the order of the calls whatever order the host runs in.
            ValueTask<OperationPermit> acquiring = node.Governor.AcquireAsync(kind, priority, cancellation.Token);
            if (acquiring.IsCompletedSuccessfully) Granted(node, priority, arrival, acquiring.Result);
            else _ = _host.Environment.Executor.RunAsync(() => ReceiveAsync(acquiring, node, priority, arrival));
        }

        private async Task ReceiveAsync(ValueTask<OperationPermit> acquiring, Node node, OperationPriority priority, int arrival)
        {
            try
            {
                OperationPermit permit = await acquiring;
                Granted(node, priority, arrival, permit);
            }
            catch (OperationCanceledException)
            {
                node.Waiting[(int)priority].Remove(arrival);
            }
        }

        private readonly Dictionary<(Node Node, OperationPriority Priority), List<(long Sequence, int Arrival)>> _grants = [];

        /// <summary>Grants are numbered when they are made, so the order holds even where the host shuffles who hears of it first.</summary>
        private void Granted(Node node, OperationPriority priority, int arrival, OperationPermit permit)
        {
            Assert.True(node.Waiting[(int)priority].Remove(arrival));
            if (!_grants.TryGetValue((node, priority), out List<(long Sequence, int Arrival)>? grants)) _grants[(node, priority)] = grants = [];
            Assert.DoesNotContain(grants, earlier => earlier.Sequence < permit.Sequence != earlier.Arrival < arrival);
            grants.Add((permit.Sequence, arrival));
            _held.Add((node, permit));
        }

        private void Release(int index)
        {
            (_, OperationPermit permit) = _held[index];
            _held.RemoveAt(index);
            permit.Dispose();
            if (_random.Next(4) == 0) permit.Dispose();
        }

        private GovernorOptions Options() => new()
        {
            PermitsMax = _random.Next(3) == 0 ? 1_000 : _random.Next(1, 4),
            IoOperationsPerSecondMax = _rated && _random.Next(2) == 0 ? _random.Next(1, 30) : null,
        };
    }
}
