using System.Globalization;
using System.Text;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Embedded;
using Sirsi.Bus.Events;
using Sirsi.Bus.Publishing;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;

namespace Sirsi.Bus.Tests.Embedded;

/// <summary>Whatever the disk and the power do: what was acknowledged to a publisher is delivered, and what was remembered as done is not delivered again.</summary>
public sealed class RecoveryLaws
{
    [Fact]
    public void Losses_of_power_cost_nothing_acknowledged() =>
        Check.That(seed: 20_261_126, runs: 60, static random => new Story(random, default).Run());

    [Fact]
    public void A_disk_that_fails_at_times_costs_nothing_acknowledged() =>
        Check.That(seed: 20_261_127, runs: 60, static random => new Story(random, new DiskFaults(Full: 0.02, WriteFails: 0.01, FlushFails: 0.01)).Run());

    [Fact, Trait("Suite", "full")]
    public void The_same_on_very_many_seeds()
    {
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        Check.That(seed, runs: 2_000, static random => new Story(random, new DiskFaults(random.Next(3) * 0.02, random.Next(3) * 0.01, random.Next(3) * 0.01)).Run());
    }

    /// <summary>A few lives of one bus, each ended by the power or in peace.</summary>
    private sealed class Story(Random random, DiskFaults faults)
    {
        private const int Keys = 5;

        private static readonly TopicScope Scope = new("tenant", "project");

        private readonly DeterministicHost _host = new(random.Next(), StepOrder.Seeded);
        private readonly HashSet<int> _published = [];
        private readonly Dictionary<int, Id<EventKind>> _unsure = [];
        private readonly HashSet<int> _acknowledged = [];
        private readonly HashSet<int> _remembered = [];
        private FaultyDisk _disk = null!;
        private int _next;

        public void Run()
        {
            _disk = new FaultyDisk(_host.Environment.Executor, random.Next());
            for (int life = random.Next(1, 5); life > 0; life--) _host.Run(LiveAsync);
            _disk.Faults = default;
            _host.Run(LastLifeAsync);
        }

        private EventBus Open()
        {
            HostEnvironment environment = _host.Environment with { Files = _disk };
            var driver = new EmbeddedBusDriver(new EmbeddedBusOptions { Folder = "bus" }, environment);
            return new EventBus(driver, new BusOptions { Log = new() { Partitions = 3 } }, environment);
        }

        private async Task LiveAsync()
        {
            _disk.Faults = faults;
            if (random.Next(4) > 0) _disk.PowerGoesAfter = random.Next(1, 120);
            Task publishing = Task.CompletedTask;
            try
            {
                await using EventBus bus = Open();
                publishing = _host.Environment.Executor.RunAsync(() => PublishAsync(bus));
                await using EventConsumer consumer = await bus.JoinAsync(Group());
                await publishing;
                await ConsumeAsync(consumer);
                if (random.Next(2) == 0) _disk.LosePower();
            }
            catch (BusException)
            {
                // The disk refused it while it was opened.
            }

            await publishing;
            _disk.LosePower();
        }

        private async Task PublishAsync(EventBus bus)
        {
            for (int i = random.Next(20); i > 0; i--)
            {
                int number = _next++;
                Id<EventKind> id = _host.Environment.Ids.Next<EventKind>();
                _unsure.Add(number, id);
                try
                {
                    await bus.PublishAsync(Message(number, id));
                    _unsure.Remove(number);
                    _published.Add(number);
                }
                catch (Exception failure) when (failure is BusException or ObjectDisposedException)
                {
                    // It may or may not be there.
                }
            }
        }

        private async Task ConsumeAsync(EventConsumer consumer)
        {
            var buffer = new Delivery[8];
            List<int> acknowledged = [];
            for (int round = random.Next(8); round > 0; round--)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), _host.Environment.Time);
                int count = consumer.TryReceive(buffer);
                for (int i = 0; i < count; i++)
                {
                    int number = NumberOf(buffer[i]);
                    Assert.DoesNotContain(number, _remembered);
                    if (random.Next(3) > 0 && consumer.Acknowledge(buffer[i])) acknowledged.Add(number);
                }

                _acknowledged.UnionWith(acknowledged);
                if (random.Next(2) > 0) continue;
                int[] told = [.. acknowledged];
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1), _host.Environment.Time);
                try
                {
                    await consumer.FlushAsync(patience.Token);
                    _remembered.UnionWith(told);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }

        private async Task LastLifeAsync()
        {
            await using EventBus bus = Open();
            // What failed is published again under its id: it is there once, whether it was stored the first time or not.
            foreach ((int number, Id<EventKind> id) in _unsure) await bus.PublishAsync(Message(number, id));
            HashSet<int> left = [.. Enumerable.Range(0, _next).Except(_acknowledged)];
            Assert.Subset(_unsure.Keys.ToHashSet(), left.Except(_published).ToHashSet());
            await using EventConsumer consumer = await bus.JoinAsync(Group());
            var buffer = new Delivery[8];
            List<int> delivered = [];
            Dictionary<string, int> last = [];
            while (true)
            {
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1), _host.Environment.Time);
                int count;
                try
                {
                    count = await consumer.ReceiveAsync(buffer, patience.Token);
                }
                catch (OperationCanceledException)
                {
                    break;
                }

                for (int i = 0; i < count; i++)
                {
                    int number = NumberOf(buffer[i]);
                    delivered.Add(number);
                    Assert.DoesNotContain(number, _remembered);
                    Assert.True(consumer.Acknowledge(buffer[i]));
                    if (!_unsure.ContainsKey(number)) Assert.True(number > last.GetValueOrDefault(buffer[i].Event.Key, -1));
                    if (!_unsure.ContainsKey(number)) last[buffer[i].Event.Key] = number;
                }
            }

            Assert.Equal(delivered.Count, delivered.Distinct().Count());
            static string List(IEnumerable<int> numbers) => string.Join(", ", numbers.Order());
            Assert.True(left.IsSubsetOf(delivered), $"left {List(left)}; delivered {List(delivered)}; unsure {List(_unsure.Keys)}; acknowledged {List(_acknowledged)}; remembered {List(_remembered)}; {consumer.Statistics}; {await bus.StatusAsync(new LogName(Scope, "work"), "g")}");
        }

        private static GroupOptions Group() => new() { Name = "g", Filter = new EventFilter(Scope, "work.>"), AttemptsMax = 1_000 };

        private static EventMessage Message(int number, Id<EventKind> id) => new()
        {
            Scope = Scope,
            Subject = "work.done",
            Key = $"{number % Keys}",
            Id = id,
            Payload = Encoding.UTF8.GetBytes($"{number}"),
        };

        private static int NumberOf(Delivery delivery) => int.Parse(Encoding.UTF8.GetString(delivery.Event.Payload), CultureInfo.InvariantCulture);
    }
}
