using System.Text;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Core.Identity;

namespace Sirsi.Bus.Tests.Contract;

public abstract partial class BusContract
{
    [Fact]
    public Task Only_what_the_filter_wants_is_delivered() => RunAsync(async bus =>
    {
        Id<SessionKind> session = bus.Environment.Ids.Next<SessionKind>(), other = bus.Environment.Ids.Next<SessionKind>();
        Id<AgentKind> source = bus.Environment.Ids.Next<AgentKind>(), target = bus.Environment.Ids.Next<AgentKind>();
        var filter = new EventFilter(bus.Scope, "agent.*.task.>", "s", session, source, target, [new("region", "eu")]);
        await using EventConsumer consumer = await bus.Bus.JoinAsync(new GroupOptions { Name = "g", Filter = filter });
        async Task PublishAsync(string text, Action<EventMessage>? change = null)
        {
            EventMessage message = bus.Message(text, subject: "agent.a1.task.ended");
            (message.Schema, message.Session, message.SourceAgent, message.TargetAgent) = ("s", session, source, target);
            message.Headers = [new("tier", "1"), new("region", "eu")];
            change?.Invoke(message);
            await bus.Bus.PublishAsync(message);
        }

        await PublishAsync("no: subject", m => m.Subject = "agent.a1.lifecycle.started");
        await PublishAsync("no: too short", m => m.Subject = "agent.a1.task");
        await PublishAsync("no: schema", m => m.Schema = "t");
        await PublishAsync("no: session", m => m.Session = other);
        await PublishAsync("no: no session", m => m.Session = default);
        await PublishAsync("no: source", m => m.SourceAgent = target);
        await PublishAsync("no: target", m => m.TargetAgent = source);
        await PublishAsync("no: header", m => m.Headers = [new("region", "us")]);
        await PublishAsync("no: no header", m => m.Headers = []);
        await PublishAsync("yes");
        await PublishAsync("yes, deeper", m => m.Subject = "agent.b.task.x.y");
        Assert.Equal(["yes", "yes, deeper"], (await bus.ReceiveAsync(consumer, 2)).Select(TextOf).Order());
        await bus.NothingComesAsync(consumer);
    });

    [Fact]
    public Task A_live_reader_sees_what_is_published_from_now_on() => RunAsync(async bus =>
    {
        await bus.PublishAsync("before");
        await using EventReader reader = await bus.Bus.ReadAsync(new ReadOptions { Filter = new EventFilter(bus.Scope, "task.>"), Start = LogStart.End });
        await bus.PublishAsync("no", subject: "other.thing");
        for (int i = 0; i < 5; i++) await bus.PublishAsync($"{i}");
        Assert.Equal(["0", "1", "2", "3", "4"], await ReadTextsAsync(bus, reader, 5));
    });

    [Fact]
    public Task A_log_can_be_read_from_its_beginning_as_often_as_wanted() => RunAsync(async bus =>
    {
        Needs(BusCapabilities.ReadFromPosition);
        for (int i = 0; i < 30; i++) await bus.PublishAsync($"{i}", key: $"{i % 3}");
        for (int time = 0; time < 2; time++)
        {
            List<(string Text, long Position, int Partition)> all = await ReadAllAsync(bus, LogStart.Beginning);
            Assert.Equal(Enumerable.Range(0, 30).Select(i => $"{i}").Order(), all.Select(e => e.Text).Order());
            foreach (IGrouping<int, (string Text, long Position, int Partition)> partition in all.GroupBy(e => e.Partition))
                Assert.Equal(partition.OrderBy(e => e.Position), partition);
        }
    });

    [Fact]
    public Task A_log_can_be_read_from_a_position() => RunAsync(async bus =>
    {
        Needs(BusCapabilities.ReadFromPosition);
        for (int i = 0; i < 10; i++) await bus.PublishAsync($"{i}", key: "k");
        List<(string Text, long Position, int Partition)> all = await ReadAllAsync(bus, LogStart.Beginning);
        List<(string Text, long Position, int Partition)> rest = await ReadAllAsync(bus, LogStart.At(all[6].Position));
        Assert.Equal(["6", "7", "8", "9"], rest.Select(e => e.Text));
    });

    [Fact]
    public Task A_log_can_be_read_from_an_instant() => RunAsync(async bus =>
    {
        Needs(BusCapabilities.ReadFromTime);
        await bus.PublishAsync("old", key: "k");
        await Task.Delay(TimeSpan.FromMilliseconds(50), bus.Environment.Time);
        DateTimeOffset between = bus.Environment.Time.GetUtcNow();
        await Task.Delay(TimeSpan.FromMilliseconds(50), bus.Environment.Time);
        await bus.PublishAsync("new", key: "k");
        Assert.Equal(["new"], (await ReadAllAsync(bus, LogStart.Since(between))).Select(e => e.Text));
    });

    [Fact]
    public Task An_event_published_twice_is_there_once() => RunAsync(async bus =>
    {
        Needs(BusCapabilities.Deduplication);
        EventMessage message = bus.Message("once", key: "k");
        message.Id = bus.Environment.Ids.Next<EventKind>();
        PublishReceipt first = await bus.Bus.PublishAsync(message);
        PublishReceipt second = await bus.Bus.PublishAsync(message);
        Assert.Equal((false, true), (first.IsRepetition, second.IsRepetition));
        message.Id = bus.Environment.Ids.Next<EventKind>();
        Assert.False((await bus.Bus.PublishAsync(message)).IsRepetition);
        await using EventConsumer consumer = await bus.JoinAsync("g");
        Assert.Equal(["once", "once"], await DrainOneByOneAsync(bus, consumer, 2));
        await bus.NothingComesAsync(consumer);
        Assert.Equal((2L, 1L), (bus.Bus.Statistics.Published, bus.Bus.Statistics.Repetitions));
    });

    [Fact]
    public Task Long_events_pass() => RunAsync(async bus =>
    {
        string text = new('x', 700_000);
        await using EventConsumer consumer = await bus.JoinAsync("g");
        for (int i = 0; i < 4; i++) await bus.PublishAsync(text + i, key: $"{i}");
        Assert.Equal([.. Enumerable.Range(0, 4).Select(i => text + i)], (await bus.ReceiveAsync(consumer, 4)).Select(TextOf).Order());
    });

    private static async Task<List<string>> ReadTextsAsync(TestBus bus, EventReader reader, int count)
    {
        List<string> texts = [];
        using var patience = new CancellationTokenSource(Patience, bus.Environment.Time);
        while (texts.Count < count)
        {
            EventBatch batch = await reader.ReadAsync(patience.Token);
            for (int i = 0; i < batch.Count; i++) texts.Add(Encoding.UTF8.GetString(batch[i].Event.Payload));
        }

        return [.. texts.Order()];
    }

    private static async Task<List<(string Text, long Position, int Partition)>> ReadAllAsync(TestBus bus, LogStart start)
    {
        await using EventReader reader = await bus.Bus.ReadAsync(
            new ReadOptions { Filter = new EventFilter(bus.Scope, "task.>"), Start = start, Follow = false, BatchMax = 4 });
        List<(string, long, int)> all = [];
        using var patience = new CancellationTokenSource(Patience, bus.Environment.Time);
        while (true)
        {
            EventBatch batch = await reader.ReadAsync(patience.Token);
            if (batch.Count == 0) return all;
            for (int i = 0; i < batch.Count; i++) all.Add((Encoding.UTF8.GetString(batch[i].Event.Payload), batch[i].Position, batch[i].Partition));
        }
    }
}
