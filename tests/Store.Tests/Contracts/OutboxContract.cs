using System.Collections.Concurrent;
using Sirsi.Store.Tests.Engines;

namespace Sirsi.Store.Tests.Contracts;

public abstract class OutboxContract : Contract
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly OutboxRelayOptions Quick = new()
    {
        PollInterval = TimeSpan.FromMilliseconds(50),
        RetryDelay = TimeSpan.FromMilliseconds(5),
        RetryDelayMax = TimeSpan.FromMilliseconds(20),
    };

    [Fact]
    public async Task Messages_of_kept_units_are_delivered_in_order_and_of_failed_ones_not()
    {
        await AppendAsync("1", "2");
        await Assert.ThrowsAsync<FormatException>(() => Database.RunAsync(async unit =>
        {
            await Outbox.AppendAsync(unit, Scope, Engine.Environment.Ids.Next(), "lost", "", ReadOnlyMemory<byte>.Empty);
            throw new FormatException();
        }, Cancellation));
        await AppendAsync("3");
        var received = new Receiver(5);
        await using (OutboxRelay.Start(Database, received.TakeAsync, Quick))
        {
            await AppendAsync("4", "5");
            await received.Full.WaitAsync(Patience);
            await EmptyAsync();
        }

        Assert.Equal(["1", "2", "3", "4", "5"], received.Topics);
    }

    [Fact]
    public async Task A_failing_delivery_is_repeated_and_holds_up_those_behind_it()
    {
        await AppendAsync("1", "2", "3");
        int refusals = 3;
        var received = new Receiver(3);
        await using OutboxRelay relay = OutboxRelay.Start(Database, (message, cancellation) =>
            message.Topic == "2" && refusals-- > 0 ? throw new IOException("not now") : received.TakeAsync(message, cancellation), Quick);
        await received.Full.WaitAsync(Patience);
        Assert.Equal(["1", "2", "3"], received.Topics);
        Assert.True(relay.State.Failures >= 3);
        await EmptyAsync();
    }

    [Fact]
    public async Task A_relay_that_stopped_before_it_took_a_message_out_delivers_it_again()
    {
        await AppendAsync("1");
        var first = new TaskCompletionSource();
        OutboxRelay dying = OutboxRelay.Start(Database, async (_, cancellation) =>
        {
            first.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellation);
        }, Quick);
        await first.Task.WaitAsync(Patience);
        await dying.DisposeAsync();
        var received = new Receiver(1);
        await using OutboxRelay next = OutboxRelay.Start(Database, received.TakeAsync, Quick);
        await received.Full.WaitAsync(Patience);
        await EmptyAsync();
    }

    [Fact]
    public async Task Of_two_relays_one_delivers_and_the_other_takes_over_when_it_ends()
    {
        var first = new Receiver(1);
        var second = new Receiver(1);
        OutboxRelay one = OutboxRelay.Start(Database, first.TakeAsync, Quick);
        await AppendAsync("1");
        await first.Full.WaitAsync(Patience);
        await using OutboxRelay two = OutboxRelay.Start(Database, second.TakeAsync, Quick);
        await EmptyAsync();
        Assert.False(two.State.IsActive);
        await one.DisposeAsync();
        await AppendAsync("2");
        await second.Full.WaitAsync(Patience);
        Assert.Equal(["1"], first.Topics);
        Assert.Equal(["2"], second.Topics);
    }

    [Fact]
    public async Task Units_of_many_callers_are_delivered_each_in_its_own_order_and_whole()
    {
        var received = new Receiver(300);
        await using OutboxRelay relay = OutboxRelay.Start(Database, received.TakeAsync, Quick);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async caller =>
        {
            for (int number = 0; number < 5; number++) await AppendAsync([.. Enumerable.Range(0, 3).Select(part => $"{caller}/{(number * 3) + part:00}")]);
        }));
        await received.Full.WaitAsync(Patience);
        foreach (IGrouping<string, string> caller in received.Topics.GroupBy(static topic => topic.Split('/')[0]))
            Assert.Equal(caller.Order(StringComparer.Ordinal).Distinct(StringComparer.Ordinal), caller);
        Assert.Equal(300, received.Topics.Count);
    }

    [Fact]
    public async Task A_message_arrives_with_all_it_was_given()
    {
        Guid id = Engine.Environment.Ids.Next();
        await Database.RunAsync(unit => Outbox.AppendAsync(unit, Scope, id, "topic", "key", (byte[])[1, 2]), Cancellation);
        var received = new Receiver(1);
        await using OutboxRelay relay = OutboxRelay.Start(Database, received.TakeAsync, Quick);
        await received.Full.WaitAsync(Patience);
        OutboxMessage message = Assert.Single(received.Messages);
        Assert.Equal((Scope, id, "topic", "key"), (message.Scope, message.Id, message.Topic, message.Key));
        Assert.Equal([1, 2], message.Payload.ToArray());
    }

    private Task AppendAsync(params string[] topics) => Database.RunAsync(async unit =>
    {
        foreach (string topic in topics) await Outbox.AppendAsync(unit, Scope, Engine.Environment.Ids.Next(), topic, "", ReadOnlyMemory<byte>.Empty);
    }, Cancellation);

    private async Task EmptyAsync()
    {
        for (int look = 0; look < 600; look++)
        {
            if (await Database.ReadAsync(Outbox.CountAsync, Cancellation) == 0) return;
            await Task.Delay(50, Cancellation);
        }

        Assert.Fail("The outbox was not emptied.");
    }

    private sealed class Receiver(int wanted)
    {
        private readonly ConcurrentQueue<OutboxMessage> _messages = new();
        private readonly TaskCompletionSource _full = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Full => _full.Task;

        public IReadOnlyList<OutboxMessage> Messages => [.. _messages];

        public IReadOnlyList<string> Topics => [.. _messages.Select(static message => message.Topic)];

        public ValueTask TakeAsync(OutboxMessage message, CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            _messages.Enqueue(message);
            if (_messages.Count == wanted) _full.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}

public sealed class SqliteOutboxTests : OutboxContract
{
    protected override ValueTask<Engine> CreateEngineAsync() => ValueTask.FromResult<Engine>(new SqliteEngine());
}

[Trait("Suite", "slow")]
public sealed class PostgresOutboxTests : OutboxContract
{
    protected override async ValueTask<Engine> CreateEngineAsync() => await PostgresEngine.CreateAsync();
}
