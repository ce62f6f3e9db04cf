using Sirsi.Bus.Drivers;

namespace Sirsi.Bus.Local;

/// <summary>
/// Where a log of this process keeps its events: records with ascending positions. Safe for any number of threads.
/// </summary>
internal abstract class LocalRecords : IAsyncDisposable
{
    /// <summary>The position of the oldest record, or <see cref="Next"/> when there is none.</summary>
    public abstract long First { get; }

    /// <summary>Every record before it may be read.</summary>
    public abstract long Next { get; }

    /// <summary>About how many bytes they take.</summary>
    public abstract long Bytes { get; }

    /// <summary>Called, from any thread, when <see cref="Next"/> has grown.</summary>
    public Action? Grown { get; set; }

    /// <summary>
    /// Appends a record; completes, with its position, when it is as safe as it gets. The event's bytes are the log's until then.
    /// </summary>
    public abstract ValueTask<long> AppendAsync(in NewEvent newEvent, CancellationToken cancellation);

    /// <summary>Completes when all that is being appended is as safe as it gets, or has failed.</summary>
    public abstract ValueTask WhenSafeAsync(CancellationToken cancellation);

    /// <summary>What a caller is told of a failure of <see cref="AppendAsync"/>.</summary>
    public virtual Exception Told(Exception failure) => failure;

    /// <summary>A place of reading. Used by one call at a time.</summary>
    public abstract RecordCursor OpenCursor();

    /// <summary>The first position whose record was appended at or after an instant, in milliseconds since 1970.</summary>
    public abstract ValueTask<long> PositionAtAsync(long timeMilliseconds, CancellationToken cancellation);

    /// <summary>Closes it.</summary>
    public abstract ValueTask DisposeAsync();
}

/// <summary>Reads records in their order; cheapest where it stopped before.</summary>
internal abstract class RecordCursor : IDisposable
{
    /// <summary>
    /// Shows the records from a position on to a reader, until it has enough or there are no more; gives the position behind the last one that it took.
    /// </summary>
    public abstract ValueTask<long> ReadAsync(long from, IRecordReader reader, CancellationToken cancellation);

    public abstract void Dispose();
}

/// <summary>Who reads records.</summary>
internal interface IRecordReader
{
    /// <summary>Takes a record; false when there is no room for it, and it is to be shown again.</summary>
    bool TryTake(int partition, long position, ReadOnlySpan<byte> bytes);
}
