using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Durability;

namespace Sirsi.Hypervisor.Contexts;

/// <summary>
/// How writes come in: one after the other, all that wait in one record. Each is checked against what those before it come to, and nobody sees any of it before it is stored, so versions and revisions have no gaps, also
/// when the disk takes nothing for a while.
/// </summary>
public sealed partial class SessionContext
{
    private readonly ContextPlan _plan;
    private readonly Queue<ContextCommit> _waiting = new();
    private bool _isWriting;

    /// <summary>Sets a key from outside of any agent. In a host with a folder it is on disk when this completes.</summary>
    /// <param name="key">1 to 200 (<see cref="ContextOptions.KeyLengthMax"/>) characters of printable ASCII without blank, comma, quotes, backslash, <c>*</c> and <c>..</c>; <c>/</c> separates parts by custom.</param>
    /// <param name="value">The bytes, given away; at most <see cref="ContextOptions.ValueBytesMax"/>.</param>
    /// <param name="expectedVersion">The version that the key must have, 0 for a key that must not exist; null, the default, for whichever.</param>
    /// <param name="cancellation">Gives up before it is begun.</param>
    /// <returns>The key's new version; or that there is another one than was expected, and nothing was written.</returns>
    /// <exception cref="ArgumentException">The key is none, or the value is too long.</exception>
    /// <exception cref="HypervisorException">
    /// <see cref="HypervisorErrors.QuotaExceeded"/>, <see cref="HypervisorErrors.BudgetExhausted"/>, <see cref="HypervisorErrors.SessionClosed"/>, <see cref="HypervisorErrors.Overloaded"/> or
    /// <see cref="HypervisorErrors.HostStopped"/>, or it could not be stored.
    /// </exception>
    public ValueTask<ContextWrite> PutAsync(string key, ReadOnlyMemory<byte> value, long? expectedVersion = null, CancellationToken cancellation = default)
    {
        ThrowIfNoKey(key);
        ThrowIfTooLong(value);
        ArgumentOutOfRangeException.ThrowIfNegative(expectedVersion ?? 0, nameof(expectedVersion));
        return WriteAsync(key, value, expectedVersion, cancellation);
    }

    /// <summary>Deletes a key from outside of any agent. In a host with a folder that is on disk when this completes.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expectedVersion">The version that it must have, 1 or more; null, the default, for whichever, also none.</param>
    /// <param name="cancellation">Gives up before it is begun.</param>
    /// <inheritdoc cref="PutAsync" path="/exception"/>
    /// <returns>Version 0; or that there is another one than was expected, and nothing was deleted.</returns>
    public ValueTask<ContextWrite> DeleteAsync(string key, long? expectedVersion = null, CancellationToken cancellation = default)
    {
        ThrowIfNoKey(key);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(expectedVersion ?? 1, nameof(expectedVersion));
        return WriteAsync(key, null, expectedVersion, cancellation);
    }

    /// <summary>Completes when all of it is stored and to be seen.</summary>
    /// <exception cref="HypervisorException">None of it is: a conflict, a quota, a budget, or the journal.</exception>
    internal async ValueTask CommitAsync(ContextCommit commit)
    {
        bool begins;
        lock (_gate)
        {
            if (!commit.Insists && _waiting.Count >= _options.WritesWaitingMax)
                throw new HypervisorException(HypervisorErrors.StorageBusy, $"{_options.WritesWaitingMax} writes to the context of the session wait for the disk.");
            _waiting.Enqueue(commit);
            begins = !_isWriting;
            _isWriting = true;
        }

        if (begins) _ = _session.Host.Environment.Executor.RunAsync(WriteWaitingAsync);
        await commit.Done.Task;
        if (commit.Failure is HypervisorException failure) throw new HypervisorException(failure.Code, failure.Message, failure);
        if (commit.Failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(commit.Failure);
    }

    private async ValueTask<ContextWrite> WriteAsync(string key, ReadOnlyMemory<byte>? value, long? expected, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_session.Host.IsStopping) throw new HypervisorException(HypervisorErrors.HostStopped, "The host is stopping and takes no more writes.");
        _session.ThrowUnlessOpen();
        _session.Host.ThrowUnlessAdmitted();
        var commit = new ContextCommit(default, [new ContextIntent(key, value, expected, -1, 0)], null);
        try
        {
            await CommitAsync(commit);
        }
        catch (HypervisorException conflict) when (conflict.Code == HypervisorErrors.ContextConflict)
        {
            return new ContextWrite(ContextOutcome.Conflict, key, commit.Conflicting, expected, 0);
        }

        return commit.Entries is [var entry]
            ? new ContextWrite(ContextOutcome.Written, key, entry.Version, expected, entry.Revision)
            : new ContextWrite(ContextOutcome.Written, key, 0, expected, 0);
    }

