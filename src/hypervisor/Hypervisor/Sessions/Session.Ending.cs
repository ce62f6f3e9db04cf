using System.Collections.Immutable;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Scheduling;

namespace Sirsi.Hypervisor.Sessions;

/// <summary>How long it lasts, and how it ends.</summary>
public sealed partial class Session
{
    private DateTimeOffset _expiresAt;
    private Expiry? _expiry;
    private Task? _closing;

    /// <summary>When it closes by itself.</summary>
    public DateTimeOffset ExpiresAt
    {
        get
        {
            lock (Gate) return _expiresAt;
        }
    }

    /// <summary>Lets it last until so long from now.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.SessionClosed"/>, or it could not be stored.</exception>
    public async ValueTask ExtendAsync(TimeSpan lifetime)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lifetime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, SessionOptions.LifetimeMax);
        DateTimeOffset instant = Host.Environment.Time.GetUtcNow() + lifetime;
        lock (Gate)
        {
            ThrowUnlessOpen();
            ExpireAt(instant);
        }

        if (Host.Ledger is { } ledger) await ledger.AppendAsync(new FactWriter().Fact(FactKind.SessionExtended, Id).Put(instant).Written);
    }

    /// <summary>Ends it: no more agents, and those that live in it are ended, children first.</summary>
    /// <param name="reason">Why, in words.</param>
    /// <param name="grace">How long each agent may take; default 10 s.</param>
    public Task CloseAsync(string reason, TimeSpan? grace = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        lock (Gate)
        {
            if (_closing is not null) return _closing;
            _status = SessionStatus.Closing;
            _expiry?.Cancel();
            TaskSchedules.Close();
            _closing = Host.Environment.Executor.RunAsync(() => EndAgentsAsync(reason, grace));
            return _closing;
        }
    }

    private async Task EndAgentsAsync(string reason, TimeSpan? grace)
    {
        Host.Tasks.Close(Id);
        Agent[] roots = [.. Agents().Where(static agent => agent.ParentAgent is null)];
        await Task.WhenAll(roots.Select(root => root.StopAsync($"Its session closes: {reason}", grace)));
        await Task.WhenAll(Agents().Select(agent => agent.StopAsync($"Its session closes: {reason}", grace)));
        if (Host.Ledger is { } ledger) await ledger.CommitAsync(new FactWriter().Fact(FactKind.SessionClosed, Id).Written);
        _status = SessionStatus.Closed;
        Context.Close();
        Budget?.Close();
        Host.Remove(this);
    }

    /// <summary>The host stops: what ends with the process ends, and what is durable stands still.</summary>
    internal async Task QuiesceAsync(TimeSpan grace)
    {
        _expiry?.Cancel();
        _context?.EndWatches();
        TaskSchedules.Close();
        ImmutableArray<Agent> agents = Agents();
        await Task.WhenAll(agents.Where(static agent => agent.Durable is null && agent.ParentAgent is not { Durable: null }).Select(agent => agent.StopAsync("The host stops.", grace)));
        await Task.WhenAll(agents.Where(static agent => agent.Durable is not null).Select(agent => agent.StandStillAsync(grace)));
    }

    private void ExpireAt(DateTimeOffset instant)
    {
        _expiry?.Cancel();
        _expiresAt = instant;
        _expiry = new Expiry(this);
        Host.Timers.Add(_expiry, instant - Host.Environment.Time.GetUtcNow());
    }

    private sealed class Expiry(Session session) : TimerEntry
    {
        public override void Fire() => session.Host.Own(session.CloseAsync("It has expired."));
    }
}
