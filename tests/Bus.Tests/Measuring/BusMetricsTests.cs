using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Bus.Local;
using Sirsi.Bus.Publishing;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Measuring;

/// <summary>What a bus tells those who listen to its meter.</summary>
public sealed class BusMetricsTests
{
    private readonly DeterministicHost _host = new(7);

    [Fact]
    public void Publications_are_counted_and_timed_with_what_tells_them_apart() => Run("published", async (bus, scope, measured) =>
    {
        for (int i = 0; i < 3; i++) await bus.PublishAsync(Message(scope));
        Assert.Equal(3, measured["messaging.client.sent.messages"]);
        Assert.Equal(0, measured["messaging.client.sent.messages SIRSI-1500"]);
        Dictionary<string, string> tags = new()
        {
            ["messaging.system"] = "memory",
            ["messaging.operation.name"] = "publish",
            ["messaging.operation.type"] = "send",
            ["messaging.destination.name"] = "task",
            ["sirsi.tenant"] = "published",
            ["sirsi.project"] = "web",
        };
        Assert.Equal(tags, measured.TagsOf("messaging.client.sent.messages"));
        Assert.Equal(tags, measured.TagsOf("messaging.client.operation.duration"));
        EventMessage tooLong = Message(scope), malformed = Message(scope);
        tooLong.Payload = new byte[2_000];
        (malformed.Schema, malformed.SchemaVersion, malformed.Payload) = ("sirsi.v1.TaskEvent", 1, "no message"u8.ToArray());
        await Assert.ThrowsAsync<BusException>(async () => await bus.PublishAsync(tooLong));
        BusException refusal = await Assert.ThrowsAsync<BusException>(async () => await bus.PublishAsync(malformed));
        Assert.Equal(5, measured["messaging.client.sent.messages"]);
        Assert.Equal(1, measured["messaging.client.sent.messages SIRSI-1500"]);
        Assert.Equal(1, measured[$"messaging.client.sent.messages {refusal.Code}"]);
    });

    [Fact]
    public void A_publication_is_timed_by_the_bus_s_clock() => Run(
        "timed",
        async (bus, scope, measured) =>
        {
            await bus.PublishAsync(Message(scope));
            Assert.Equal(0.25, measured["messaging.client.operation.duration"], 6);
        },
        environment => new SlowDriver(environment));

    [Fact]
    public void Deliveries_are_counted_by_how_they_end() => Run("ended", async (bus, scope, measured) =>
    {
        var group = new GroupOptions { Name = "g", Filter = new EventFilter(scope, "task.>"), AttemptsMax = 2, VisibilityTimeout = TimeSpan.FromSeconds(1) };
        await using EventConsumer consumer = await bus.JoinAsync(group);
        for (int i = 0; i < 3; i++) await bus.PublishAsync(Message(scope));
        var deliveries = new Delivery[3];
        for (int count = 0; count < 3;) count += await consumer.ReceiveAsync(deliveries.AsMemory(count));
        measured.Look();
        Assert.Equal((3, 3), (measured["sirsi.bus.window.messages"], measured["sirsi.bus.in_flight.messages"]));
        Assert.True(consumer.Acknowledge(deliveries[0]));
        Assert.False(consumer.Acknowledge(deliveries[0]));
        Assert.True(consumer.Reject(deliveries[1]));
        await Task.Delay(TimeSpan.FromSeconds(2), _host.Environment.Time);
        for (int count = 0; count < 2;) count += await consumer.ReceiveAsync(deliveries.AsMemory(count, 2 - count));
        Assert.True(consumer.Reject(deliveries[0]));
        Assert.True(consumer.Reject(deliveries[1]));
        await consumer.FlushAsync();
        Assert.Equal(5, measured["messaging.client.consumed.messages"]);
        Assert.Equal(1, measured["sirsi.bus.deliveries.ended acknowledged"]);
        Assert.Equal(3, measured["sirsi.bus.deliveries.ended rejected"]);
        Assert.Equal(1, measured["sirsi.bus.deliveries.ended timed_out"]);
        Assert.Equal(2, measured["sirsi.bus.dead_letters"]);
        Assert.Equal("g", measured.TagsOf("messaging.client.consumed.messages")["messaging.consumer.group.name"]);
        Assert.Equal("receive", measured.TagsOf("messaging.client.consumed.messages")["messaging.operation.name"]);
        measured.Look();
        Assert.Equal((0, 0), (measured["sirsi.bus.window.messages"], measured["sirsi.bus.in_flight.messages"]));
    });

