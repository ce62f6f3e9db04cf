using System.Collections.Immutable;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Store;

namespace Sirsi.Hypervisor;

/// <summary>The sessions that are open in it.</summary>
public sealed partial class AgentHost
{
    private readonly Dictionary<SessionId, Session> _sessions = [];
    private int _sessionsOpening;

    /// <summary>Opens a session.</summary>
    /// <exception cref="ArgumentException">The scope is empty or the options break rules; the message names every one.</exception>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.QuotaExceeded"/>, <see cref="HypervisorErrors.Overloaded"/> or <see cref="HypervisorErrors.HostStopped"/>.</exception>
    public async ValueTask<Session> OpenSessionAsync(ProjectScope scope, SessionOptions? options = null, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        if (scope.Tenant.IsEmpty || scope.Project.IsEmpty) throw new ArgumentException("A tenant and a project have to be named.", nameof(scope));
        ThrowUnlessAdmitted();
        options ??= new SessionOptions();
        string problems = string.Join(' ', options.Problems());
        if (problems.Length > 0) throw new ArgumentException(problems, nameof(options));
        var image = new SessionImage(Environment.Ids.Next<Core.Identity.SessionKind>(), scope, options.Name, options.Lifetime,
            Environment.Time.GetUtcNow() + options.Lifetime, options.AgentsMax, options.MailboxBytesMax, options.DepthMax)
        {
            Capabilities = [.. options.Capabilities.Select(static capability => capability.ToString())],
            Budget = options.Budget,
        };
        if (Budgets is null && options.Budget != BudgetLimits.None) throw new HypervisorException(HypervisorErrors.BudgetMissing, "The session is to have a budget, and the host keeps none.");
        TakeSessionPlace();
        try
        {
            if (Ledger is not null)
            {
                var facts = new FactWriter();
                image.Write(facts);
                await Ledger.AppendAsync(facts.Written);
            }

            var session = new Session(image.Id, scope, options, image.ExpiresAt, this);
            lock (_lock) _sessions.Add(session.Id, session);
            return session;
        }
        finally
        {
            lock (_lock) _sessionsOpening--;
        }
    }

    /// <summary>The open sessions of a project, the eldest first.</summary>
    public ImmutableArray<Session> Sessions(ProjectScope scope)
    {
        lock (_lock) return [.. _sessions.Values.Where(session => session.Scope == scope).OrderBy(static session => session.Id)];
    }

    /// <summary>A session of a project; null when the project has none of that id.</summary>
    public Session? FindSession(ProjectScope scope, SessionId id)
    {
        lock (_lock) return _sessions.GetValueOrDefault(id) is { } session && session.Scope == scope ? session : null;
    }

    internal void Remove(Session session)
    {
        lock (_lock) _sessions.Remove(session.Id);
    }

    private void TakeSessionPlace()
    {
        lock (_lock)
        {
            if (IsStopping) throw new HypervisorException(HypervisorErrors.HostStopped, "The host is stopping and opens no more sessions.");
            if (_sessions.Count + _sessionsOpening >= _options.SessionsMax)
                throw new HypervisorException(HypervisorErrors.QuotaExceeded, $"The host has {_options.SessionsMax} sessions, which is its limit.");
            _sessionsOpening++;
        }
    }
}
