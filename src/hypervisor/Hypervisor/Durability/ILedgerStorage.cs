namespace Sirsi.Hypervisor.Durability;

/// <summary>Where a host's ledger lies; it is that host's alone as long as it is open. Thread-safe.</summary>
internal interface ILedgerStorage : IAsyncDisposable
{
    /// <summary>Where that is, for messages; holds no secret.</summary>
    string Place { get; }

    /// <summary>A record for all that a turn did, whole or not at all.</summary>
    ILedgerLog Turns { get; }

    /// <summary>What the turns came to, from time to time.</summary>
    ILedgerLog Checkpoints { get; }

    /// <summary>Why no turn can be stored any more before it is opened again; null as long as that is not so.</summary>
    string? Failure { get; }

    /// <summary>What a failure of its logs means to the host; null when it is none of theirs.</summary>
    HypervisorException? MeaningOf(Exception failure);
}

/// <summary>Records in the order in which they were given, numbered from 1 without gaps. Thread-safe.</summary>
internal interface ILedgerLog
{
    /// <summary>The number of the first record that is still there; that of the next one when there is none.</summary>
    long FirstSequence { get; }

    /// <summary>The number after that of the last record that is stored.</summary>
    long NextSequence { get; }

    /// <summary>Stores a record; completes with its number when it is on disk, together with others that wait. The bytes are the log's until then.</summary>
    ValueTask<long> AppendAsync(ReadOnlyMemory<byte> record);

    /// <summary>Shows the records that are stored by now, in order, and gives the number of the first that was not shown.</summary>
    /// <param name="from">The number of the first to show: one that was given by this method or <see cref="AppendAsync"/>, or <see cref="FirstSequence"/>.</param>
    /// <param name="visit">Called for one after the other; the bytes are valid meanwhile.</param>
    /// <param name="cancellation">Ends it.</param>
    Task<long> ReadAsync(long from, Action<ReadOnlySpan<byte>> visit, CancellationToken cancellation);

    /// <summary>Drops records before this one, as many as is convenient. One call at a time.</summary>
    Task DropAsync(long floor);
}