    /// <summary>Stores what waits, until nothing does; never throws.</summary>
    private async Task WriteWaitingAsync()
    {
        ContextCommit? left = null;
        while (true)
        {
            _plan.Begin();
            var batch = new List<ContextCommit>();
            var lost = new List<(ContextCommit Commit, Exception Why)>();
            if (left is not null)
            {
                _plan.Keep(left);
                batch.Add(left);
            }

            left = FillBatch(batch, lost);
            if (batch.Count == 0 && lost.Count == 0) return;
            HypervisorException? failure = await StoreAsync(batch);
            if (failure is not null && left is not null)
            {
                // It counts on those before it.
                batch.Add(left);
                left = null;
            }

            if (failure is null) Apply(batch);
            // Not before they can see what they lost to.
            foreach ((ContextCommit commit, Exception why) in lost) End(commit, why);
            foreach (ContextCommit commit in batch) End(commit, failure);
        }
    }

    /// <summary>Takes what goes into one record, checked and numbered; gives the one that did not fit any more, and those that cannot be. With none of either, nothing waits and nobody writes.</summary>
    private ContextCommit? FillBatch(List<ContextCommit> batch, List<(ContextCommit Commit, Exception Why)> lost)
    {
        long length = batch.Sum(static commit => (long)commit.Facts.Length);
        while (true)
        {
            ContextCommit? next;
            lock (_gate)
            {
                if (!_waiting.TryPeek(out next))
                {
                    if (batch.Count == 0 && lost.Count == 0) _isWriting = false;
                    return null;
                }

                if (batch.Count > 0 && next.Insists != batch[0].Insists) return null;
                _waiting.Dequeue();
            }

            if (ProblemOf(next) is { } problem)
            {
                lost.Add((next, problem));
                continue;
            }

            length += next.Facts.Length;
            if (batch.Count > 0 && length > HostLedger.RecordBytesMax) return next;
            batch.Add(next);
        }
    }

    /// <summary>Checks a commit, sets aside what it takes and writes down what it comes to; gives why it cannot be.</summary>
    private Exception? ProblemOf(ContextCommit commit)
    {
        if (_isOver) return new HypervisorException(HypervisorErrors.SessionClosed, $"The session {_session.Id} is closed.");
        if (_plan.Plan(commit, _session.Host.Environment.Time.GetUtcNow()) is { } problem) return problem;
        if (commit.Growth > 0 && _session.Budget is { } account)
        {
            if (!account.TryReserve(new BudgetAmounts { BytesStored = commit.Growth }, out BudgetReservation reservation, out BudgetRefusal refusal))
            {
                _plan.TakeBack(commit);
                commit.Refusal = refusal;
                return new HypervisorException(HypervisorErrors.BudgetExhausted, refusal.ToString());
            }

            commit.Reservation = reservation;
        }

        try
        {
            commit.WriteFacts(_session.Id);
            if (commit.Facts.Length <= HostLedger.RecordBytesMax) return null;
            throw new HypervisorException(HypervisorErrors.TurnTooLarge, $"What the turn does takes {commit.Facts.Length} bytes in the journal, what it writes to the context included; {HostLedger.RecordBytesMax} is the most for one turn. It has to be done in several turns.");
        }
#pragma warning disable CA1031 // It is the turn's failure, and thrown there.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _plan.TakeBack(commit);
            return failure;
        }
    }

    private async ValueTask<HypervisorException?> StoreAsync(List<ContextCommit> batch)
    {
        if (_session.Host.Ledger is not { } ledger || batch.Count == 0) return null;
        FactWriter facts = batch[0].Facts;
        if (batch.Count > 1)
        {
            facts = new FactWriter();
            foreach (ContextCommit commit in batch) facts.Append(commit.Facts.Written.Span);
        }

        if (facts.Length == 0) return null;
        try
        {
            if (batch[0].Insists) await ledger.CommitAsync(facts.Written, FailThoseWhoDoNotInsist);
            else await ledger.AppendAsync(facts.Written);
            return null;
        }
        catch (HypervisorException failure)
        {
            return failure;
        }
    }

    /// <summary>The disk takes nothing for now: who writes from outside is told.</summary>
    private void FailThoseWhoDoNotInsist(HypervisorException failure)
    {
        ContextCommit[] failed;
        lock (_gate)
        {
            failed = [.. _waiting.Where(static commit => !commit.Insists)];
            ContextCommit[] kept = [.. _waiting.Where(static commit => commit.Insists)];
            _waiting.Clear();
            foreach (ContextCommit commit in kept) _waiting.Enqueue(commit);
        }

        foreach (ContextCommit commit in failed) End(commit, failure);
    }

    private void Apply(List<ContextCommit> batch)
    {
        lock (_gate)
        {
            foreach (ContextCommit commit in batch)
            {
                foreach (ContextEntry entry in commit.Entries)
                {
                    _state.Add(entry);
                    foreach (ContextWatch watch in _watches) watch.Add(entry);
                }

                if (_isOver || _session.Budget is not { } account) continue;
                if (commit.Growth > 0) commit.Reservation.Settle(new BudgetAmounts { BytesStored = commit.Growth });
                else account.ReturnStored(-commit.Growth);
            }
        }
    }

    private void End(ContextCommit commit, Exception? failure)
    {
        if (failure is not null) commit.Fail(failure);
        _session.Host.Environment.Executor.Post(static source => ((TaskCompletionSource)source!).TrySetResult(), commit.Done);
    }
}
