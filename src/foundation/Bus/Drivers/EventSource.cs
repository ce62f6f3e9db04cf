using System.Runtime.InteropServices;
using Sirsi.Bus.Consuming;

namespace Sirsi.Bus.Drivers;

/// <summary>
/// Where a member of a group, or a reader, gets its events from. Fetching is one call at a time, and so is settling; both may go on at once.
/// </summary>
public abstract class EventSource : IAsyncDisposable
{
    /// <summary>
    /// Waits until there is something, then puts it into <paramref name="block"/> as far as it has room: of each partition this member owns, in log
    /// order, at first what was handed out before and not settled. Completes with an empty block when a reader that does not follow is at the end, or when
    /// partitions were gained or lost.
    /// </summary>
    public abstract ValueTask FetchAsync(EventBlock block, CancellationToken cancellation);

    /// <summary>
    /// Hears what was delivered just now, so that attempts are counted on when another member goes on with it. Does nothing where the server counts by itself.
    /// </summary>
    public virtual void Delivered(ReadOnlySpan<Delivery> deliveries)
    {
    }

    /// <summary>Remembers that these events are done; completes when that is as safe as the driver makes it.</summary>
    public abstract ValueTask SettleAsync(ReadOnlyMemory<Settlement> settled, CancellationToken cancellation);

    /// <summary>Gives up a partition that a block said to be wanted elsewhere, now that nothing of it is in flight.</summary>
    public abstract ValueTask ReleaseAsync(int partition, CancellationToken cancellation);

    /// <summary>Leaves: partitions go to other members at once, with what is not settled.</summary>
    public abstract ValueTask DisposeAsync();
}

/// <summary>An event that is done.</summary>
/// <param name="Partition">Its partition.</param>
/// <param name="Position">Its position.</param>
/// <param name="Token">What the source gave it, if anything.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Settlement(int Partition, long Position, object? Token);
