using Sirsi.Core.Errors;
using Sirsi.Core.Hosting;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Durability;

/// <summary>A ledger in a database: rows of a table for each of its logs, and a lease that says whose it is.</summary>
internal sealed class DatabaseStorage : ILedgerStorage
{
    private readonly LedgerLease _lease;
    private readonly DatabaseLog _turns, _checkpoints;

    private DatabaseStorage(string place, LedgerLease lease, DatabaseLog turns, DatabaseLog checkpoints) =>
        (Place, _lease, _turns, _checkpoints) = (place, lease, turns, checkpoints);

    public string Place { get; }

    public ILedgerLog Turns => _turns;

    public ILedgerLog Checkpoints => _checkpoints;

    public string? Failure => _turns.Failure?.Message ?? _lease.Loss;

    /// <summary>Takes the ledger, or begins it.</summary>
    /// <exception cref="HypervisorException">It is another host's, or the database cannot be read.</exception>
    public static async Task<ILedgerStorage> OpenAsync(HostEnvironment environment, DatabaseLedger ledger, CancellationToken cancellation)
    {
        LedgerLease? lease = null;
        try
        {
            lease = await LedgerLease.TakeAsync(environment, ledger, cancellation);
            DatabaseLog turns = await DatabaseLog.OpenAsync(environment, ledger, lease, DatabaseLog.Turns, cancellation);
            return new DatabaseStorage(ledger.ToString(), lease, turns, await DatabaseLog.OpenAsync(environment, ledger, lease, DatabaseLog.Checkpoints, cancellation));
        }
        catch (Exception failure)
        {
            if (lease is not null) await lease.DisposeAsync();
            if (failure is not StoreException) throw;
            throw new HypervisorException(HypervisorErrors.StorageFailed, $"The agents in {ledger} cannot be opened: {failure.Message}", failure);
        }
    }

    public HypervisorException? MeaningOf(Exception failure) => Meaning(failure);

    /// <summary>See <see cref="MeaningOf"/>.</summary>
    public static HypervisorException? Meaning(Exception failure) => failure switch
    {
        HypervisorException known => known,
        StoreException reason => new HypervisorException(CodeOf(reason), reason.Message, reason),
        ObjectDisposedException => new HypervisorException(HypervisorErrors.StorageFailed, "The database of the agents' ledger was closed.", failure),
        _ => null,
    };

    /// <summary>What waits is stored, and the next host may have the ledger.</summary>
    public async ValueTask DisposeAsync()
    {
        await _checkpoints.DisposeAsync();
        await _turns.DisposeAsync();
        await _lease.DisposeAsync();
    }

    /// <summary>What nothing was kept of, and will be when it is tried again, is no end; anything else is.</summary>
    private static ErrorCode CodeOf(StoreException failure) =>
        failure.Code == StoreErrors.StorageFull ? HypervisorErrors.StorageFull
        : failure.Code == StoreErrors.Busy || failure.Code == StoreErrors.Contention || failure.Code == StoreErrors.Unreachable ? HypervisorErrors.StorageBusy
        : HypervisorErrors.StorageFailed;
}
