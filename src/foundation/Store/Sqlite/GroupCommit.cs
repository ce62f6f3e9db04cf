using System.Threading.Channels;
using Sirsi.Core.Hosting;

namespace Sirsi.Store.Sqlite;

/// <summary>
/// The one writer of a SQLite database. Units that wait when the writer is free become one transaction with a savepoint each: one wait
/// for the disk answers them all. While it waits, the next ones gather, so the more callers there are the more share a commit, and a single
/// one waits for nobody. A unit that fails goes back to its savepoint; should SQLite have given up the whole transaction, those before it are done again.
/// </summary>
internal sealed class GroupCommit : IDisposable
{
    private const int AttemptsMax = 3;

    private readonly SqliteConnection _connection;
    private readonly HostEnvironment _environment;
    private readonly SqliteOptions _options;
    private readonly CommitSignals _signals;
    private readonly Channel<PendingUnit> _waiting;
    private readonly Queue<PendingUnit> _again = new();
    private readonly List<PendingUnit> _batch = [];
    private readonly List<PendingUnit> _done = [];
    private readonly SessionDeadline _deadline;
    private readonly TaskCompletionSource _closed = new();
    private int _draining;
    private StoreException? _fault;

    public GroupCommit(SqliteConnection connection, SqliteOptions options, CommitSignals signals, HostEnvironment environment)
    {
        (_connection, _options, _signals, _environment) = (connection, options, signals, environment);
        _waiting = Channel.CreateBounded<PendingUnit>(new BoundedChannelOptions(options.UnitsWaitingMax) { SingleReader = true });
        _deadline = new SessionDeadline(connection, environment.Time);
    }

    public long Units { get; private set; }

    public long Failed { get; private set; }

    public long Commits { get; private set; }

    public long Repeats { get; private set; }

    public int Waiting => _waiting.Reader.Count;

    /// <summary>Lines up a unit; waits when the line is full.</summary>
    public async ValueTask SubmitAsync(PendingUnit unit, CancellationToken cancellation)
    {
        if (!_waiting.Writer.TryWrite(unit)) await SubmitSlowlyAsync(unit, cancellation);
        Wake();
    }

    /// <summary>Takes no more units and returns when those in line are done.</summary>
    public async Task CloseAsync()
    {
        _waiting.Writer.TryComplete();
        Wake();
        await _closed.Task;
    }

    public void Dispose() => _deadline.Dispose();

    private async ValueTask SubmitSlowlyAsync(PendingUnit unit, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(_options.Limits.WaitTimeMax, _environment.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            await _waiting.Writer.WriteAsync(unit, either.Token);
        }
        catch (OperationCanceledException late) when (patience.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new StoreException(StoreErrors.Busy,
                $"{_connection.Place}: {_options.UnitsWaitingMax:N0} units of work wait (UnitsWaitingMax), and none went in {_options.Limits.WaitTimeMax.TotalSeconds:0.#} s (WaitTimeMax).", late);
        }
        catch (ChannelClosedException closed)
        {
            throw new ObjectDisposedException(nameof(Database), closed);
        }
    }

    private void Wake()
    {
        if (Interlocked.CompareExchange(ref _draining, 1, 0) == 0)
            _environment.Executor.Post(static state => ((GroupCommit)state!).Drain(), this);
    }

    /// <summary>Does one batch; then lets others have the thread, above all those just answered, who may bring the next units.</summary>
    private void Drain()
    {
        while (_batch.Count < _options.UnitsPerCommitMax && (_again.TryDequeue(out PendingUnit? unit) || _waiting.Reader.TryRead(out unit)))
        {
            unit.IsLinedUp = false;
            if (unit.IsCancelled) unit.Cancel(_environment.Executor);
            else _batch.Add(unit);
        }

        if (_batch.Count > 0)
        {
            RunBatch();
            _batch.Clear();
            _environment.Executor.Post(static state => ((GroupCommit)state!).Drain(), this);
            return;
        }

        if (_waiting.Reader.Completion.IsCompleted)
        {
            _environment.Executor.Post(static state => ((TaskCompletionSource)state!).TrySetResult(), _closed);
            return;
        }

        Interlocked.Exchange(ref _draining, 0);
        // A unit, or the end, may have come between the last look and the flag.
        if (_waiting.Reader.TryPeek(out _) || _waiting.Reader.Completion.IsCompleted) Wake();
    }

