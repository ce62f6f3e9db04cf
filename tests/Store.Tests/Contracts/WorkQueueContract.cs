using System.Collections.Concurrent;
using Sirsi.Store.Tests.Engines;

namespace Sirsi.Store.Tests.Contracts;

public abstract class WorkQueueContract : Contract
{
    private static readonly ClaimOptions One = new();

    private QueueName Queue => new(Scope, "tasks");

    [Fact]
    public async Task Items_are_claimed_by_priority_then_in_order_and_once()
    {
        Guid low = await EnqueueAsync(), high = await EnqueueAsync(priority: 5), low2 = await EnqueueAsync();
        Assert.Equal([high, low], (await ClaimAsync(One with { Count = 2 })).Select(static item => item.Id));
        Assert.Equal([low2], (await ClaimAsync(One with { Count = 2 })).Select(static item => item.Id));
        Assert.Empty(await ClaimAsync(One));
    }

    [Fact]
    public async Task An_item_of_a_worker_that_died_is_claimed_by_the_next_and_the_first_cannot_complete_it()
    {
        await EnqueueAsync();
        QueuedItem first = Assert.Single(await ClaimAsync(One));
        Engine.Time.Advance(One.Time + TimeSpan.FromSeconds(1));
        QueuedItem second = Assert.Single(await ClaimAsync(One));
        Assert.Equal((first.Id, 2), (second.Id, second.Attempt));
        Assert.False(await Database.RunAsync(unit => WorkQueue.CompleteAsync(unit, first), Cancellation));
        Assert.False(await Database.RunAsync(unit => WorkQueue.ExtendAsync(unit, first, One.Time), Cancellation));
        Assert.True(await Database.RunAsync(unit => WorkQueue.CompleteAsync(unit, second), Cancellation));
        Assert.Equal((0, 0), await CountAsync());
    }

    [Fact]
    public async Task A_prolonged_claim_holds()
    {
        await EnqueueAsync();
        QueuedItem item = Assert.Single(await ClaimAsync(One));
        Engine.Time.Advance(One.Time - TimeSpan.FromSeconds(1));
        Assert.True(await Database.RunAsync(unit => WorkQueue.ExtendAsync(unit, item, One.Time), Cancellation));
        Engine.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty(await ClaimAsync(One));
    }

    [Fact]
    public async Task A_delayed_item_and_one_given_back_wait_their_time()
    {
        await EnqueueAsync(delay: TimeSpan.FromMinutes(1));
        Assert.Empty(await ClaimAsync(One));
        Engine.Time.Advance(TimeSpan.FromMinutes(2));
        QueuedItem item = Assert.Single(await ClaimAsync(One));
        Assert.True(await Database.RunAsync(unit => WorkQueue.RetryAsync(unit, item, TimeSpan.FromMinutes(1)), Cancellation));
        Assert.Empty(await ClaimAsync(One));
        Engine.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(2, Assert.Single(await ClaimAsync(One)).Attempt);
    }

    [Fact]
    public async Task An_item_claimed_too_often_is_dead_until_it_is_revived()
    {
        await EnqueueAsync();
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            Assert.Equal(attempt, Assert.Single(await ClaimAsync(One with { AttemptsMax = 3 })).Attempt);
            Engine.Time.Advance(One.Time * 2);
        }

        Assert.Empty(await ClaimAsync(One with { AttemptsMax = 3 }));
        Assert.Equal((0, 1), await CountAsync());
        Assert.Equal(1, await Database.RunAsync(unit => WorkQueue.ReviveAsync(unit, Queue), Cancellation));
        Assert.Equal(1, Assert.Single(await ClaimAsync(One)).Attempt);
    }

    [Fact]
    public async Task An_item_can_be_buried_by_its_worker()
    {
        await EnqueueAsync();
        QueuedItem item = Assert.Single(await ClaimAsync(One));
        Assert.True(await Database.RunAsync(unit => WorkQueue.BuryAsync(unit, item), Cancellation));
        Assert.False(await Database.RunAsync(unit => WorkQueue.BuryAsync(unit, item), Cancellation));
        Assert.Equal((0, 1), await CountAsync());
    }

    [Fact]
    public async Task The_same_id_is_one_item_and_a_failed_unit_puts_nothing_in()
    {
        Guid id = Engine.Environment.Ids.Next();
        for (int times = 0; times < 2; times++) await Database.RunAsync(unit => WorkQueue.EnqueueAsync(unit, Queue, id, (byte[])[1]), Cancellation);
        await Assert.ThrowsAsync<FormatException>(() => Database.RunAsync(async unit =>
        {
            await WorkQueue.EnqueueAsync(unit, Queue, Engine.Environment.Ids.Next(), (byte[])[1]);
            throw new FormatException();
        }, Cancellation));
        Assert.Equal((1, 0), await CountAsync());
    }

    [Fact]
    public async Task Workers_at_once_do_every_item_exactly_once_and_none_claims_anothers()
    {
        const int items = 200;
        HashSet<Guid> wanted = [];
        await Database.RunAsync(async unit =>
        {
            wanted.Clear();
            for (int number = 0; number < items; number++)
            {
                Guid id = Engine.Environment.Ids.Next();
                wanted.Add(id);
                await WorkQueue.EnqueueAsync(unit, Queue, id, (byte[])[1]);
            }
        }, Cancellation);
        var done = new ConcurrentBag<Guid>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            while (await ClaimAsync(One with { Count = 7 }) is { Count: > 0 } claimed)
            {
                foreach (QueuedItem item in claimed)
                {
                    Assert.True(await Database.RunAsync(unit => WorkQueue.CompleteAsync(unit, item), Cancellation));
                    done.Add(item.Id);
                }
            }
        }));
        Assert.Equal(items, done.Count);
        Assert.True(wanted.SetEquals(done));
    }

    [Fact]
    public async Task A_worker_that_waits_is_woken_by_a_new_item()
    {
        Task waiting = WorkQueue.WaitAsync(Database, Queue, TimeSpan.FromMinutes(5), Cancellation);
        Assert.False(waiting.IsCompleted);
        await EnqueueAsync();
        await waiting.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Another_project_sees_nothing_of_it()
    {
        await EnqueueAsync();
        var other = new QueueName(Engine.NewScope(), "tasks");
        Assert.Empty(await Database.RunAsync(unit => WorkQueue.ClaimAsync(unit, other, One), Cancellation));
    }

    private async Task<Guid> EnqueueAsync(int priority = 0, TimeSpan delay = default)
    {
        Guid id = Engine.Environment.Ids.Next();
        await Database.RunAsync(unit => WorkQueue.EnqueueAsync(unit, Queue, id, (byte[])[1, 2, 3], priority, delay), Cancellation);
        return id;
    }

    private Task<IReadOnlyList<QueuedItem>> ClaimAsync(ClaimOptions options) =>
        Database.RunAsync(unit => WorkQueue.ClaimAsync(unit, Queue, options), Cancellation);

    private Task<(long Live, long Dead)> CountAsync() => Database.ReadAsync(session => WorkQueue.CountAsync(session, Queue), Cancellation);
}

public sealed class SqliteWorkQueueTests : WorkQueueContract
{
    protected override ValueTask<Engine> CreateEngineAsync() => ValueTask.FromResult<Engine>(new SqliteEngine());
}

[Trait("Suite", "slow")]
public sealed class PostgresWorkQueueTests : WorkQueueContract
{
    protected override async ValueTask<Engine> CreateEngineAsync() => await PostgresEngine.CreateAsync();
}
