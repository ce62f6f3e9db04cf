using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Leases;

/// <summary>
/// Keeps one member's place in a group: beats in the roster, takes the partitions that are to be its own once they are free, gives away those that are not, and writes what is
/// done. Safe for any number of threads; one loop does the waiting.
/// </summary>
internal sealed partial class LeaseKeeper : IAsyncDisposable
{
    private readonly LeasedLog _log;
    private readonly string _group;
    private readonly LeaseOptions _options;
    private readonly HostEnvironment _environment;
    private readonly Signal _wake;
    private readonly Guid _id;
    private readonly Lock _lock = new();
    private readonly Holding[] _holdings;
    private readonly RosterWatch _watch;

    /// <param name="log">The log, which has the cells.</param>
    /// <param name="group">The group.</param>
    /// <param name="options">How long a lease is.</param>
    /// <param name="environment">Clock, executor, ids.</param>
    /// <param name="wake">Set when the consumer has something to fetch or to hear.</param>
    public LeaseKeeper(LeasedLog log, string group, LeaseOptions options, HostEnvironment environment, Signal wake)
    {
        (_log, _group, _options, _environment, _wake) = (log, group, options, environment, wake);
        _id = environment.Ids.Next();
        Outage = new Outage(wake);
        _holdings = [.. Enumerable.Range(0, log.Partitions).Select(static partition => new Holding(partition))];
        _watch = new RosterWatch(environment.Time, options.Lease);
        _stir = new Signal(environment.Executor);
        _timer = environment.Time.CreateTimer(static stir => ((Signal)stir!).Set(), _stir, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether the server is away.</summary>
    public Outage Outage { get; }

    /// <summary>Whether a partition may be read, from where on, and in which time of ownership.</summary>
    public bool IsMine(int partition, out long epoch, out long next)
    {
        lock (_lock)
        {
            Holding holding = _holdings[partition];
            (epoch, next) = (holding.Epoch, holding.Cursor.Next);
            return holding.Standing == Standing.Mine;
        }
    }

    /// <summary>Tells the consumer which partitions it has to give up, or has lost; gives whether there were any.</summary>
    public bool TellChanges(EventBlock block)
    {
        bool any = false, isLoss = false;
        lock (_lock)
        {
            LoseAllWhenExpired();
            foreach (Holding holding in _holdings)
            {
                if (holding.IsLossUntold)
                {
                    holding.TellLoss();
                    block.Lose(holding.Partition);
                    any = isLoss = true;
                }
                else if (holding.Standing == Standing.Wanted)
                {
                    holding.TellWanted();
                    block.WantElsewhere(holding.Partition);
                    any = true;
                }
            }
        }

        // What was lost may be taken again from now on.
        if (isLoss) Stir();
        return any;
    }

    /// <summary>Moves what a feed has at hand into a block, without what is done already; gives whether any event was passed over.</summary>
    public bool Take(EventBlock block, int partition, long epoch, PartitionFeed feed, out bool isFull)
    {
        isFull = false;
        bool hasPassed = false;
        lock (_lock)
        {
            Holding holding = _holdings[partition];
            if (holding.Standing != Standing.Mine || holding.Epoch != epoch) return false;
            while (feed.TryPeek(out FeedEntry entry))
            {
                int deliveries = holding.Cursor.DeliveriesOf(entry.Position);
                BlockAddition addition = holding.Cursor.WasSettled(entry.Position) ? BlockAddition.Unwanted
                    : block.TryAdd(partition, entry.Position, deliveries, entry.Bytes.Span);
                isFull = addition == BlockAddition.Full;
                if (isFull) return hasPassed;
                if (addition == BlockAddition.Added)
                {
                    holding.Cursor.HandOut(entry.Position, deliveries);
                }
                else
                {
                    holding.Cursor.Pass(entry.Position);
                    holding.IsDirty = hasPassed = true;
                }

                feed.Advance();
            }
        }

        return hasPassed;
    }

    /// <summary>Counts attempts, which are written soon after.</summary>
    public void Deliver(ReadOnlySpan<Delivery> deliveries)
    {
        lock (_lock)
        {
            foreach (ref readonly Delivery delivery in deliveries)
            {
                Holding holding = _holdings[delivery.Partition];
                if (!holding.IsHeld) continue;
                holding.Cursor.Deliver(delivery.Position, delivery.Attempt);
                holding.IsDirty = true;
            }

            if (_isMarking) return;
            _isMarking = true;
            _timer.Change(MarkDelay, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Remembers what is done; completes when the server has it.</summary>
    public async ValueTask SettleAsync(ReadOnlyMemory<Settlement> settled, CancellationToken cancellation)
    {
        Settle(settled.Span);
        await WriteAsync(cancellation);
    }

    /// <summary>The consumer has emptied a partition.</summary>
    public void Release(int partition)
    {
        lock (_lock)
        {
            if (_holdings[partition].Standing != Standing.Leaving) return;
            _holdings[partition].Release();
        }

        _stir.Set();
    }

    /// <summary>Something has changed in the group: looks at the roster now.</summary>
    public void Stir()
    {
        Volatile.Write(ref _isStirred, true);
        _stir.Set();
    }

    private void Settle(ReadOnlySpan<Settlement> settled)
    {
        lock (_lock)
        {
            foreach (ref readonly Settlement done in settled)
            {
                Holding holding = _holdings[done.Partition];
                if (!holding.IsHeld) continue;
                holding.Cursor.Settle(done.Position);
                holding.IsDirty = true;
            }
        }
    }

    /// <summary>Under the lock.</summary>
    private void LoseAllWhenExpired()
    {
        if (_beatAt != 0 && _environment.Time.GetElapsedTime(_beatAt) > _options.OwnLimit) LoseAll();
    }

    /// <summary>Under the lock.</summary>
    private void LoseAll()
    {
        if (!_holdings.Any(static holding => holding.IsHeld)) return;
        foreach (Holding holding in _holdings) holding.Lose();
        _wake.Set();
    }
}
