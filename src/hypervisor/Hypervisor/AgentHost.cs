using System.Collections.Concurrent;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Contexts;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Http;
using Sirsi.Hypervisor.LanguageModels;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Publishing;
using Sirsi.Hypervisor.Scheduling;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Hypervisor.Tasks;
using Sirsi.Hypervisor.Turns;
using Sirsi.Store;

namespace Sirsi.Hypervisor;

/// <summary>
/// Hosts agents: sessions they live in, turns they act in, messages between them. Everything it needs it takes from the environment, so a whole host runs on a machine or, bit for
/// bit from a seed, in simulated time. Thread-safe.
/// </summary>
public sealed partial class AgentHost : IAsyncDisposable
{
    private readonly AgentHostOptions _options;
    private readonly ConcurrentDictionary<AgentId, Agent> _agents = new();
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _owned = [];
    private readonly TraceContext _traceSeed;
    private long _lastNumber;

    private AgentHost(HostEnvironment environment, AgentTypes types, AgentHostOptions options)
    {
        _options = options;
        Environment = environment;
        Types = types;
        Timers = new TimerQueue(environment.Time);
        Janitor = new Janitor(this, options.JanitorPeriod, options.MemoryPressure);
        Threads = environment.Executor.WithThreads("agent turns", options.ThreadsMax);
        Tasks = new TaskDispatcher(this, options.Tasks);
        Suspects = new SuspectLine(this);
        WatchLoad();
        Http = new AgentHttp(environment, options.Http, options.Secrets);
        if (options.Model is { } model) Models = new AgentModels(model, options.Models, environment);
        _traceSeed = TraceContext.Begin(environment.Ids.Next());
    }

    /// <summary>The agent types it knows.</summary>
    public AgentTypes Types { get; }

    /// <summary>Messages that no turn will handle.</summary>
    public DeadLetters DeadLetters { get; private set; } = null!;

    /// <summary>What its agents' requests have come to so far.</summary>
    public HttpUse HttpUse => Http.Use;

    /// <summary>What its agents' requests to language models have come to so far.</summary>
    public ModelUse ModelUse => Models?.Use ?? default;

    /// <summary>How many agents live in it.</summary>
    public int AgentCount => _agents.Count;

    /// <summary>Events of agents that wait for the bus.</summary>
    public int EventsWaiting => Relay?.Count ?? 0;

    /// <summary>Why the bus does not take them; empty when it does.</summary>
    public string BusProblem => Relay?.Problem ?? "";

    /// <summary>Whether it takes no more work.</summary>
    public bool IsStopping { get; private set; }

    internal HostEnvironment Environment { get; }

    /// <summary>What keeps durable agents; null when nothing does.</summary>
    internal HostLedger? Ledger { get; private set; }

    /// <summary>Publishes agents' events; null when there is no bus.</summary>
    internal EventRelay? Relay { get; private set; }

    /// <summary>What is spent; null when nothing is counted.</summary>
    internal HostBudgets? Budgets { get; private set; }

    internal TaskOptions TaskOptions => _options.Tasks;

    internal TimerQueue Timers { get; }

    internal Janitor Janitor { get; }

    /// <summary>Runs the turns that hold their thread.</summary>
    internal HostExecutor Threads { get; }

    /// <summary>Which task runs where.</summary>
    internal TaskDispatcher Tasks { get; }

    /// <summary>Who may have ended the process.</summary>
    internal SuspectLine Suspects { get; }

    /// <summary>What contexts of sessions may hold.</summary>
    internal ContextOptions ContextOptions => _options.Context;

    /// <summary>Makes the requests of agents.</summary>
    internal AgentHttp Http { get; }

    /// <summary>Asks language models for agents; null when there is none.</summary>
    internal AgentModels? Models { get; }

    /// <summary>An agent of a project; null when the project has none of that id.</summary>
    public Agent? Find(ProjectScope scope, AgentId id) => _agents.TryGetValue(id, out Agent? agent) && agent.Session.Scope == scope ? agent : null;

    /// <summary>A task of a project; null when the project has none of that id.</summary>
    public SessionTask? Find(ProjectScope scope, TaskId id) => Tasks.Find(id) is { } task && task.Session.Scope == scope ? task : null;

