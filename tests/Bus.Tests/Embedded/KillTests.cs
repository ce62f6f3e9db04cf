using System.Globalization;
using System.Text;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Embedded;
using Sirsi.Bus.Events;
using Sirsi.Bus.Publishing;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Embedded;

/// <summary>A real process publishes and consumes on a real disk and is killed at random moments, again and again over the same folder.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Publishers = 6;
    private const int KeysOfPublisher = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TopicScope Scope = new("acme", "web");
    private static readonly LogName[] Logs = [new(Scope, "work"), new(Scope, "trade")];

    [Fact, Trait("Suite", "slow")]
    public Task A_killed_process_loses_nothing_and_repeats_nothing_that_is_settled() => KillAsync(seed: 41, kills: 5);

    [Fact, Trait("Suite", "full")]
    public async Task Two_hundred_kills_lose_nothing_and_repeat_nothing_that_is_settled()
    {
        // After each kill the logs are read from their beginning: a new folder now and then keeps that short.
        int seed = Environment.TickCount;
        for (int folder = 0; folder < 10; folder++) await KillAsync(unchecked(seed + folder), kills: 20);
    }

    private async Task KillAsync(int seed, int kills)
    {
        var random = new Random(seed);
        var ledger = new KillLedger(Publishers, KeysOfPublisher);
        using var folder = new TemporaryFolder();
        int early = 0, torn = 0;
        BusRemains remains = null!;
        for (int kill = 0; kill < kills; kill++)
        {
            using DoomedProcess process = DoomedProcess.Start("CrashWriter", ["bus", folder.Path, $"{random.Next()}", .. ledger.FirstNumbers(random)]);
            bool isEarly = random.Next(5) == 0;
            if (isEarly) early++;
            else await process.UntilItSpeaksAsync();
            await Task.Delay(random.Next(1, 1_000));
            IReadOnlyList<string> lines = await process.KillAsync();
            await using EventBus bus = Open(folder.Path, () => torn++);
            remains = await ReadAsync(bus);
            ledger.Take(lines.Where(static line => line != "open"), remains);
            await AssertLagAsync(bus, ledger.Lag(remains));
        }

        await using (EventBus bus = Open(folder.Path, () => torn++)) ledger.Take(await EndAsync(bus), await ReadAsync(bus));
        output.WriteLine(
            $"seed {seed}: {kills} kills, {early} of them perhaps before the bus was open, {torn} torn ends; {ledger.Published} events published, {ledger.Received} deliveries, "
            + $"{ledger.Settled} settled, {remains.Letters.Count} dead letters");
        Assert.True(ledger.Settled > kills * 10 && remains.Letters.Count > kills, "Too little has happened.");
    }

    private static EventBus Open(string folder, Action torn)
    {
        var driver = new EmbeddedBusDriver(new EmbeddedBusOptions { Folder = folder }, HostEnvironment.Production) { Recovered = (_, _) => torn() };
        return new EventBus(driver, new BusOptions { Log = new() { Partitions = 4 } }, HostEnvironment.Production);
    }

    private static async Task<BusRemains> ReadAsync(EventBus bus)
    {
        int[] stored = new int[Publishers];
        foreach (LogName log in Logs)
        {
            await ReadAsync(bus, log, (name, _) =>
            {
                Assert.True(name.Number == stored[name.Publisher], $"Event {name} is in the log behind {stored[name.Publisher] - 1}.");
                stored[name.Publisher]++;
            });
        }

        Dictionary<EventName, string> letters = [];
        await ReadAsync(bus, Logs[0].DeadLetters, (name, letter) =>
            Assert.True(letters.TryAdd(name, letter.Header(DeadLetter.ReasonHeader)!), $"Event {name} is among the dead letters twice."));
        return new BusRemains(stored, letters);
    }

    private static async Task ReadAsync(EventBus bus, LogName log, Action<EventName, EventView> take)
    {
        await using EventReader reader = await bus.ReadAsync(new ReadOptions { Filter = new EventFilter(Scope, $"{log.Area}.>"), Follow = false });
        while (await reader.ReadAsync() is { Count: > 0 } batch)
            for (int i = 0; i < batch.Count; i++) take(NameOf(batch[i].Event), batch[i].Event);
    }

    /// <summary>The event's name, when all its parts belong together.</summary>
    private static EventName NameOf(EventView view)
    {
        string[] words = Encoding.ASCII.GetString(view.Payload).Split(' ');
        Assert.Equal((6, view.Key, words[4]), (words.Length, words[3], $"{words[5].Length}"));
        return new EventName(int.Parse(words[0], CultureInfo.InvariantCulture), int.Parse(words[1], CultureInfo.InvariantCulture));
    }

    private static async Task<long> LagAsync(EventBus bus)
    {
        long lag = 0;
        foreach (LogName log in Logs) lag += (await bus.StatusAsync(log, "g"))?.Lag ?? (await bus.StatusAsync(log)).Events;
        return lag;
    }

    private static async Task AssertLagAsync(EventBus bus, (long Min, long Max) expected) => Assert.InRange(await LagAsync(bus), expected.Min, expected.Max);

    /// <summary>Processes what is left, and tells it in the lines of the program.</summary>
    private static async Task<List<string>> EndAsync(EventBus bus)
    {
        List<string> lines = [];
        foreach (LogName log in Logs)
        {
            // More attempts than the program has: here nothing dies.
            await using EventConsumer consumer = await bus.JoinAsync(
                new GroupOptions { Name = "g", Filter = new EventFilter(Scope, $"{log.Area}.>"), AttemptsMax = 1_000 });
            using var patience = new CancellationTokenSource(Patience);
            var deliveries = new Delivery[64];
            while ((await bus.StatusAsync(log, "g"))!.Lag > 0)
            {
                int count = await consumer.ReceiveAsync(deliveries, patience.Token);
                string[] names = [.. deliveries.Take(count).Select(static delivery => $"{NameOf(delivery.Event)}")];
                lines.AddRange(names.Select(static name => $"received {name}"));
                lines.AddRange(names.Select(static name => $"acknowledged {name}"));
                Assert.Equal(count, consumer.Acknowledge(deliveries.AsSpan(0, count)));
                await consumer.FlushAsync();
                lines.AddRange(names.Select(static name => $"settled {name}"));
            }
        }

        return lines;
    }
}
