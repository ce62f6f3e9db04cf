using System.Collections.Immutable;
using Sirsi.Core.Hosting;

namespace Sirsi.Store;

/// <summary>How a relay works.</summary>
public sealed record OutboxRelayOptions
{
    /// <summary>Messages read and taken out together; default 100. So many at most are delivered again after a crash.</summary>
    public int BatchMax { get; init; } = 100;

    /// <summary>How often to look for messages of other processes; those of this one are seen at once. Default 1 s.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Pause after a failed delivery; default 100 ms. It doubles with each further one.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest such pause; default 30 s.</summary>
    public TimeSpan RetryDelayMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one delivery may take before its cancellation is asked for and it counts as failed; default 10 s.</summary>
    public TimeSpan DeliveryTimeMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long another node waits for a relay that is silent before it takes over; default 15 s.</summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(15);

    internal void Validate()
    {
        if (BatchMax is < 1 or > 1_000) throw new ArgumentOutOfRangeException(nameof(BatchMax), BatchMax, "BatchMax is 1 to 1,000.");
        DatabaseLimits.ThrowIfNotInRange(PollInterval, nameof(PollInterval));
        DatabaseLimits.ThrowIfNotInRange(RetryDelay, nameof(RetryDelay));
        DatabaseLimits.ThrowIfNotInRange(RetryDelayMax, nameof(RetryDelayMax));
        DatabaseLimits.ThrowIfNotInRange(DeliveryTimeMax, nameof(DeliveryTimeMax));
        DatabaseLimits.ThrowIfNotInRange(LeaseTime, nameof(LeaseTime));
    }
}

/// <summary>What a relay has done.</summary>
/// <param name="Delivered">Messages delivered and taken out.</param>
/// <param name="Failures">Deliveries that failed.</param>
/// <param name="LastFailure">What the last one said; null when the last delivery succeeded.</param>
/// <param name="IsActive">Whether this node is the one that delivers.</param>
public sealed record OutboxRelayState(long Delivered, long Failures, string? LastFailure, bool IsActive);

/// <summary>
/// Delivers the outbox's messages in order, each at least once, by one node at a time. A message whose delivery fails is tried again until it
/// succeeds, and those behind it wait: a delegate that has given one up for good returns. Dispose of it to stop.
/// </summary>
public sealed class OutboxRelay : IAsyncDisposable
{
    // A lease belongs to a project; this one is the installation's own.
    private static readonly ProjectScope Installation = new(
        new TenantId(new Guid("00000000-0000-7000-8000-000000000000")), new ProjectId(new Guid("00000000-0000-7000-8000-000000000000")));

    private const string LeaseName = "outbox-relay";

    private readonly Database _database;
    private readonly Func<OutboxMessage, CancellationToken, ValueTask> _deliver;
    private readonly OutboxRelayOptions _options;
    private readonly HostEnvironment _environment;
    private readonly CancellationTokenSource _stopping = new();
    private readonly string _holder;
    private readonly Task _running;
    private Lease? _lease;
    private OutboxRelayState _state = new(0, 0, null, IsActive: false);

    private OutboxRelay(Database database, Func<OutboxMessage, CancellationToken, ValueTask> deliver, OutboxRelayOptions options)
    {
        (_database, _deliver, _options, _environment) = (database, deliver, options, database.Environment);
        _holder = $"relay {_environment.Ids.Next():N}";
        _running = _environment.Executor.RunAsync(RunAsync);
    }

    /// <summary>What it has done so far.</summary>
    public OutboxRelayState State => Volatile.Read(ref _state);

    /// <summary>Starts a relay.</summary>
    /// <param name="database">Whose outbox; dispose of the relay first.</param>
    /// <param name="deliver">Delivers one message, and returns when the receiver has it safe. Called for one message at a time.</param>
    /// <param name="options">How.</param>
    public static OutboxRelay Start(Database database, Func<OutboxMessage, CancellationToken, ValueTask> deliver, OutboxRelayOptions options)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(deliver);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new OutboxRelay(database, deliver, options);
    }

    /// <summary>Stops after the delivery under way, whose cancellation is asked for, and lets another node take over at once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested) return;
