using Sirsi.Core.Hosting;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Durability;

/// <summary>
/// That a ledger in a database is this host's. The lease is prolonged as long as the host lives, and only its expiry lets another one take over; what keeps the two apart is its token, which every
/// transaction of the ledger checks (<see cref="IsCurrentAsync"/>). Thread-safe.
/// </summary>
internal sealed class LedgerLease : IAsyncDisposable
{
    /// <summary>A lease belongs to a project; this one is the installation's own.</summary>
    private static readonly ProjectScope Installation = new(
        new TenantId(new Guid("00000000-0000-7000-8000-000000000000")), new ProjectId(new Guid("00000000-0000-7000-8000-000000000000")));

    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(200), ReleaseTimeMax = TimeSpan.FromSeconds(5);

    private readonly HostEnvironment _environment;
    private readonly DatabaseLedger _ledger;
    private readonly Lease _lease;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _renewing;

    private LedgerLease(HostEnvironment environment, DatabaseLedger ledger, Lease lease)
    {
        (_environment, _ledger, _lease) = (environment, ledger, lease);
        _renewing = environment.Executor.RunAsync(RenewAsync);
    }

    /// <summary>What the records of this host bear: greater than that of every host before.</summary>
    public long Fence => _lease.Token;

    /// <summary>Why the ledger is no longer this host's, as a sentence; null as long as it is, by all that is known.</summary>
    public string? Loss { get; private set; }

    /// <summary>Takes the ledger when it is free, or when its holder has been silent for as long as its lease.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.FolderInUse"/>: its holder lives, and the message names it.</exception>
    /// <exception cref="StoreException">The database does not answer, or lacks the tables.</exception>
    public static async Task<LedgerLease> TakeAsync(HostEnvironment environment, DatabaseLedger ledger, CancellationToken cancellation)
    {
        string holder = $"process {Environment.ProcessId} on {Environment.MachineName} ({environment.Ids.Next():N})";
        Lease? seen = null;
        for (int silences = 0; ; silences++)
        {
            (Lease? taken, Lease? held) = await TryTakeAsync(ledger, holder, isPatient: silences < 2, cancellation);
            if (taken is not null) return new LedgerLease(environment, ledger, taken);
            if (held is not null)
            {
                silences = 0;
                if (seen is not null && held != seen)
                    throw new HypervisorException(HypervisorErrors.FolderInUse, $"The {ledger} is in use by {held.Holder}, which was heard of just now.");
                seen = held;
            }

            await Task.Delay(LookPeriod, environment.Time, cancellation);
        }
    }

    /// <summary>Whether the ledger is this host's, and remains so until the unit has ended.</summary>
    public ValueTask<bool> IsCurrentAsync(UnitOfWork unit) => Leases.IsCurrentAsync(unit, _lease);

    /// <summary>Whoever has it now, for whom <see cref="IsCurrentAsync"/> has told that this host has not.</summary>
    public static ValueTask<Lease?> SuccessorAsync(ReadSession session, string name) => Leases.GetAsync(session, Installation, NameOf(name));

    /// <summary>It is another's.</summary>
    public string Lose(Lease? successor) =>
        Loss ??= $"The {_ledger} was taken over by {successor?.Holder ?? "another host"}: this one was not heard of for longer than its lease, and stores nothing more.";

    /// <summary>Gives it up, so that the next host can have it at once; when the database is out of reach it expires.</summary>
    public async ValueTask DisposeAsync()
    {
        _end.Cancel();
        await _renewing;
        _end.Dispose();
        if (Loss is not null) return;
        using var patience = new CancellationTokenSource(ReleaseTimeMax, _environment.Time);
        try
        {
            await _ledger.Database.RunAsync(unit => Leases.ReleaseAsync(unit, _lease), patience.Token);
        }
        catch (Exception failure) when (failure is StoreException or ObjectDisposedException or OperationCanceledException)
        {
            // Said above.
        }
    }

    private static string NameOf(string ledger) => $"ledger/{ledger}";

    /// <summary>Takes it, or tells who has it; neither when the database did not say, which may be borne as long as the host is patient.</summary>
    private static async Task<(Lease? Taken, Lease? Held)> TryTakeAsync(DatabaseLedger ledger, string holder, bool isPatient, CancellationToken cancellation)
    {
        try
        {
            return await ledger.Database.RunAsync<(Lease?, Lease?)>(async unit =>
            {
                Lease? taken = await Leases.TryAcquireAsync(unit, Installation, NameOf(ledger.Name), holder, ledger.LeaseTime);
                if (taken is not null) return (taken, null);
                Lease? held = await SuccessorAsync(unit, ledger.Name);
                // An attempt before, of which the answer was lost, may have taken it.
                return held?.Holder == holder ? (held, null) : (null, held);
            }, cancellation);
        }
        catch (StoreException failure) when (isPatient && (failure.Code == StoreErrors.OutcomeUnknown || failure.Code == StoreErrors.Busy))
        {
            // Busy: a transaction of the holder hangs, until the server notices that nobody is there any more.
            return (null, null);
        }
    }

    private async Task RenewAsync()
    {
        try
        {
            while (Loss is null)
            {
                await Task.Delay(_ledger.LeaseTime / 3, _environment.Time, _end.Token);
                await TryRenewAsync();
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The host gives it up.
        }
    }

    private async Task TryRenewAsync()
    {
        try
        {
            (bool isRenewed, Lease? successor) = await _ledger.Database.RunAsync(async unit =>
            {
                // One that has expired and that nobody took is still this host's.
                Lease? renewed = await Leases.TryRenewAsync(unit, _lease, _ledger.LeaseTime, evenExpired: true);
                return (renewed is not null, renewed is null ? await SuccessorAsync(unit, _ledger.Name) : null);
            }, _end.Token);
            if (!isRenewed) Lose(successor);
        }
        catch (StoreException)
        {
            // Again in a while. Should another host take over meanwhile, the next transaction says so.
        }
        catch (ObjectDisposedException)
        {
            Loss = $"The database of the {_ledger} was closed.";
        }
    }
}
