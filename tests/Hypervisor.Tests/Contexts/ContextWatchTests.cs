using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Contexts;

namespace Sirsi.Hypervisor.Tests.Contexts;

public sealed class ContextWatchTests
{
    /// <summary>Reads a watch in the background, one change whenever it is let to.</summary>
    private sealed class Watching
    {
        public List<ContextEntry> Seen { get; } = [];

        /// <summary>Null while it goes on; "over", or the error's code.</summary>
        public string? End { get; private set; }

        public static Watching Begin(World world, string prefix = "", long? from = null, Func<Task>? beforeEach = null, CancellationToken cancellation = default)
        {
            var watching = new Watching();
            SessionContext context = world.Session.Context;
            _ = world.Machine.Environment.Executor.RunAsync(async () =>
            {
                try
                {
                    await foreach (ContextEntry entry in context.WatchAsync(prefix, from, cancellation))
                    {
                        watching.Seen.Add(entry);
                        if (beforeEach is not null) await beforeEach();
                    }

                    watching.End = "over";
                }
                catch (HypervisorException failure)
                {
                    watching.End = failure.Code.ToString();
                }
                catch (OperationCanceledException)
                {
                    watching.End = "cancelled";
                }
            });
            world.Machine.RunUntilIdle();
            return watching;
        }
    }

    [Fact]
    public void A_watcher_sees_every_change_once_and_in_order_whenever_it_begins_and_however_slow_it_is_or_is_told_that_it_fell_behind()
    {
        Check.That(seed: 63, runs: 60, random =>
        {
            var options = new ContextOptions { WatchWaitingMax = random.Next(1, 40), RecentMax = random.Next(0, 40) };
            var world = new World(random.Next(), StepOrder.Seeded, World.Kept with { Context = options }, Shared.Allowing);
            var agents = new List<Agent>();
            for (int i = random.Next(1, 4); i > 0; i--) agents.Add(world.SpawnSharing(() => new Behaving(Shared.IncrementAsync), Shared.Durable));
            var watches = new List<(Watching Watching, string Prefix, long? From)>();
            for (int round = random.Next(2, 6); round > 0; round--)
            {
                string prefix = random.Next(2) == 0 ? "" : "k/1";
                long revision = world.Session.Context.Revision;
                long? from = random.Next(2) == 0 ? null : random.NextInt64(1, revision + 2);
                int pauses = random.Next(0, 20);
                watches.Add((Watching.Begin(world, prefix, from, async () =>
                {
                    for (int i = 0; i < pauses; i++) await Task.Yield();
                }), prefix, from));
                foreach (Agent agent in agents)
                {
                    for (int i = random.Next(0, 10); i > 0; i--)
                    {
                        string key = $"k/{random.Next(1, 3)}";
                        _ = world.Machine.Environment.Executor.RunAsync(() => agent.TellAsync(key, default).AsTask());
                    }
                }

                if (random.Next(3) == 0) world.Delete("k/1");
                int steps = random.Next(0, 300);
                world.Machine.Run(async () =>
                {
                    for (int i = 0; i < steps; i++) await Task.Yield();
                });
            }

            world.Machine.RunUntilIdle();
            var all = new SortedDictionary<long, string>();
            foreach (string key in (string[])["k/1", "k/2"])
                foreach (ContextEntry entry in world.Session.Context.History(key)) all[entry.Revision] = $"{entry.Key} {entry.Version}";
            foreach ((Watching watching, string prefix, long? asked) in watches)
            {
                Assert.True(watching.End is null or "SIRSI-3111", watching.End);
                long[] revisions = [.. watching.Seen.Select(static entry => entry.Revision)];
                Assert.Equal(revisions.Distinct().Order(), revisions);
                Assert.All(watching.Seen, entry => Assert.StartsWith(prefix, entry.Key, StringComparison.Ordinal));
                // One that was to begin with what comes begins with what it sees first.
                long from = asked ?? revisions.FirstOrDefault(long.MaxValue);
                // What is known of the time between its first and its last, or until now, it has seen.
                long until = watching.End is null ? long.MaxValue : revisions.LastOrDefault(from - 1);
                Assert.Equal(
                    all.Where(change => change.Key >= from && change.Key <= until && change.Value.StartsWith(prefix, StringComparison.Ordinal)).Select(static change => $"{change.Key} {change.Value}"),
                    watching.Seen.Where(entry => all.ContainsKey(entry.Revision)).Select(static entry => $"{entry.Revision} {entry.Key} {entry.Version}"));
            }
        });
    }

    [Fact]
    public void One_that_begins_in_the_past_misses_nothing_also_over_a_restart_and_a_checkpoint()
    {
        var world = new World(options: World.Kept with { Context = new ContextOptions { HistoryMax = 1 } }, session: Shared.Allowing);
        for (int i = 1; i <= 10; i++) world.Put("k", $"{i}");
        world.Machine.Run(world.Host.CheckpointAsync);
        world.Put("other", "x");
        world = world.Restart(static _ => { });
        Watching watching = Watching.Begin(world, "k", 4);
        world.Put("k", "11");
        world.Machine.RunUntilIdle();
        Assert.Equal(["4", "5", "6", "7", "8", "9", "10", "11"], watching.Seen.Select(static entry => World.Text(entry.Value)));
    }

    [Fact]
    public void It_is_told_what_it_can_be_told_before_it_is_told_that_it_fell_behind()
    {
        var world = new World(options: new AgentHostOptions { Context = new ContextOptions { WatchWaitingMax = 3, RecentMax = 5 } });
        var gate = new TaskCompletionSource();
        Watching slow = Watching.Begin(world, beforeEach: () => gate.Task);
        for (int i = 1; i <= 8; i++) world.Put("k", $"{i}");
        world.Machine.RunUntilIdle();
        Assert.Single(slow.Seen);
        world.Machine.Environment.Executor.Post(_ => gate.TrySetResult(), null);
        world.Machine.RunUntilIdle();
        Assert.Equal("SIRSI-3111", slow.End);
        Assert.Equal([1, 2, 3, 4], slow.Seen.Select(static entry => entry.Revision));
        Assert.Equal("SIRSI-3111", Watching.Begin(world, from: 3).End);
        Assert.Equal([4, 5, 6, 7, 8], Watching.Begin(world, from: 4).Seen.Select(static entry => entry.Revision));
        Assert.Empty(Watching.Begin(world, from: 20).Seen);
    }

    [Fact]
    public void It_ends_with_its_session_with_the_host_and_when_it_is_cancelled()
    {
        var world = new World(options: World.Kept with { Context = new ContextOptions { WatchesMax = 3 } });
        using var cancellation = new CancellationTokenSource();
        Watching[] watches = [Watching.Begin(world), Watching.Begin(world, cancellation: cancellation.Token), Watching.Begin(world)];
        Assert.Equal("SIRSI-3001", Watching.Begin(world).End);
        world.Machine.Environment.Executor.Post(_ => cancellation.Cancel(), null);
        world.Machine.RunUntilIdle();
        Assert.Equal([null, "cancelled", null], watches.Select(static watch => watch.End));
        Watching again = Watching.Begin(world);
        world.Machine.Run(() => world.Session.CloseAsync("for the test"));
        world.Machine.RunUntilIdle();
        Assert.Equal(["over", "over", "over"], new[] { watches[0], watches[2], again }.Select(static watch => watch.End));
        var other = new World(options: World.Kept);
        Watching last = Watching.Begin(other);
        other.Machine.Run(() => other.Host.StopAsync());
        other.Machine.RunUntilIdle();
        Assert.Equal("over", last.End);
    }
}