#pragma warning disable VSTHRD103, CA1849 // CancelAsync leaves the executor.
        _stopping.Cancel();
#pragma warning restore VSTHRD103, CA1849
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        CancellationToken stopping = _stopping.Token;
        int failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                using CommitSignals.CommitWait next = _database.Signals.Next(Outbox.Signal);
                if (!await HoldLeaseAsync(stopping) || await DeliverBatchAsync(stopping) == 0) await next.WaitAsync(_options.PollInterval, stopping);
                failures = 0;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // Whatever the delegate or the database throws is tried again; the state tells of it.
            catch (Exception failure)
            {
                _state = State with { Failures = State.Failures + 1, LastFailure = failure.Message };
                await PauseAsync(failures++, stopping);
            }
#pragma warning restore CA1031
        }

        await GiveUpLeaseAsync();
    }

    private async ValueTask<bool> HoldLeaseAsync(CancellationToken stopping)
    {
        Lease? held = _lease;
        _lease = await _database.RunAsync(async unit =>
            (held is null ? null : await Leases.TryRenewAsync(unit, held, _options.LeaseTime))
            ?? await Leases.TryAcquireAsync(unit, Installation, LeaseName, _holder, _options.LeaseTime), stopping);
        _state = State with { IsActive = _lease is not null };
        return _lease is not null;
    }

    /// <summary>Delivers what waits, in order; what was delivered is taken out even when a later one fails.</summary>
    private async ValueTask<int> DeliverBatchAsync(CancellationToken stopping)
    {
        ImmutableArray<OutboxMessage> messages = await _database.ReadAsync(session => Outbox.PeekAsync(session, _options.BatchMax), stopping);
        long began = _environment.Time.GetTimestamp();
        int delivered = 0;
        try
        {
            foreach (OutboxMessage message in messages)
            {
                // The lease has to hold while a message is under way; what is left comes with the next batch.
                if (delivered > 0 && _environment.Time.GetElapsedTime(began) > _options.LeaseTime / 3) break;
                await DeliverAsync(message, stopping);
                delivered++;
            }
        }
        finally
        {
            if (delivered > 0) await TakeOutAsync([.. messages.Take(delivered).Select(static message => (object?[])[message.Sequence])]);
        }

        return delivered;
    }

    private async ValueTask DeliverAsync(OutboxMessage message, CancellationToken stopping)
    {
        using var enough = new CancellationTokenSource(_options.DeliveryTimeMax, _environment.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, stopping);
        try
        {
            await _deliver(message, either.Token);
        }
        catch (OperationCanceledException late) when (!stopping.IsCancellationRequested)
        {
            throw new TimeoutException($"The delivery to '{message.Topic}' did not end within {_options.DeliveryTimeMax.TotalSeconds:0.#} s (DeliveryTimeMax).", late);
        }
    }

    private async ValueTask TakeOutAsync(object?[][] sequences)
    {
        Lease lease = _lease!;
        bool kept = await _database.RunAsync(async unit =>
        {
            if (!await Leases.IsCurrentAsync(unit, lease)) return false;
            await unit.ExecuteEachAsync("DELETE FROM sirsi_outbox WHERE sequence = $1", sequences);
            return true;
        }, CancellationToken.None);
        if (kept) _state = State with { Delivered = State.Delivered + sequences.Length, LastFailure = null };
        else _lease = null; // Another took over meanwhile and delivers these again: at least once.
    }

    private async ValueTask PauseAsync(int failures, CancellationToken stopping)
    {
        double delay = Math.Min(_options.RetryDelay.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 30)), _options.RetryDelayMax.TotalMilliseconds);
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(delay), _environment.Time, stopping);
        }
        catch (OperationCanceledException)
        {
            // The loop sees it.
        }
    }

    private async ValueTask GiveUpLeaseAsync()
    {
        if (_lease is not { } lease) return;
        try
        {
            await _database.RunAsync(unit => Leases.ReleaseAsync(unit, lease), CancellationToken.None);
        }
        catch (Exception failure) when (failure is StoreException or ObjectDisposedException)
        {
            // It expires by itself.
        }
    }
}
