namespace Sirsi.Store;

/// <summary>
/// Durable queues. An item is claimed by one worker for a while and stays until that completes it in the unit that keeps its results; a worker
/// that dies lets it go by itself. Higher priorities first, then the order of ids, which is that of enqueuing by one process.
/// </summary>
public static class WorkQueue
{
    /// <summary>The longest payload; 1 MiB.</summary>
    public const int PayloadBytesMax = 1 << 20;

    private const string WhereItem = "tenant = $1 AND project = $2 AND queue = $3 AND id = $4";

    /// <summary>Puts an item in.</summary>
    /// <param name="unit">What it is part of.</param>
    /// <param name="queue">Where.</param>
    /// <param name="id">A new id from the host environment; the same id twice is one item.</param>
    /// <param name="payload">At most <see cref="PayloadBytesMax"/> bytes.</param>
    /// <param name="priority">Higher goes first; default 0.</param>
    /// <param name="delay">How long nobody may claim it; default none.</param>
    public static async ValueTask EnqueueAsync(
        UnitOfWork unit, QueueName queue, Guid id, ReadOnlyMemory<byte> payload, int priority = 0, TimeSpan delay = default)
    {
        ArgumentNullException.ThrowIfNull(unit);
        queue.ThrowIfEmpty(nameof(queue));
        if (payload.Length > PayloadBytesMax) throw new ArgumentException($"A payload has at most {PayloadBytesMax:N0} bytes.", nameof(payload));
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        DateTimeOffset now = await unit.NowAsync();
        await unit.ExecuteAsync(
            """
            INSERT INTO sirsi_queue (tenant, project, queue, id, priority, visible_at, attempts, dead, enqueued_at, payload)
            VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7, $8) ON CONFLICT (tenant, project, queue, id) DO NOTHING
            """, queue.Scope.Tenant.Value, queue.Scope.Project.Value, queue.Name, id, priority, now + delay, now, payload);
        unit.Signal(queue.Signal);
    }

    /// <summary>
    /// Claims items that nobody has claimed. Those claimed too often without being completed are set aside as dead instead of given out.
    /// </summary>
    public static async ValueTask<IReadOnlyList<QueuedItem>> ClaimAsync(UnitOfWork unit, QueueName queue, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(unit);
        queue.ThrowIfEmpty(nameof(queue));
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (Guid tenant, Guid project) = (queue.Scope.Tenant.Value, queue.Scope.Project.Value);
        DateTimeOffset now = await unit.NowAsync();
        var claimed = await unit.QueryAsync(
            $"""
            WITH picked AS (
              SELECT id AS picked_id FROM sirsi_queue
              WHERE tenant = $1 AND project = $2 AND queue = $3 AND dead = 0 AND visible_at <= $4
              ORDER BY priority DESC, id LIMIT $5 {unit.Dialect.ForUpdateSkipLocked})
            UPDATE sirsi_queue SET visible_at = $6, attempts = attempts + 1 FROM picked
            WHERE tenant = $1 AND project = $2 AND queue = $3 AND id = picked_id
            RETURNING id, payload, attempts, visible_at, enqueued_at, priority
            """,
            row => (Item: new QueuedItem(queue, row.Uuid(0), row.Bytes(1), (int)row.Integer(2), row.Instant(3), row.Instant(4)), Priority: row.Integer(5)),
            tenant, project, queue.Name, now, options.Count, now + options.Time);
        object?[][] spent = [.. claimed.Where(claim => claim.Item.Attempt > options.AttemptsMax)
            .Select(claim => (object?[])[tenant, project, queue.Name, claim.Item.Id])];
        await unit.ExecuteEachAsync($"UPDATE sirsi_queue SET dead = 1 WHERE {WhereItem}", spent);
        return [.. claimed.Where(claim => claim.Item.Attempt <= options.AttemptsMax)
            .OrderByDescending(static claim => claim.Priority).ThenBy(static claim => claim.Item.Id).Select(static claim => claim.Item)];
    }