    private void RunBatch()
    {
        _done.Clear();
        try
        {
            if (_fault is not null) throw new StoreException(_fault.Code, _fault.Message);
            _connection.Run("BEGIN IMMEDIATE");
            foreach (PendingUnit unit in _batch) RunOne(unit);
            if (_done.Count == 0)
            {
                _connection.Run("ROLLBACK");
                return;
            }

            _connection.Run("COMMIT");
        }
        catch (Exception failure)
        {
            FailBatch(failure);
            return;
        }

        Commits++;
        foreach (PendingUnit unit in _done)
        {
            Units++;
            unit.Complete(_environment.Executor);
            if (unit.Signals.Count > 0) _signals.Raise(unit.Signals);
        }
    }

    private void RunOne(PendingUnit unit)
    {
        bool shared = _batch.Count > 1;
        if (shared) _connection.Run("SAVEPOINT unit");
        unit.Attempts++;
        var channel = new SqliteChannel(_connection, _environment.Time);
        var session = new UnitOfWork(channel, _options.Limits.RowsMax);
        _deadline.Begin(unit.TimeMax);
        Exception? failure = null;
        try
        {
            unit.Run(session);
            // Whoever catches a statement's failure has a unit that is not whole.
            failure = channel.Failure?.Meaning;
        }
#pragma warning disable CA1031 // Whatever the delegate throws is its caller's, and must not reach the other units.
        catch (Exception thrown)
        {
            failure = thrown;
        }
#pragma warning restore CA1031
        finally
        {
            _deadline.End();
            channel.Revoke();
            session.End();
        }

        if (failure is null)
        {
            if (shared) _connection.Run("RELEASE unit");
            unit.Signals = session.Signals;
            _done.Add(unit);
            return;
        }

        Failed++;
        unit.Fail(_environment.Executor, failure);
        if (_connection.InTransaction)
        {
            if (shared)
            {
                _connection.Run("ROLLBACK TO unit");
                _connection.Run("RELEASE unit");
            }
        }
        else
        {
            RepeatLost();
            _connection.Run("BEGIN IMMEDIATE");
        }
    }

    /// <summary>The whole transaction is gone, through no fault of the units that were done in it.</summary>
    private void RepeatLost()
    {
        foreach (PendingUnit lost in _done)
        {
            if (lost.Attempts < AttemptsMax)
            {
                Repeats++;
                lost.IsLinedUp = true;
                _again.Enqueue(lost);
            }
            else
            {
                Failed++;
                lost.Fail(_environment.Executor, new StoreException(StoreErrors.Contention,
                    $"{_connection.Place}: other units made SQLite give up the transaction {AttemptsMax} times."));
            }
        }

        _done.Clear();
    }

    private void FailBatch(Exception failure)
    {
        Exception reason = failure is SqliteFailure known ? known.Meaning : failure;
        if (failure is SqliteFailure flush && SqliteFailures.IsFlushFailure(flush.Result))
        {
            // What the kernel could not flush it may have dropped, and it tells so only once: nothing more can be promised.
            _fault = new StoreException(StoreErrors.StorageFailed, $"{_connection.Place} could not be flushed to disk and takes no more units until it is opened anew.");
            reason = new StoreException(StoreErrors.OutcomeUnknown, $"{_connection.Place} could not be flushed to disk: whether the unit is kept is not known.", reason);
        }

        foreach (PendingUnit unit in _batch.Where(static unit => !unit.IsAnswered && !unit.IsLinedUp))
        {
            Failed++;
            unit.Fail(_environment.Executor, reason);
        }

        try
        {
            if (_connection.InTransaction) _connection.Run("ROLLBACK");
        }
        catch (SqliteFailure)
        {
            // What could not be rolled back now is no commit either; the next BEGIN says what is wrong.
        }
    }
}
