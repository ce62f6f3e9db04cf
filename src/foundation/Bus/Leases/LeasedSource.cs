using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Leases;

/// <summary>
/// A member of a group whose other members may be in other processes: the side that fetches and settles. Who owns what is kept by a <see cref="LeaseKeeper"/>.
/// </summary>
internal sealed class LeasedSource : EventSource
{
    private readonly LeasedLog _log;
    private readonly LeaseKeeper _keeper;
    private readonly Signal _wake;
    private readonly (PartitionFeed? Feed, long Epoch)[] _feeds;
    private readonly List<ValueTask> _filling = [];
    private int _firstPartition;

    public LeasedSource(LeasedLog log, string group, LeaseOptions options, HostEnvironment environment)
    {
        _log = log;
        _wake = new Signal(environment.Executor);
        _feeds = new (PartitionFeed?, long)[log.Partitions];
        _keeper = new LeaseKeeper(log, group, options, environment, _wake);
    }

    /// <summary>Begins to take part in the group.</summary>
    public void Start()
    {
        _log.Register(_wake, _keeper.Stir);
        _keeper.Start();
    }

    public override async ValueTask FetchAsync(EventBlock block, CancellationToken cancellation)
    {
        int before = block.Count;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            bool isChanged = _keeper.TellChanges(block);
            await OpenFeedsAsync();
            await FillAsync(cancellation);
            bool hasPassed = Drain(block, out bool isFull);
            if (block.Count > before || isChanged || isFull || _keeper.Outage.HasEnded()) return;
            if (hasPassed) continue;
            await _wake.WaitAsync(cancellation);
        }
    }

    public override void Delivered(ReadOnlySpan<Delivery> deliveries) => _keeper.Deliver(deliveries);

    public override ValueTask SettleAsync(ReadOnlyMemory<Settlement> settled, CancellationToken cancellation) => _keeper.SettleAsync(settled, cancellation);

    public override ValueTask ReleaseAsync(int partition, CancellationToken cancellation)
    {
        _keeper.Release(partition);
        return default;
    }

    public override async ValueTask DisposeAsync()
    {
        _log.Unregister(_wake);
        await _keeper.DisposeAsync();
        for (int partition = 0; partition < _feeds.Length; partition++) await CloseFeedAsync(partition);
    }

    private async ValueTask OpenFeedsAsync()
    {
        for (int partition = 0; partition < _feeds.Length; partition++)
        {
            bool isMine = _keeper.IsMine(partition, out long epoch, out long next);
            if (_feeds[partition].Feed is not null && (!isMine || _feeds[partition].Epoch != epoch)) await CloseFeedAsync(partition);
            if (isMine && _feeds[partition].Feed is null) _feeds[partition] = (_log.OpenFeed(partition, next, _wake), epoch);
        }
    }

    private async ValueTask CloseFeedAsync(int partition)
    {
        if (_feeds[partition].Feed is not { } feed) return;
        _feeds[partition] = default;
        await feed.DisposeAsync();
    }

    /// <summary>All partitions at once: one way to the server and back.</summary>
    private async ValueTask FillAsync(CancellationToken cancellation)
    {
        _filling.Clear();
        foreach ((PartitionFeed? feed, _) in _feeds)
#pragma warning disable CA2012 // Each is awaited once, below.
            if (feed is not null) _filling.Add(feed.FillAsync(cancellation));
#pragma warning restore CA2012
        Exception? failure = null;
        foreach (ValueTask filling in _filling)
        {
            try
            {
                await filling;
            }
            catch (Exception problem)
            {
                failure ??= problem;
            }
        }

        if (failure is BusException away) _keeper.Outage.Hear(away);
        if (failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Moves what is at hand into the block; gives whether events were passed over.</summary>
    private bool Drain(EventBlock block, out bool isFull)
    {
        bool hasPassed = false;
        isFull = false;
        // Another partition begins each time, so that none is always the one that finds the block full.
        _firstPartition = (_firstPartition + 1) % _feeds.Length;
        for (int i = 0; i < _feeds.Length && !isFull; i++)
        {
            int partition = (_firstPartition + i) % _feeds.Length;
            if (_feeds[partition].Feed is { } feed) hasPassed |= _keeper.Take(block, partition, _feeds[partition].Epoch, feed, out isFull);
        }

        return hasPassed;
    }
}
