using System.Runtime.InteropServices;

namespace Sirsi.Bus.Leases;

/// <summary>An event as a server gave it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FeedEntry(long Position, ReadOnlyMemory<byte> Bytes);

/// <summary>The events of one partition from a position on, in log order. For one caller at a time.</summary>
internal abstract class PartitionFeed : IAsyncDisposable
{
    /// <summary>From where on it still has to give.</summary>
    public abstract long Position { get; }

    /// <summary>
    /// Gets more from the server if nothing is at hand, without waiting for what is not published yet; whoever opened the feed is woken when there is.
    /// </summary>
    /// <exception cref="BusException">The server fails; the feed goes on where it was with the next call.</exception>
    public abstract ValueTask FillAsync(CancellationToken cancellation);

    /// <summary>The next event at hand, without taking it.</summary>
    public abstract bool TryPeek(out FeedEntry entry);

    /// <summary>Takes the event that <see cref="TryPeek"/> gave.</summary>
    public abstract void Advance();

    /// <summary>Whether everything before <paramref name="end"/>, where the partition ended a while ago, was given.</summary>
    public virtual bool HasReached(long end) => Position >= end;

    public abstract ValueTask DisposeAsync();
}