    /// <summary>Takes a done item out; false when the claim has been lost to another, whose results then count: fail the unit.</summary>
    public static async ValueTask<bool> CompleteAsync(UnitOfWork unit, QueuedItem item) =>
        await WithClaimAsync(unit, item, "DELETE FROM sirsi_queue");

    /// <summary>Prolongs a claim from now on; false when it has been lost.</summary>
    public static async ValueTask<bool> ExtendAsync(UnitOfWork unit, QueuedItem item, TimeSpan time)
    {
        ArgumentNullException.ThrowIfNull(unit);
        DatabaseLimits.ThrowIfNotInRange(time, nameof(time));
        return await WithClaimAsync(unit, item, "UPDATE sirsi_queue SET visible_at = $6", await unit.NowAsync() + time);
    }

    /// <summary>Gives an item back to be claimed again after <paramref name="delay"/>; false when the claim has been lost.</summary>
    public static async ValueTask<bool> RetryAsync(UnitOfWork unit, QueuedItem item, TimeSpan delay)
    {
        ArgumentNullException.ThrowIfNull(unit);
        ArgumentNullException.ThrowIfNull(item);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        unit.Signal(item.Queue.Signal);
        return await WithClaimAsync(unit, item, "UPDATE sirsi_queue SET visible_at = $6", await unit.NowAsync() + delay);
    }

    /// <summary>Sets an item aside as dead; false when the claim has been lost.</summary>
    public static async ValueTask<bool> BuryAsync(UnitOfWork unit, QueuedItem item) =>
        await WithClaimAsync(unit, item, "UPDATE sirsi_queue SET dead = 1");

    /// <summary>Items of a queue: those that wait or are claimed, and those that are dead.</summary>
    public static async ValueTask<(long Live, long Dead)> CountAsync(ReadSession session, QueueName queue)
    {
        ArgumentNullException.ThrowIfNull(session);
        queue.ThrowIfEmpty(nameof(queue));
        var counts = await session.QueryAsync(
            "SELECT dead, COUNT(*) FROM sirsi_queue WHERE tenant = $1 AND project = $2 AND queue = $3 GROUP BY dead",
            static row => (Dead: row.Integer(0), Count: row.Integer(1)), queue.Scope.Tenant.Value, queue.Scope.Project.Value, queue.Name);
        return (counts.FirstOrDefault(static count => count.Dead == 0).Count, counts.FirstOrDefault(static count => count.Dead == 1).Count);
    }

    /// <summary>Lets dead items be claimed anew, as if for the first time; gives how many.</summary>
    public static async ValueTask<int> ReviveAsync(UnitOfWork unit, QueueName queue)
    {
        ArgumentNullException.ThrowIfNull(unit);
        queue.ThrowIfEmpty(nameof(queue));
        unit.Signal(queue.Signal);
        return await unit.ExecuteAsync(
            "UPDATE sirsi_queue SET dead = 0, attempts = 0, visible_at = $4 WHERE tenant = $1 AND project = $2 AND queue = $3 AND dead = 1",
            queue.Scope.Tenant.Value, queue.Scope.Project.Value, queue.Name, await unit.NowAsync());
    }

    /// <summary>
    /// Returns when this process has put something into the queue, or after <paramref name="patience"/>: what a worker with nothing to do awaits.
    /// Items of other processes, and those whose delay or claim has run out, are found by looking again.
    /// </summary>
    public static async Task WaitAsync(Database database, QueueName queue, TimeSpan patience, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(database);
        queue.ThrowIfEmpty(nameof(queue));
        using CommitSignals.CommitWait next = database.Signals.Next(queue.Signal);
        await next.WaitAsync(patience, cancellation);
    }

    private static async ValueTask<bool> WithClaimAsync(UnitOfWork unit, QueuedItem item, string change, params object?[] values)
    {
        ArgumentNullException.ThrowIfNull(unit);
        ArgumentNullException.ThrowIfNull(item);
        QueueName queue = item.Queue;
        return await unit.ExecuteAsync($"{change} WHERE {WhereItem} AND attempts = $5 AND dead = 0",
            [queue.Scope.Tenant.Value, queue.Scope.Project.Value, queue.Name, item.Id, item.Attempt, .. values]) == 1;
    }
}
