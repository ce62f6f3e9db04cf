using System.Runtime.CompilerServices;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;

namespace Sirsi.Bus.Local;

/// <summary>A member's place in a group of this process.</summary>
internal sealed class LocalSource(LocalLog log, LocalRecords records, LocalGroup group, Signal wake) : EventSource, IRecordReader
{
    private enum Standing
    {
        Elsewhere,

        /// <summary>Mine from the next read on: the one under way may have passed by some of it.</summary>
        Given,
        Mine,

        /// <summary>Another member is to have it; the consumer does not know yet.</summary>
        Wanted,

        /// <summary>The consumer knows, and will release it.</summary>
        Leaving,
    }

    private readonly Standing[] _standing = new Standing[group.Cursors.Length];
    private readonly RecordCursor _cursor = records.OpenCursor();
    private EventBlock _block = null!;

    public Signal Wake => wake;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask FetchAsync(EventBlock block, CancellationToken cancellation)
    {
        int before = block.Count;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            bool isChanged = TellWanted(block);
            long from = Start(out bool ownsAny);
            if (ownsAny && from < records.Next && block.Room > 0)
            {
                _block = block;
                long to = await _cursor.ReadAsync(from, this, cancellation);
                PassTo(to);
                isChanged |= to == from;
            }

            if (block.Count > before || isChanged) return;
            if (ownsAny && Start(out _) < records.Next) continue;
            await wake.WaitAsync(cancellation);
        }
    }

    /// <summary>Under no lock but the records' own, if they have one.</summary>
    public bool TryTake(int partition, long position, ReadOnlySpan<byte> bytes)
    {
        lock (group.Lock)
        {
            PartitionCursor cursor = group.Cursors[partition];
            if (_standing[partition] != Standing.Mine || position < cursor.Next) return true;
            if (cursor.WasSettled(position))
            {
                cursor.Pass(position);
                return true;
            }

            int deliveries = cursor.DeliveriesOf(position);
            switch (_block.TryAdd(partition, position, deliveries, bytes))
            {
                case BlockAddition.Added:
                    cursor.HandOut(position, deliveries);
                    return true;
                case BlockAddition.Unwanted:
                    cursor.Pass(position);
                    return true;
                default:
                    return false;
            }
        }
    }

    public override void Delivered(ReadOnlySpan<Delivery> deliveries)
    {
        lock (group.Lock)
        {
            foreach (ref readonly Delivery delivery in deliveries)
                if (group.IsOwner(this, delivery.Partition)) group.Cursors[delivery.Partition].Deliver(delivery.Position, delivery.Attempt);
            group.SaveSoon();
        }
    }

    public override async ValueTask SettleAsync(ReadOnlyMemory<Settlement> settled, CancellationToken cancellation)
    {
        Settle(settled.Span);
        await group.SaveAsync(cancellation);
    }

    public override ValueTask ReleaseAsync(int partition, CancellationToken cancellation)
    {
        lock (group.Lock)
        {
            if (_standing[partition] != Standing.Leaving) return default;
            _standing[partition] = Standing.Elsewhere;
        }

        group.Release(this, partition);
        return default;
    }

    public override ValueTask DisposeAsync()
    {
        log.Unregister(wake);
        group.Leave(this);
        _cursor.Dispose();
        return default;
    }

    /// <summary>The group gives the partition to this member, or leaves it here. Under the group's lock.</summary>
    public void Keep(int partition)
    {
        // Once the consumer has begun to empty a partition it goes through with it, and is given the partition anew.
        if (_standing[partition] is Standing.Leaving or Standing.Mine) return;
        _standing[partition] = Standing.Given;
        wake.Set();
    }

    /// <summary>The group wants the partition for another member. Under the group's lock.</summary>
    public void WantElsewhere(int partition)
    {
        if (_standing[partition] is not (Standing.Given or Standing.Mine)) return;
        _standing[partition] = Standing.Wanted;
        wake.Set();
    }

    private void Settle(ReadOnlySpan<Settlement> settled)
    {
        lock (group.Lock)
        {
            foreach (ref readonly Settlement done in settled)
                if (group.IsOwner(this, done.Partition)) group.Cursors[done.Partition].Settle(done.Position);
        }
    }

    private bool TellWanted(EventBlock block)
    {
        bool any = false;
        lock (group.Lock)
        {
            for (int partition = 0; partition < _standing.Length; partition++)
            {
                if (_standing[partition] != Standing.Wanted) continue;
                _standing[partition] = Standing.Leaving;
                block.WantElsewhere(partition);
                any = true;
            }
        }

        return any;
    }

    /// <summary>Where the next read begins: at the first position that a partition of this member is to go on at.</summary>
    private long Start(out bool ownsAny)
    {
        long start = long.MaxValue;
        lock (group.Lock)
        {
            for (int partition = 0; partition < _standing.Length; partition++)
            {
                if (_standing[partition] == Standing.Given) _standing[partition] = Standing.Mine;
                if (_standing[partition] == Standing.Mine) start = Math.Min(start, group.Cursors[partition].Next);
            }
        }

        ownsAny = start != long.MaxValue;
        // Retention may have taken what the group has not come to.
        return Math.Max(start, records.First);
    }

    private void PassTo(long position)
    {
        lock (group.Lock)
        {
            for (int partition = 0; partition < _standing.Length; partition++)
                if (_standing[partition] == Standing.Mine) group.Cursors[partition].PassTo(position);
        }
    }
}
