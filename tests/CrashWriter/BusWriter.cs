using System.Buffers.Binary;
using System.Text;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Embedded;
using Sirsi.Bus.Events;
using Sirsi.Bus.Publishing;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;

namespace Sirsi.CrashWriter;

/// <summary>
/// Publishes to two logs of an embedded bus from several publishers, and processes them in a group. Each publisher numbers its events; the same number is the same event, with the same
/// id, in every life. Lines, of the publisher and the number:
/// <list type="bullet">
/// <item><c>open</c>: the bus is.</item>
/// <item><c>published P N</c>: all up to the number are acknowledged.</item>
/// <item><c>received P N ATTEMPT</c>: told before the event is answered.</item>
/// <item><c>acknowledged P N</c>, <c>condemned P N</c>: told before it is acknowledged, or rejected for the last time.</item>
/// <item><c>settled P N</c>: told after the log has said that it remembers the answer.</item>
/// </list>
/// </summary>
internal sealed class BusWriter(int seed)
{
    private const int KeysOfPublisher = 3;
    private const int AttemptsMax = 3;
    private const int PublishedAtOnceMax = 4;
    private const int BehindMax = 3_000;

    private static readonly HostEnvironment Host = HostEnvironment.Production;
    private static readonly TopicScope Scope = new("acme", "web");
    private static readonly string[] Areas = ["work", "trade"];

    private int _behind;

    private enum Fate
    {
        Good,
        RejectedOnce,
        UnansweredOnce,
        Poisonous,
    }

    public async Task RunAsync(string folder, int[] firstNumbers)
    {
        var driver = new EmbeddedBusDriver(new EmbeddedBusOptions { Folder = folder, SegmentBytes = 4 << 20 }, Host);
        await using var bus = new EventBus(driver, new BusOptions { Log = new() { Partitions = 4 } }, Host);
        foreach (string area in Areas) _ = await bus.StatusAsync(new LogName(Scope, area));
        Told.Line("open");
        await Task.WhenAll(
        [
            .. firstNumbers.Select((first, publisher) => Host.Executor.RunAsync(() => PublishAsync(bus, publisher, first))),
            .. Areas.Select(area => Host.Executor.RunAsync(() => StayAsync(bus, area))),
            .. Areas.Select(area => Host.Executor.RunAsync(() => ComeAndGoAsync(bus, area))),
        ]);
    }

    private async Task PublishAsync(EventBus bus, int publisher, int number)
    {
        var random = new Random(seed + publisher);
        while (true)
        {
            EventMessage[] messages = [.. Enumerable.Range(number, random.Next(1, PublishedAtOnceMax + 1)).Select(n => Message(publisher, n))];
            await bus.PublishAsync(messages);
            number += messages.Length;
            Told.Line($"published {publisher} {number - 1}");
            // The members of the group are to keep up: nothing would come again of what they never come to.
            if (Interlocked.Add(ref _behind, messages.Length) > BehindMax) await Task.Delay(2);
        }
    }

    private static EventMessage Message(int publisher, int number)
    {
        // An id has to look like a UUID of version 7.
        byte[] id = new byte[16];
        (id[6], id[8], id[9]) = (0x70, 0x80, (byte)publisher);
        BinaryPrimitives.WriteInt32BigEndian(id.AsSpan(12), number);
        string key = $"{publisher}-{number % KeysOfPublisher}";
        int length = number * 31 % 300;
        return new EventMessage
        {
            Scope = Scope,
            Subject = $"{Areas[publisher % Areas.Length]}.number.{(number % 2 == 0 ? "even" : "odd")}",
            Key = key,
            Id = new Id<EventKind>(new Guid(id, bigEndian: true)),
            Payload = Encoding.ASCII.GetBytes($"{publisher} {number} {FateOf(number)} {key} {length} {new string('.', length)}"),
        };
    }

    private static Fate FateOf(int number) =>
        number % 41 == 0 ? Fate.Poisonous : number % 53 == 0 ? Fate.UnansweredOnce : number % 7 == 0 ? Fate.RejectedOnce : Fate.Good;

    private async Task StayAsync(EventBus bus, string area)
    {
        await using EventConsumer consumer = await bus.JoinAsync(Group(area));
        await ProcessAsync(consumer, new Random(seed + 100), batches: int.MaxValue);
    }

    private async Task ComeAndGoAsync(EventBus bus, string area)
    {
        for (var random = new Random(seed + 200); ;)
        {
            await using EventConsumer consumer = await bus.JoinAsync(Group(area));
            await ProcessAsync(consumer, random, batches: random.Next(1, 40));
        }
    }

    private static GroupOptions Group(string area) => new()
    {
        Name = "g",
        Filter = new EventFilter(Scope, $"{area}.>"),
        AttemptsMax = AttemptsMax,
        VisibilityTimeout = TimeSpan.FromMilliseconds(250),
    };

    private async Task ProcessAsync(EventConsumer consumer, Random random, int batches)
    {
        var deliveries = new Delivery[64];
        List<string> unsettled = [];
        for (; batches > 0; batches--)
        {
            int count = await consumer.ReceiveAsync(deliveries.AsMemory(0, random.Next(1, deliveries.Length + 1)));
            Answer(consumer, [.. deliveries.AsSpan(0, count)], random, unsettled);
            if (random.Next(3) > 0) continue;
            await consumer.FlushAsync();
            Told.Lines(string.Concat(unsettled.Select(static name => $"settled {name}\n")));
            unsettled.Clear();
        }
    }

    private void Answer(EventConsumer consumer, Delivery[] deliveries, Random random, List<string> unsettled)
    {
        (string Name, Fate Fate)[] events = [.. deliveries.Select(static delivery => NameAndFateOf(delivery))];
        var received = new StringBuilder();
        var answered = new StringBuilder();
        for (int i = 0; i < events.Length; i++)
        {
            received.Append($"received {events[i].Name} {deliveries[i].Attempt}\n");
            if (IsGood(i)) answered.Append($"acknowledged {events[i].Name}\n");
            else if (IsLast(i)) answered.Append($"condemned {events[i].Name}\n");
        }

        Told.Lines(received.Append(answered).ToString());
        for (int i = 0; i < events.Length; i++)
        {
            bool isAnswered = IsGood(i) ? consumer.Acknowledge(deliveries[i])
                : events[i].Fate != Fate.UnansweredOnce && consumer.Reject(deliveries[i], TimeSpan.FromMilliseconds(random.Next(5)), $"poison {events[i].Name}");
            if (!isAnswered || !(IsGood(i) || IsLast(i))) continue;
            unsettled.Add(events[i].Name);
            Interlocked.Decrement(ref _behind);
        }

        bool IsGood(int i) => events[i].Fate != Fate.Poisonous && (events[i].Fate == Fate.Good || deliveries[i].Attempt > 1);
        bool IsLast(int i) => events[i].Fate == Fate.Poisonous && deliveries[i].Attempt == AttemptsMax;
    }

    private static (string Name, Fate Fate) NameAndFateOf(in Delivery delivery)
    {
        string[] words = Encoding.ASCII.GetString(delivery.Event.Payload).Split(' ');
        return ($"{words[0]} {words[1]}", Enum.Parse<Fate>(words[2]));
    }
}
