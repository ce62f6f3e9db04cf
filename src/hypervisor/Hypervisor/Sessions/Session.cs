using System.Collections.Immutable;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Contexts;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Schedules;
using Sirsi.Hypervisor.Snapshots;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Sessions;

/// <summary>Whether a session can be worked in.</summary>
public enum SessionStatus
{
    /// <summary>It can.</summary>
    Open,

    /// <summary>Its agents are ending.</summary>
    Closing,

    /// <summary>It has ended.</summary>
    Closed,
}

/// <summary>A bounded period of work in a project: agents live in it, within its quotas, until it is closed or expires. Thread-safe.</summary>
public sealed partial class Session
{
    private readonly LinkedList<Agent> _agents = [];
    private readonly Dictionary<AgentId, LinkedListNode<Agent>> _places = [];
    private int _agentCount;
    private volatile SessionStatus _status;
    private SessionContext? _context;

    internal Session(SessionId id, ProjectScope scope, SessionOptions options, DateTimeOffset expiresAt, AgentHost host, ContextState? context = null)
    {
        Id = id;
        Scope = scope;
        Options = options;
        Host = host;
        MailboxQuota = new MailboxQuota(options.MailboxBytesMax);
        Grant = CapabilityGrant.CreateRoot(id.ToString(), options.Capabilities, host.Environment.Time, refusal => host.OnRefused(this, refusal));
        Budget = host.Budgets?.Open(scope.Tenant, id, options.Budget);
        if (context is not null) _context = new SessionContext(this, context);
        TaskSchedules = new SessionSchedules(this, host.TaskOptions);
        ExpireAt(expiresAt);
    }

    /// <summary>Its name in the world.</summary>
    public SessionId Id { get; }

    /// <summary>Whose it is.</summary>
    public ProjectScope Scope { get; }

    /// <summary>Its quotas.</summary>
    public SessionOptions Options { get; }

    /// <summary>Whether it can be worked in.</summary>
    public SessionStatus Status => _status;

    /// <summary>How many agents live in it.</summary>
    public int AgentCount => Volatile.Read(ref _agentCount);

    /// <summary>What its mailboxes hold, in bytes, as its quota counts it.</summary>
    public long MailboxBytes => MailboxQuota.Reserved;

    /// <summary>What its agents' capabilities are derived from.</summary>
    public CapabilityGrant Grant { get; }

    /// <summary>What its agents have spent and may spend; null when the host keeps no budgets.</summary>
    public BudgetAccount? Budget { get; }

    /// <summary>What its agents know together.</summary>
    public SessionContext Context => Volatile.Read(ref _context) ?? MakeContext();

    internal AgentHost Host { get; }

    internal MailboxQuota MailboxQuota { get; }

    /// <summary>Serializes changes of its agents' lives.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>Makes an agent, whose first turn is due when this returns.</summary>
    /// <exception cref="HypervisorException">
    /// <see cref="HypervisorErrors.AgentTypeUnknown"/>, <see cref="HypervisorErrors.QuotaExceeded"/>, <see cref="HypervisorErrors.SessionClosed"/>,
    /// <see cref="HypervisorErrors.Overloaded"/> or <see cref="HypervisorErrors.HostStopped"/>.
    /// </exception>
    public ValueTask<Agent> SpawnAsync(string type, SpawnOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(type);
        cancellation.ThrowIfCancellationRequested();
        Host.ThrowUnlessAdmitted();
        Agent agent = Create(Host.Types.GetSlot(type), options ?? SpawnOptions.Default, parent: null);
        return StoreIfDurableAndAddAsync(agent);
    }

    /// <summary>Makes an agent that goes on from a snapshot. It has no first turn.</summary>
    /// <param name="snapshot">Of an agent of this host, also of one that has ended or lives in another session.</param>
    /// <param name="options">What it may do (by default nothing), and variables that differ from the snapshot's.</param>
    /// <param name="cancellation">Gives up before it is made.</param>
    /// <exception cref="ArgumentException">The type's agents cannot go on from it any more: their variables have a later form.</exception>
    /// <inheritdoc cref="SpawnAsync(string, SpawnOptions?, CancellationToken)" path="/exception"/>
    public ValueTask<Agent> SpawnAsync(AgentSnapshot snapshot, SpawnOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        cancellation.ThrowIfCancellationRequested();
        Host.ThrowUnlessAdmitted();
        AgentTypeSlot slot = Host.Types.GetSlot(snapshot.Type.Name);
        snapshot.ThrowUnlessFor(slot.Current);
        options ??= SpawnOptions.Default;
        Agent agent = Create(slot, options with { Variables = null }, parent: null);
        agent.First = null;
        try
        {
            agent.Begin(snapshot, options.Variables);
        }
        catch
        {
            GiveUpPlace(agent);
            throw;
        }

        return StoreIfDurableAndAddAsync(agent);
    }

    /// <summary>The agent of an id; null when none of that id lives in this session.</summary>
    public Agent? Find(AgentId id)
    {
        lock (Gate) return _places.GetValueOrDefault(id)?.Value;
    }

