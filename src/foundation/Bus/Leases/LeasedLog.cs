using System.Collections.Concurrent;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Leases;

/// <summary>
/// A log on a server that keeps events in order and small cells, and knows nothing of groups: groups are cells, and their members share partitions by leases. A
/// driver adds how events are appended, read and found.
/// </summary>
internal abstract class LeasedLog(LogName name, int partitions, LeaseOptions options, HostEnvironment environment) : EventLog
{
    private static readonly TimeSpan CountTimeout = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, EventFilter> _filters = new(StringComparer.Ordinal);
    private Waiter[] _waiters = [];

    public override LogName Name => name;

    public override int Partitions => partitions;

    /// <summary>Where the log's groups are kept.</summary>
    public abstract CellStore Cells { get; }

    /// <summary>Begins to read a partition; sets <paramref name="wake"/> when there may be more.</summary>
    public abstract PartitionFeed OpenFeed(int partition, long from, Signal wake);

    /// <summary>Tells members everywhere that something has changed in a group; does not wait, and may get lost.</summary>
    public abstract void Poke();

    /// <summary>Fixes the start now, not when a partition is first taken.</summary>
    public override async ValueTask MakeGroupAsync(GroupOptions group, CancellationToken cancellation)
    {
        long[]? starts = null;
        for (int partition = 0; partition < Partitions; partition++)
        {
            var cell = new CellName(group.Name, partition);
            if ((await Cells.ReadAsync(cell, cancellation)).Exists) continue;
            starts ??= await PositionsAsync(group.Start, cancellation);
            await Cells.WriteAsync(cell, PartitionRecord.New(starts[partition]).Encode(), revision: 0, cancellation);
        }
    }

    public override async ValueTask<EventSource> JoinAsync(GroupOptions group, CancellationToken cancellation)
    {
        await MakeGroupAsync(group, cancellation);
        _filters[group.Name] = group.Filter;
        var source = new LeasedSource(this, group.Name, options, environment);
        source.Start();
        return source;
    }

    public override async ValueTask<EventSource> ReadAsync(ReadOptions read, CancellationToken cancellation)
    {
        long[] starts = await PositionsAsync(read.Start, cancellation);
        long[] ends = read.Follow ? [] : await EndsAsync(cancellation);
        var wake = new Signal(environment.Executor);
        Register(wake, stir: null);
        return new LogReader(this, starts, ends, wake);
    }

    public override async ValueTask<GroupStatus?> StatusAsync(string group, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(CountTimeout, environment.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            return await CountAsync(group, either.Token);
        }
        catch (OperationCanceledException late) when (limit.IsCancellationRequested)
        {
            throw new BusException(
                BusErrors.Unavailable, $"The events before the group {group} of {Name} could not be counted within {CountTimeout.TotalSeconds:0} s.", late);
        }
    }

    private async ValueTask<GroupStatus?> CountAsync(string group, CancellationToken cancellation)
    {
        long[] ends = await EndsAsync(cancellation);
        long lag = 0;
        bool exists = false;
        for (int partition = 0; partition < Partitions; partition++)
        {
            Cell cell = await Cells.ReadAsync(new CellName(group, partition), cancellation);
            if (!cell.Exists) continue;
            exists = true;
            lag += await CountAsync(group, partition, PartitionRecord.Decode(cell.Value.Span), ends[partition], cancellation);
        }

        if (!exists) return null;
        var roster = Roster.Decode(await Cells.ReadAsync(new CellName(group, CellName.Roster), cancellation), Partitions);
        return new GroupStatus(group, lag, roster.Members.Count);
    }

    public void Register(Signal wake, Action? stir)
    {
        lock (_lock) _waiters = [.. _waiters, new Waiter(wake, stir)];
    }

    public void Unregister(Signal wake)
    {
        lock (_lock) _waiters = [.. _waiters.Where(waiter => waiter.Wake != wake)];
    }

    /// <summary>A position behind the last event of each partition; where there never was one, any position before the first to come.</summary>
    protected abstract ValueTask<long[]> EndsAsync(CancellationToken cancellation);

    /// <summary>A position behind all that was published before an instant, and not behind anything later.</summary>
    protected abstract ValueTask<long> PositionAtAsync(DateTimeOffset time, CancellationToken cancellation);

    protected bool HasWaiters => Volatile.Read(ref _waiters).Length > 0;

    /// <summary>There may be new events.</summary>
    protected void OnGrown()
    {
        foreach (Waiter waiter in Volatile.Read(ref _waiters)) waiter.Wake.Set();
    }

    /// <summary>Somebody poked.</summary>
    protected void OnPoked()
    {
        foreach (Waiter waiter in Volatile.Read(ref _waiters)) waiter.Stir?.Invoke();
    }

    private async ValueTask<long[]> PositionsAsync(LogStart start, CancellationToken cancellation)
    {
        if (start.Kind == LogStartKind.End) return await EndsAsync(cancellation);
        long[] positions = new long[Partitions];
        Array.Fill(positions, start.Kind switch
        {
            LogStartKind.Position => Math.Max(0, start.Position),
            LogStartKind.Time => await PositionAtAsync(start.Time, cancellation),
            _ => 0,
        });
        return positions;
    }

    /// <summary>Counts what the group has not done. What its filter does not want counts only where no member of it is in this process.</summary>
    private async ValueTask<long> CountAsync(string group, int partition, PartitionRecord record, long end, CancellationToken cancellation)
    {
        _filters.TryGetValue(group, out EventFilter? filter);
        HashSet<long> settled = [.. record.Settled];
        long count = 0;
        var wake = new Signal(environment.Executor);
        await using PartitionFeed feed = OpenFeed(partition, record.Floor, wake);
        while (!feed.HasReached(end))
        {
            await feed.FillAsync(cancellation);
            bool any = false;
            for (; feed.TryPeek(out FeedEntry entry); feed.Advance())
            {
                any = true;
                if (entry.Position >= end) return count;
                bool isWanted = filter is null || (EventScan.TryRead(entry.Bytes.Span, out EventScan scan) && filter.Matches(scan));
                if (isWanted && !settled.Contains(entry.Position)) count++;
            }

            if (!any && !feed.HasReached(end)) await wake.WaitAsync(cancellation);
        }

        return count;
    }

    private sealed record Waiter(Signal Wake, Action? Stir);
}
