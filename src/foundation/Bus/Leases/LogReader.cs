using Sirsi.Bus.Drivers;

namespace Sirsi.Bus.Leases;

/// <summary>Reads all partitions of a log without a group.</summary>
internal sealed class LogReader : EventSource
{
    private readonly LeasedLog _log;
    private readonly PartitionFeed[] _feeds;
    private readonly long[] _ends;
    private readonly Signal _wake;
    private int _firstPartition;

    /// <param name="log">The log.</param>
    /// <param name="starts">Where each partition begins.</param>
    /// <param name="ends">Where each ends; empty to go on for ever.</param>
    /// <param name="wake">Registered with the log already.</param>
    public LogReader(LeasedLog log, long[] starts, long[] ends, Signal wake)
    {
        (_log, _ends, _wake) = (log, ends, wake);
        _feeds = [.. starts.Select((start, partition) => log.OpenFeed(partition, start, wake))];
    }

    public override async ValueTask FetchAsync(EventBlock block, CancellationToken cancellation)
    {
        int before = block.Count;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (PartitionFeed feed in _feeds) await feed.FillAsync(cancellation);
            bool hasPassed = Drain(block, out bool isFull);
            if (block.Count > before || isFull || HasEnded) return;
            if (!hasPassed) await _wake.WaitAsync(cancellation);
        }
    }

    public override ValueTask SettleAsync(ReadOnlyMemory<Settlement> settled, CancellationToken cancellation) => default;

    public override ValueTask ReleaseAsync(int partition, CancellationToken cancellation) => default;

    public override async ValueTask DisposeAsync()
    {
        _log.Unregister(_wake);
        foreach (PartitionFeed feed in _feeds) await feed.DisposeAsync();
    }

    private bool HasEnded
    {
        get
        {
            for (int partition = 0; partition < _ends.Length; partition++)
                if (!_feeds[partition].HasReached(_ends[partition])) return false;
            return _ends.Length > 0;
        }
    }

    private bool Drain(EventBlock block, out bool isFull)
    {
        bool hasPassed = false;
        isFull = false;
        _firstPartition = (_firstPartition + 1) % _feeds.Length;
        for (int i = 0; i < _feeds.Length; i++)
        {
            int partition = (_firstPartition + i) % _feeds.Length;
            for (PartitionFeed feed = _feeds[partition]; feed.TryPeek(out FeedEntry entry); feed.Advance())
            {
                BlockAddition addition = block.TryAdd(partition, entry.Position, deliveries: 0, entry.Bytes.Span);
                isFull = addition == BlockAddition.Full;
                if (isFull) return hasPassed;
                hasPassed |= addition == BlockAddition.Unwanted;
            }
        }

        return hasPassed;
    }
}
