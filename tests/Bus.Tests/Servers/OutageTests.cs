using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Bus.Publishing;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;

namespace Sirsi.Bus.Tests.Servers;

/// <summary>
/// What holds when servers and connections fail: nothing acknowledged is lost, no key comes out of order, and everybody goes on by himself. A publisher publishes again, under the
/// same id, until it is told that the event is there; consumers acknowledge all.
/// </summary>
[Trait("Suite", "slow")]
public abstract class OutageTests
{
    private const int Keys = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TopicScope Scope = new("tenant", "outage");

    /// <summary>How long a lease is in these tests, where there are leases.</summary>
    protected static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    /// <summary>Looks at the attempt with which an event comes that was delivered once to a member that died.</summary>
    protected virtual void AttemptIsRight(int attempt) => Assert.Equal(2, attempt);

    /// <summary>How long all goes well before harm is done.</summary>
    protected virtual TimeSpan Calm => TimeSpan.FromMilliseconds(500);

    /// <summary>A server of this test's own.</summary>
    private protected abstract Task<RealServer> StartAsync();

    protected abstract BusDriver CreateDriver(string address);

    [Fact]
    public async Task All_goes_on_after_the_server_was_killed_and_started_again()
    {
        await using RealServer server = await StartAsync();
        await RunAsync(server.Address, async () =>
        {
            await server.KillAsync();
            await Task.Delay(TimeSpan.FromSeconds(1));
            await server.StartAsync();
        });
    }

    [Fact]
    public async Task All_goes_on_after_the_server_has_halted_for_longer_than_a_lease()
    {
        await using RealServer server = await StartAsync();
        await RunAsync(server.Address, async () =>
        {
            await server.HaltAsync();
            await Task.Delay(Lease + TimeSpan.FromSeconds(1));
            await server.ContinueAsync();
        });
    }

    [Fact]
    public async Task All_goes_on_after_connections_were_cut_in_the_middle_of_a_batch()
    {
        await using RealServer server = await StartAsync();
        await using var proxy = new TcpProxy(server.Address);
        await RunAsync(proxy.Address, async () =>
        {
            for (int i = 0; i < 5; i++)
            {
                proxy.CutAfter(20_000);
                await Task.Delay(TimeSpan.FromMilliseconds(300));
            }
        });
    }

    [Fact]
    public async Task A_member_that_dies_without_a_goodbye_is_replaced()
    {
        await using RealServer server = await StartAsync();
        await using var proxy = new TcpProxy(server.Address);
        await using EventBus dying = Bus(proxy.Address), living = Bus(server.Address);
        EventConsumer dead = await JoinAsync(dying);
        for (int i = 0; i < 40; i++) await living.PublishAsync(Message($"k{i}", 0));
        var held = new Delivery[40];
        int count = 0;
        while (count < 40) count += await dead.ReceiveAsync(held.AsMemory(count)).AsTask().WaitAsync(Patience);
        Assert.Equal(10, dead.Acknowledge(held.AsSpan(0, 10)));
        await dead.FlushAsync().AsTask().WaitAsync(Patience);
        await using EventConsumer heir = await JoinAsync(living);
        proxy.Close();
        Dictionary<string, int> attempts = [];
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new Delivery[64];
        while (attempts.Count < 30)
        {
            int some = await heir.ReceiveAsync(buffer, patience.Token);
            foreach (Delivery delivery in buffer.AsSpan(0, some)) attempts[delivery.Event.Key] = delivery.Attempt;
            heir.Acknowledge(buffer.AsSpan(0, some));
        }

        Assert.Equal(held.Skip(10).Select(static delivery => delivery.Event.Key).Order(), attempts.Keys.Order());
        Assert.All(attempts.Values, AttemptIsRight);
        await dead.DisposeAsync();
    }

    [Fact]
    public async Task Who_waits_is_told_that_the_server_is_away_until_it_is_back()
    {
        await using RealServer server = await StartAsync();
        await using EventBus bus = Bus(server.Address);
        await using EventConsumer consumer = await JoinAsync(bus);
        await DoOneAsync(bus, consumer);
        await Task.Delay(Calm);
        await server.KillAsync();
        await UntilAsync(() => consumer.Statistics.LastProblem?.Contains(server.Address, StringComparison.Ordinal) == true);
        await server.StartAsync();
        await UntilAsync(() => consumer.Statistics.LastProblem is null);
        await DoOneAsync(bus, consumer);
        Assert.Null(consumer.Statistics.LastProblem);
    }

    private EventBus Bus(string address) => new(
        CreateDriver(address), new BusOptions { Log = new LogOptions { DeduplicationWindow = TimeSpan.FromMinutes(5), RetentionBytes = 64 << 20 } }, HostEnvironment.Production);

    private static ValueTask<EventConsumer> JoinAsync(EventBus bus) =>
        bus.JoinAsync(new GroupOptions { Name = "g", Filter = new EventFilter(Scope, "task.>"), AttemptsMax = 1_000 });