    /// <summary>Its agents, the eldest first.</summary>
    public ImmutableArray<Agent> Agents()
    {
        lock (Gate) return [.. _agents];
    }

    /// <summary>An agent that nobody knows yet, for which the quota has been taken.</summary>
    internal Agent Create(AgentTypeSlot slot, SpawnOptions options, Agent? parent)
    {
        if (Host.IsStopping) throw new HypervisorException(HypervisorErrors.HostStopped, "The host is stopping and makes no more agents.");
        AgentType type = slot.Current;
        int depth = 1;
        for (Agent? above = parent; above is not null; above = above.ParentAgent) depth++;
        if (type.Durability is AgentDurability.Durable && (Host.Ledger is null || parent is { Durable: null }))
            throw new HypervisorException(HypervisorErrors.NotDurable, Host.Ledger is null
                ? $"Agents of '{type.Name}' are durable, and the host has neither a folder nor a ledger to keep them in."
                : $"Agents of '{type.Name}' are durable, and a volatile agent's children end with it.");
        if (depth > Options.DepthMax)
            throw new HypervisorException(HypervisorErrors.QuotaExceeded, $"Agents of this session have children at most {Options.DepthMax} deep.");
        var agent = new Agent(Host.Environment.Ids.Next<Core.Identity.AgentKind>(), slot, this, parent);
        agent.OpenBudget(options.Budget);
        if (options.Variables is { Count: > 0 } variables) agent.Begin(variables, type.VariableBytesMax);
        agent.TakeCapabilities(options.Capabilities, options.CapabilitiesExpireAt);
        agent.ChargeForVariables();
        try
        {
            TakePlace(slot);
        }
        catch
        {
            agent.CloseBudget();
            throw;
        }

        agent.First = new AgentMessage(Host.NextNumber(), default, "", default, default) { Kind = MessageKind.Start };
        return agent;
    }

    /// <summary>An agent begins.</summary>
    internal void Add(Agent agent)
    {
        Register(agent);
        Host.OnSpawned(agent);
        agent.Start();
        agent.OfferForTasks();
    }

    /// <summary>An agent as the journal left it.</summary>
    internal Agent Restore(AgentImage image, AgentTypeSlot slot, Agent? parent)
    {
        var agent = new Agent(image.Id, slot, this, parent);
        slot.KeepPlace();
        Interlocked.Increment(ref _agentCount);
        Register(agent);
        agent.Restore(image);
        return agent;
    }

    /// <summary>An agent that was made does not begin after all.</summary>
    internal void GiveUpPlace(Agent agent)
    {
        Interlocked.Decrement(ref _agentCount);
        agent.Slot.GiveUpPlace();
        agent.CloseBudget();
    }

    /// <summary>An agent has ended.</summary>
    internal void Remove(Agent agent)
    {
        lock (Gate)
        {
            if (!_places.Remove(agent.Id, out LinkedListNode<Agent>? place)) return;
            _agents.Remove(place);
        }

        Host.Tasks.Release(this, agent.Id);
        GiveUpPlace(agent);
        Host.Remove(agent);
    }

    private void Register(Agent agent)
    {
        lock (Gate) _places.Add(agent.Id, _agents.AddLast(agent));
        Host.Add(agent);
        agent.ParentAgent?.Adopt(agent);
    }

    private ValueTask<Agent> StoreIfDurableAndAddAsync(Agent agent)
    {
        if (agent.Durable is not null) return StoreAndAddAsync(agent);
        Add(agent);
        return ValueTask.FromResult(agent);
    }

    private async ValueTask<Agent> StoreAndAddAsync(Agent agent)
    {
        try
        {
            var facts = new FactWriter();
            agent.WriteSpawned(facts);
            await Host.Ledger!.AppendAsync(facts.Written);
        }
        catch
        {
            GiveUpPlace(agent);
            throw;
        }

        Add(agent);
        return agent;
    }

    private void TakePlace(AgentTypeSlot slot)
    {
        lock (Gate) ThrowUnlessOpen();
        slot.TakePlace();
        if (Interlocked.Increment(ref _agentCount) <= Options.AgentsMax) return;
        Interlocked.Decrement(ref _agentCount);
        slot.GiveUpPlace();
        throw new HypervisorException(HypervisorErrors.QuotaExceeded, $"The session has {Options.AgentsMax} agents, which is its quota.");
    }

    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.SessionClosed"/>.</exception>
    internal void ThrowUnlessOpen()
    {
        if (Status is not SessionStatus.Open) throw new HypervisorException(HypervisorErrors.SessionClosed, $"The session {Id} is {(Status is SessionStatus.Closing ? "closing" : "closed")}.");
    }

    /// <summary>Most sessions need none, and there may be very many.</summary>
    private SessionContext MakeContext()
    {
        lock (Gate) return _context ??= new SessionContext(this, new ContextState(Host.ContextOptions));
    }
}
