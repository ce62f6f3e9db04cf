using Sirsi.Core.Hosting;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Durability;

/// <summary>
/// A log in a database. Records that wait at the same time become one row in one transaction, which holds only as long as the ledger is this host's; the next ones gather meanwhile. One loop writes, so rows are
/// stored one after the other.
/// </summary>
internal sealed partial class DatabaseLog : ILedgerLog, IAsyncDisposable
{
    /// <summary>Which log of the ledger it is.</summary>
    public const int Turns = 1, Checkpoints = 2;

    private const int RowRecordsMax = 4_096, RowBytesMax = 1 << 20;
    private const long WaitingBytesMax = 64 << 20;

    /// <summary>A row behind the one before it, or the first.</summary>
    private const string Insert = """
        INSERT INTO sirsi_ledger (ledger, log, sequence, records, fence, data) SELECT $1, $2, $3, $4, $5, $6
        WHERE $7 = $3 OR EXISTS (SELECT 1 FROM sirsi_ledger WHERE ledger = $1 AND log = $2 AND sequence = $7) ON CONFLICT (ledger, log, sequence) DO NOTHING
        """;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100), OutcomeTimeMax = TimeSpan.FromMinutes(5);

    private readonly HostEnvironment _environment;
    private readonly DatabaseLedger _ledger;
    private readonly LedgerLease _lease;
    private readonly int _log;
    private readonly Lock _lock = new();
    private readonly Queue<Waiting> _waiting = new();
    private readonly FactWriter _row = new(lengthKept: 4 << 20);
    private long _waitingBytes;

    /// <summary>The numbers of the first record, of the last row, and of the next one, which is that of the last when there is none.</summary>
    private long _first, _last, _next;

    private bool _isWriting, _isClosed;
    private Task _writing = Task.CompletedTask;

    private DatabaseLog(HostEnvironment environment, DatabaseLedger ledger, LedgerLease lease, int log) =>
        (_environment, _ledger, _lease, _log) = (environment, ledger, lease, log);

    public long FirstSequence => Interlocked.Read(ref _first);

    public long NextSequence => Interlocked.Read(ref _next);

    /// <summary>Why nothing more can be stored; null as long as that is not so.</summary>
    public HypervisorException? Failure { get; private set; }

    public static async Task<DatabaseLog> OpenAsync(HostEnvironment environment, DatabaseLedger ledger, LedgerLease lease, int log, CancellationToken cancellation)
    {
        var opened = new DatabaseLog(environment, ledger, lease, log);
        await opened.FindEndsAsync(cancellation);
        return opened;
    }

    public ValueTask<long> AppendAsync(ReadOnlyMemory<byte> record)
    {
        var waiting = new Waiting(record);
        lock (_lock)
        {
            if (_isClosed) throw new HypervisorException(HypervisorErrors.StorageFailed, "The host has stopped.");
            if (Failure is { } failure) throw Again(failure);
            if (_waiting.Count >= HostLedger.RecordsWaitingMax || (_waiting.Count > 0 && _waitingBytes + record.Length > WaitingBytesMax))
                throw new HypervisorException(HypervisorErrors.StorageBusy, $"{_waiting.Count:N0} records of {_waitingBytes:N0} bytes wait for the {_ledger}, which are as many as may.");
            _waiting.Enqueue(waiting);
            _waitingBytes += record.Length;
            if (!_isWriting)
            {
                _isWriting = true;
                _writing = _environment.Executor.RunAsync(WriteAllAsync);
            }
        }

        return new ValueTask<long>(waiting.Done.Task);
    }

    /// <summary>Takes no more records and completes when those that wait are stored, or cannot be.</summary>
    public async ValueTask DisposeAsync()
    {
        Task writing;
        lock (_lock)
        {
            _isClosed = true;
            writing = _writing;
        }

        await writing;
    }

    private async Task WriteAllAsync()
    {
        var row = new List<Waiting>();
        while (TakeRow(row))
        {
            try
            {
                await StoreAsync(row.Count);
                long sequence = _next;
                Interlocked.Exchange(ref _last, sequence);
                Interlocked.Exchange(ref _next, sequence + row.Count);
                foreach (Waiting stored in row) stored.Answer(_environment.Executor, sequence++, failure: null);
            }
#pragma warning disable CA1031 // Whatever it is, those who wait are told, and the loop goes on.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                Fail(row, DatabaseStorage.Meaning(failure) ?? new HypervisorException(HypervisorErrors.StorageFailed, $"The {_ledger} cannot be written: {failure.Message}", failure));
            }
        }
    }

    /// <summary>Puts together what waits and fits; false when nothing waits, and the loop has ended.</summary>
    private bool TakeRow(List<Waiting> row)
    {
        row.Clear();
        _row.Clear();
        lock (_lock)
        {
            while (row.Count < RowRecordsMax && _waiting.TryPeek(out Waiting? next) && (row.Count == 0 || _row.Length + next.Record.Length <= RowBytesMax))
            {
                _waiting.Dequeue();
                _waitingBytes -= next.Record.Length;
                _row.Put(next.Record.Span);
                row.Add(next);
            }

            _isWriting = row.Count > 0;
            return _isWriting;
        }
    }

    /// <summary>
    /// Stores the row, once. Where the answer to a COMMIT was lost, the same row is stored again under the same number: the key lets the database itself say whether it is there, also when the first
    /// transaction is still about to end.
    /// </summary>
    private async Task StoreAsync(int records)
    {
        long began = _environment.Time.GetTimestamp();
        for (bool isUnknown = false; ; isUnknown = true)
        {
            try
            {
                (bool isStored, Lease? successor) = await _ledger.Database.RunAsync(unit => InsertAsync(unit, records), CancellationToken.None);
                if (isStored) return;
                throw new HypervisorException(HypervisorErrors.StorageFailed, _lease.Lose(successor));
            }
            catch (StoreException failure) when (failure.Code == StoreErrors.OutcomeUnknown || (isUnknown && DatabaseStorage.Meaning(failure)!.Code != HypervisorErrors.StorageFailed))
            {
                if (_isClosed || _environment.Time.GetElapsedTime(began) > OutcomeTimeMax)
                    throw new HypervisorException(HypervisorErrors.StorageFailed, $"{failure.Message} Whether what was being stored is there is found out when the {_ledger} is opened again.", failure);
                if (failure.Code != StoreErrors.OutcomeUnknown) RefuseWaiting(new HypervisorException(HypervisorErrors.StorageBusy, failure.Message, failure));
            }

            await Task.Delay(Pause, _environment.Time);
        }
    }

    private async ValueTask<(bool IsStored, Lease? Successor)> InsertAsync(UnitOfWork unit, int records)
    {
        bool isOurs = await _lease.IsCurrentAsync(unit);
        if (isOurs && await unit.ExecuteAsync(Insert, _ledger.Name, _log, _next, records, _lease.Fence, _row.Written, _last) == 1) return (true, null);
        // It is there when an attempt before, of which the answer was lost, has stored it; then it counts, whoever has the ledger now.
        long fence = await unit.QueryFirstAsync(
            "SELECT fence FROM sirsi_ledger WHERE ledger = $1 AND log = $2 AND sequence = $3", static row => row.Integer(0), _ledger.Name, _log, _next);
        if (fence == _lease.Fence) return (true, null);
        if (!isOurs) return (false, await LedgerLease.SuccessorAsync(unit, _ledger.Name));
        throw new HypervisorException(HypervisorErrors.StorageFailed,
            $"Record {_next} of the {_ledger} does not go on from what was stored before: the database was set back, or lost what it had acknowledged. Open the host again: it goes on from what is there.");
    }

    /// <summary>Nothing of the row is stored, or nobody will be told. Those behind it would fare no better now.</summary>
    private void Fail(List<Waiting> row, HypervisorException failure)
    {
        lock (_lock)
        {
            if (failure.Code == HypervisorErrors.StorageFailed) Failure = failure;
        }

        foreach (Waiting failed in row) failed.Answer(_environment.Executor, sequence: 0, Again(failure));
        RefuseWaiting(failure);
    }

    private void RefuseWaiting(HypervisorException failure)
    {
        Waiting[] refused;
        lock (_lock)
        {
            refused = [.. _waiting];
            _waiting.Clear();
            _waitingBytes = 0;
        }

        foreach (Waiting waiting in refused) waiting.Answer(_environment.Executor, sequence: 0, Again(failure));
    }

    /// <summary>An exception of its own for each who gets one, for throwing changes it.</summary>
    private static HypervisorException Again(HypervisorException failure) => new(failure.Code, failure.Message, failure.InnerException);

    /// <summary>A record from its coming to its answer.</summary>
    private sealed class Waiting(ReadOnlyMemory<byte> record)
    {
        private long _sequence;
        private HypervisorException? _failure;

        public ReadOnlyMemory<byte> Record => record;

        public TaskCompletionSource<long> Done { get; } = new();

        public void Answer(HostExecutor executor, long sequence, HypervisorException? failure)
        {
            (_sequence, _failure) = (sequence, failure);
            executor.Post(
                static state =>
                {
                    var waiting = (Waiting)state!;
                    if (waiting._failure is { } failure) waiting.Done.TrySetException(failure);
                    else waiting.Done.TrySetResult(waiting._sequence);
                },
                this);
        }
    }
}