    /// <summary>
    /// Takes no more work and stops. Volatile agents are ended; durable ones finish the turn under way and stand still, to go on when a host opens the folder or ledger again.
    /// Without either all sessions are closed.
    /// </summary>
    /// <param name="grace">How long each agent may take; default 10 s.</param>
    public async Task StopAsync(TimeSpan? grace = null)
    {
        Session[] sessions;
        lock (_lock)
        {
            IsStopping = true;
            sessions = [.. _sessions.Values.OrderBy(static session => session.Id)];
        }

        await Task.WhenAll(sessions.Select(session =>
            Ledger is null ? session.CloseAsync("The host stops.", grace) : session.QuiesceAsync(grace ?? TimeSpan.FromSeconds(10))));
        await AwaitOwnedAsync(grace ?? TimeSpan.FromSeconds(10));
        if (Relay is not null) await Relay.FlushAsync(grace ?? TimeSpan.FromSeconds(10));
        if (Security is not null) await Security.FlushAsync(grace ?? TimeSpan.FromSeconds(10));
    }

    /// <inheritdoc cref="StopAsync"/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Timers.Dispose();
        if (Relay is not null) await Relay.DisposeAsync();
        if (Security is not null) await Security.DisposeAsync();
        Http.Dispose();
        Models?.Dispose();
        if (Ledger is not null) await Ledger.DisposeAsync();
    }

    internal long NextNumber() => Interlocked.Increment(ref _lastNumber);

    /// <summary>A trace that begins with a message from outside.</summary>
    internal TraceContext BeginTrace(long number) =>
        new(_traceSeed.TraceHigh, _traceSeed.TraceLow ^ ((ulong)number * 0x9E37_79B9_7F4A_7C15), (ulong)number);

    /// <summary>Who <paramref name="sender"/> sees under an id: the agents of its project.</summary>
    internal Agent? Find(AgentId id, Agent sender) =>
        _agents.TryGetValue(id, out Agent? agent) && (agent.Session == sender.Session || agent.Session.Scope == sender.Session.Scope) ? agent : null;

    /// <summary>All agents, session by session, the eldest first.</summary>
    internal IEnumerable<Agent> AllAgents()
    {
        Session[] sessions;
        lock (_lock) sessions = [.. _sessions.Values.OrderBy(static session => session.Id)];
        return sessions.SelectMany(static session => session.Agents());
    }

    internal void Add(Agent agent) => _agents[agent.Id] = agent;

    internal void Remove(Agent agent) => _agents.TryRemove(agent.Id, out _);

    internal void OnRolledBack(AgentType failed, string reason) => _options.RolledBack?.Invoke(failed, reason);

    internal void OnStatusChanged(Agent agent, StatusChange change)
    {
        if (agent.Worker is { } worker) Own(Environment.Executor.RunAsync(() =>
        {
            Tasks.OnChanged(worker);
            return Task.CompletedTask;
        }));
        _options.StatusChanged?.Invoke(agent, change);
        if (Relay is not null && _options.PublishesLifecycle) AgentLifecycleEvents.Changed(Relay, agent, change);
    }

    internal void OnSpawned(Agent agent)
    {
        if (Relay is not null && _options.PublishesLifecycle) AgentLifecycleEvents.Spawned(Relay, agent);
    }

    internal void OnReloaded(Agent agent)
    {
        if (Relay is not null && _options.PublishesLifecycle) AgentLifecycleEvents.Reloaded(Relay, agent);
    }

    internal void OnTurnEnded(Agent agent, AgentMessage message, string? error, int? attempt = null)
    {
        if (_options.TurnEnded is not { } told) return;
        TurnKind kind = message.Kind switch
        {
            MessageKind.Start => TurnKind.Start,
            MessageKind.Event => TurnKind.Event,
            MessageKind.Stop => TurnKind.Stop,
            MessageKind.Task => TurnKind.Task,
            _ => TurnKind.Message,
        };
        int tried = (message.Asker as TaskAttempt)?.Number ?? attempt ?? message.Attempt;
        told(agent, new TurnEnd(message.Number, kind, message.Type, message.From, tried, error));
    }

    /// <summary>Sets a message, and what is linked to it, aside; whoever asked is told.</summary>
    internal void SetAside(Agent to, AgentMessage first, string reason)
    {
        DateTimeOffset now = Environment.Time.GetUtcNow();
        for (AgentMessage? message = first; message is not null;)
        {
            AgentMessage? next = message.Next;
            message.Next = null;
            message.Asker?.Answer(new AgentReply(to.HasEnded ? ReplyOutcome.Ended : ReplyOutcome.Failed, default, SendOutcome.Accepted, reason));
            if (message.Kind is MessageKind.Message) DeadLetters.Add(new DeadLetter(to.Id, to.Session.Id, message, now, reason));
            message = next;
        }
    }

    /// <summary>Keeps hold of work of the host's own until it has ended.</summary>
    internal void Own(Task work)
    {
        if (work.IsCompletedSuccessfully) return;
        lock (_owned) _owned.Add(work);
        _ = ForgetAsync(work);
    }

    private async Task ForgetAsync(Task work)
    {
        try
        {
            await work;
        }
        finally
        {
            lock (_owned) _owned.Remove(work);
        }
    }
}