    [Fact]
    public void Gauges_sum_up_the_members_of_a_group_and_forget_who_left() => Run("gauges", async (bus, scope, measured) =>
    {
        var group = new GroupOptions { Name = "g", Filter = new EventFilter(scope, "task.>") };
        EventConsumer one = await bus.JoinAsync(group), two = await bus.JoinAsync(group);
        await Task.Delay(TimeSpan.FromSeconds(1), _host.Environment.Time);
        for (int i = 0; i < 8; i++) await bus.PublishAsync(Message(scope));
        await Task.Delay(TimeSpan.FromSeconds(1), _host.Environment.Time);
        Assert.Equal((4, 4), (one.Statistics.Waiting, two.Statistics.Waiting));
        measured.Look();
        Assert.Equal(8, measured["sirsi.bus.window.messages"]);
        await one.DisposeAsync();
        await Task.Delay(TimeSpan.FromSeconds(1), _host.Environment.Time);
        measured.Look();
        Assert.Equal(8, measured["sirsi.bus.window.messages"]);
        await two.DisposeAsync();
    });

    private static EventMessage Message(TopicScope scope) => new() { Scope = scope, Subject = "task.run.ended", Payload = "x"u8.ToArray() };

    private void Run(string tenant, Func<EventBus, TopicScope, Measured, Task> test, Func<HostEnvironment, BusDriver>? driver = null) => _host.Run(async () =>
    {
        using var measured = new Measured(tenant, by: tenant == "ended" ? "sirsi.outcome" : "error.type");
        await using var bus = new EventBus((driver ?? (static environment => new MemoryBusDriver(environment)))(_host.Environment), new BusOptions { EventBytesMax = 1_000 }, _host.Environment);
        await test(bus, new TopicScope(tenant, "web"), measured);
    });

    /// <summary>A log in memory that takes a quarter of a second for an event.</summary>
    private sealed class SlowDriver(HostEnvironment environment) : BusDriver
    {
        private readonly MemoryBusDriver _driver = new(environment);

        public override string Name => "slow";

        public override BusCapabilities Capabilities => _driver.Capabilities;

        public override async ValueTask<EventLog> OpenAsync(LogName name, LogOptions options, CancellationToken cancellation) =>
            new SlowLog(await _driver.OpenAsync(name, options, cancellation), environment);

        public override ValueTask<BusHealth> CheckAsync(CancellationToken cancellation) => _driver.CheckAsync(cancellation);

        public override ValueTask DisposeAsync() => _driver.DisposeAsync();
    }

    private sealed class SlowLog(EventLog log, HostEnvironment environment) : EventLog
    {
        public override LogName Name => log.Name;

        public override int Partitions => log.Partitions;

        public override ValueTask<PublishReceipt> AppendAsync(in NewEvent newEvent, CancellationToken cancellation) => AppendSlowlyAsync(newEvent, cancellation);

        public override ValueTask MakeGroupAsync(GroupOptions group, CancellationToken cancellation) => log.MakeGroupAsync(group, cancellation);

        public override ValueTask<EventSource> JoinAsync(GroupOptions group, CancellationToken cancellation) => log.JoinAsync(group, cancellation);

        public override ValueTask<EventSource> ReadAsync(ReadOptions read, CancellationToken cancellation) => log.ReadAsync(read, cancellation);

        public override ValueTask<LogStatus> StatusAsync(CancellationToken cancellation) => log.StatusAsync(cancellation);

        public override ValueTask<GroupStatus?> StatusAsync(string group, CancellationToken cancellation) => log.StatusAsync(group, cancellation);

        public override ValueTask DisposeAsync() => log.DisposeAsync();

        private async ValueTask<PublishReceipt> AppendSlowlyAsync(NewEvent newEvent, CancellationToken cancellation)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(250), environment.Time, cancellation);
            return await log.AppendAsync(newEvent, cancellation);
        }
    }
}