    private static EventMessage Message(string key, int number) => new()
    {
        Scope = Scope,
        Subject = "task.run.ended",
        Key = key,
        Id = HostEnvironment.Production.Ids.Next<EventKind>(),
        Payload = Encoding.UTF8.GetBytes($"{number}"),
    };

    private static async Task UntilAsync(Func<bool> isSo, [CallerArgumentExpression(nameof(isSo))] string what = "")
    {
        DateTimeOffset end = DateTimeOffset.UtcNow + Patience;
        while (!isSo())
        {
            Assert.True(DateTimeOffset.UtcNow < end, $"It does not come to this: {what}");
            await Task.Delay(20);
        }
    }

    private static async Task DoOneAsync(EventBus bus, EventConsumer consumer)
    {
        await bus.PublishSurelyAsync(Message("k", 1));
        var buffer = new Delivery[1];
        Assert.Equal(1, await consumer.ReceiveAsync(buffer).AsTask().WaitAsync(Patience));
        Assert.True(consumer.Acknowledge(buffer[0]));
        await consumer.FlushAsync().AsTask().WaitAsync(Patience);
    }

    /// <summary>Publishes and consumes, does harm in the middle, and looks that all came, in order.</summary>
    private async Task RunAsync(string address, Func<Task> harm)
    {
        await using EventBus publishing = Bus(address), one = Bus(address), two = Bus(address);
        ConcurrentDictionary<string, int> last = new();
        ConcurrentQueue<string> disorder = new();
        using var stop = new CancellationTokenSource();
        await using EventConsumer a = await JoinAsync(one), b = await JoinAsync(two);
        Task[] consuming = [ConsumeAsync(a, last, disorder, stop.Token), ConsumeAsync(b, last, disorder, stop.Token)];
        int published = 0;
        bool isHarmDone = false;
        Task publish = Task.WhenAll(Enumerable.Range(0, Keys).Select(async key =>
        {
            for (int number = 1; number <= 50 || !Volatile.Read(ref isHarmDone); number++)
            {
                await publishing.PublishSurelyAsync(Message($"k{key}", number));
                Interlocked.Increment(ref published);
                lock (last) _expected[$"k{key}"] = number;
                await Task.Delay(5);
            }
        }));
        await Task.Delay(Calm);
        await harm();
        Volatile.Write(ref isHarmDone, true);
        await publish.WaitAsync(Patience);
        DateTimeOffset end = DateTimeOffset.UtcNow + Patience;
        while (!_expected.All(pair => last.GetValueOrDefault(pair.Key) == pair.Value))
        {
            Assert.True(DateTimeOffset.UtcNow < end, $"Not all came: {string.Join(", ", _expected.Where(pair => last.GetValueOrDefault(pair.Key) != pair.Value)
                .Select(pair => $"{pair.Key} {last.GetValueOrDefault(pair.Key)}/{pair.Value}"))}; {a.Statistics}; {b.Statistics}");
            await Task.Delay(20);
        }

        await stop.CancelAsync();
        await Task.WhenAll(consuming);
        Assert.Empty(disorder);
        Assert.True(published >= 50 * Keys);
        await AllIsDoneAsync(publishing, [a, b]);
    }

    private readonly Dictionary<string, int> _expected = [];

    private static async Task AllIsDoneAsync(EventBus bus, EventConsumer[] members)
    {
        foreach (EventConsumer member in members) await member.FlushAsync().AsTask().WaitAsync(Patience);
        DateTimeOffset end = DateTimeOffset.UtcNow + Patience;
        var buffer = new Delivery[256];
        while ((await bus.StatusAsync(new LogName(Scope, "task"), "g"))!.Lag is var lag && lag > 0)
        {
            Assert.True(DateTimeOffset.UtcNow < end, $"{lag} events are not done.");
            foreach (EventConsumer member in members)
            {
                int some = member.TryReceive(buffer);
                member.Acknowledge(buffer.AsSpan(0, some));
            }

            await Task.Delay(50);
        }
    }

    /// <summary>An event may come again, at least once is what is promised; but never one before its predecessor of the same key.</summary>
    private static async Task ConsumeAsync(EventConsumer consumer, ConcurrentDictionary<string, int> last, ConcurrentQueue<string> disorder, CancellationToken stop)
    {
        var buffer = new Delivery[64];
        while (!stop.IsCancellationRequested)
        {
            int some;
            try
            {
                some = await consumer.ReceiveAsync(buffer, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            foreach (Delivery delivery in buffer.AsSpan(0, some))
            {
                string key = delivery.Event.Key;
                int number = int.Parse(Encoding.UTF8.GetString(delivery.Event.Payload), System.Globalization.CultureInfo.InvariantCulture);
                last.AddOrUpdate(key, number, (_, before) =>
                {
                    if (number > before + 1) disorder.Enqueue($"{key}: {number} came after {before}");
                    return Math.Max(before, number);
                });
                consumer.Acknowledge(delivery);
            }
        }
    }
}
