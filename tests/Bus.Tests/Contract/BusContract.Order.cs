using Sirsi.Bus.Consuming;
using Sirsi.Bus.Events;

namespace Sirsi.Bus.Tests.Contract;

public abstract partial class BusContract
{
    [Fact]
    public Task Events_of_a_key_come_one_at_a_time_in_their_order() => RunAsync(async bus =>
    {
        await using EventConsumer consumer = await bus.JoinAsync("g");
        for (int i = 0; i < 5; i++) await bus.PublishAsync($"{i}", key: "k");
        for (int i = 0; i < 5; i++)
        {
            Delivery delivery = await bus.ReceiveOneAsync(consumer);
            Assert.Equal($"{i}", TextOf(delivery));
            Assert.Equal("k", delivery.Event.Key);
            Assert.Equal(0, consumer.TryReceive(new Delivery[8]));
            Assert.True(consumer.Acknowledge(delivery));
        }
    });

    [Fact]
    public Task A_held_key_holds_no_other_key() => RunAsync(async bus =>
    {
        await using EventConsumer consumer = await bus.JoinAsync("g");
        await bus.PublishAsync("a1", key: "a");
        Delivery held = await bus.ReceiveOneAsync(consumer);
        await bus.PublishAsync("a2", key: "a");
        for (int i = 0; i < 20; i++) await bus.PublishAsync($"b{i}", key: $"b{i}");
        List<Delivery> others = await bus.ReceiveAsync(consumer, 20);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"b{i}").Order(), others.Select(TextOf).Order());
        Assert.True(consumer.Acknowledge(held));
        Assert.Equal("a2", TextOf(await bus.ReceiveOneAsync(consumer)));
    });

    [Fact]
    public Task Events_without_a_key_wait_for_nothing() => RunAsync(async bus =>
    {
        await using EventConsumer consumer = await bus.JoinAsync("g");
        for (int i = 0; i < 10; i++) await bus.PublishAsync($"{i}");
        Assert.Equal(10, (await bus.ReceiveAsync(consumer, 10)).Select(TextOf).Distinct().Count());
    });

    [Fact]
    public Task A_batch_keeps_its_order() => RunAsync(async bus =>
    {
        await using EventConsumer consumer = await bus.JoinAsync("g");
        await bus.Bus.PublishAsync(Enumerable.Range(0, 100).Select(i => bus.Message($"{i}", key: "k")).ToArray());
        for (int i = 0; i < 100; i++)
        {
            Delivery delivery = await bus.ReceiveOneAsync(consumer);
            Assert.Equal($"{i}", TextOf(delivery));
            consumer.Acknowledge(delivery);
        }
    });

    [Fact]
    public Task An_urgent_event_overtakes_those_of_other_keys() => RunAsync(async bus =>
    {
        await bus.ExpectAsync("g");
        for (int i = 0; i < 50; i++) await bus.PublishAsync($"n{i}", key: $"n{i}");
        await bus.PublishAsync("urgent", key: "u", priority: EventPriority.Critical);
        await using EventConsumer consumer = await bus.JoinAsync("g", group => group with { InFlightMax = 1 });
        await WindowHoldsAsync(bus, consumer, 51);
        List<string> order = await DrainOneByOneAsync(bus, consumer, 51);
        // One may have been handed out before the urgent one was fetched.
        Assert.InRange(order.IndexOf("urgent"), 0, 1);
    });

    [Fact]
    public Task An_urgent_event_overtakes_none_of_its_own_key() => RunAsync(async bus =>
    {
        await bus.ExpectAsync("g");
        await bus.PublishAsync("first", key: "k");
        await bus.PublishAsync("second", key: "k", priority: EventPriority.Critical);
        await using EventConsumer consumer = await bus.JoinAsync("g");
        await WindowHoldsAsync(bus, consumer, 2);
        Assert.Equal(["first", "second"], await DrainOneByOneAsync(bus, consumer, 2));
    });

    [Fact]
    public Task Ordinary_events_are_not_starved_by_urgent_ones() => RunAsync(async bus =>
    {
        await bus.ExpectAsync("g");
        await bus.PublishAsync("ordinary", key: "o", priority: EventPriority.Low);
        for (int i = 0; i < 100; i++) await bus.PublishAsync($"u{i}", key: $"u{i}", priority: EventPriority.Critical);
        await using EventConsumer consumer = await bus.JoinAsync("g", group => group with { InFlightMax = 1 });
        await WindowHoldsAsync(bus, consumer, 101);
        List<string> order = await DrainOneByOneAsync(bus, consumer, 101);
        Assert.InRange(order.IndexOf("ordinary"), 0, ReadyQueues.PassedMax + 1);
    });

    /// <summary>Waits until the member has fetched so many.</summary>
    private static async Task WindowHoldsAsync(TestBus bus, EventConsumer consumer, int count)
    {
        long end = bus.Environment.Time.GetTimestamp() + (long)(Patience.TotalSeconds * bus.Environment.Time.TimestampFrequency);
        while (consumer.Statistics.Waiting < count)
        {
            Assert.True(bus.Environment.Time.GetTimestamp() < end, $"Only {consumer.Statistics.Waiting} of {count} events were fetched.");
            await Task.Delay(TimeSpan.FromMilliseconds(5), bus.Environment.Time);
        }
    }

    private static async Task<List<string>> DrainOneByOneAsync(TestBus bus, EventConsumer consumer, int count)
    {
        List<string> order = [];
        while (order.Count < count)
        {
            Delivery delivery = await bus.ReceiveOneAsync(consumer);
            order.Add(TextOf(delivery));
            Assert.True(consumer.Acknowledge(delivery));
        }

        return order;
    }
}
