using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Publishing;
using Sirsi.Hypervisor.Security;
using Sirsi.Hypervisor.Sessions;

namespace Sirsi.Hypervisor;

public sealed partial class AgentHost
{
    /// <summary>
    /// Opens a host. With a folder or a ledger, sessions and durable agents that are in it are back when this completes, and go on with what was in their mailboxes. An agent whose type
    /// nobody has registered comes back suspended.
    /// </summary>
    /// <param name="environment">Its clock, executor, ids and files.</param>
    /// <param name="types">The agent types it knows; more can be registered later.</param>
    /// <param name="options">How it works.</param>
    /// <param name="cancellation">Ends the opening.</param>
    /// <exception cref="ArgumentException">The options break rules; the message names every one.</exception>
    /// <exception cref="HypervisorException">
    /// <see cref="HypervisorErrors.FolderInUse"/>: another host has the folder or the ledger, and the message names its process. <see cref="HypervisorErrors.StorageFailed"/>: it is damaged, of a
    /// later version, or cannot be read.
    /// </exception>
    public static async Task<AgentHost> OpenAsync(
        HostEnvironment environment, AgentTypes types, AgentHostOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(types);
        options ??= new AgentHostOptions();
        string problems = string.Join(' ', options.Problems());
        if (problems.Length > 0) throw new ArgumentException(problems, nameof(options));
        var host = new AgentHost(environment, types, options);
        if (await OpenStorageAsync(environment, options, cancellation) is not { } storage)
        {
            host.Begin(new HostImage(options.DeadLettersMax, options.Context));
            return host;
        }

        if (options.WrapLedger is { } wrap) storage = wrap(storage);
        (host.Ledger, HostImage image) = await HostLedger.OpenAsync(environment, storage, options.CheckpointBytes, options.DeadLettersMax, options.Context, cancellation);
        try
        {
            host.Begin(image);
            host.Restore(image);
            return host;
        }
        catch
        {
            await host.Ledger.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stores what all durable agents have come to by now and drops the part of the journal that told how. The host does it by itself from time to time.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.NotDurable"/>, or it cannot be stored.</exception>
    public async Task CheckpointAsync()
    {
        if (Ledger is not { } ledger) throw new HypervisorException(HypervisorErrors.NotDurable, "The host has neither a folder nor a ledger.");
        await ledger.CheckpointAsync();
    }

    private static async Task<ILedgerStorage?> OpenStorageAsync(HostEnvironment environment, AgentHostOptions options, CancellationToken cancellation) =>
        options.Folder is { } folder ? await JournalStorage.OpenAsync(environment, folder, cancellation)
        : options.Ledger is { } ledger ? await DatabaseStorage.OpenAsync(environment, ledger, cancellation)
        : null;

    private void Begin(HostImage image)
    {
        DeadLetters = image.DeadLetters;
        if (_options.Budgets is { } budgets) Budgets = new HostBudgets(budgets, Environment, image.Spent);
        ISecurityEvents? watchers = _options.SecurityEvents ?? (_options.Bus is null ? null : new SecurityPublisher(_options.Bus));
        if (watchers is not null) Security = new SecurityEventLog(watchers, _options.Security, Environment, Timers);
        if (_options.Bus is not { } bus) return;
        Relay = new EventRelay(bus, Ledger, Environment, _options.EventsWaitingMax);
        foreach (OutgoingEvent promised in image.Events.Values) Relay.Add(promised);
    }

    private void Restore(HostImage image)
    {
        _lastNumber = image.LastNumber;
        foreach (SessionImage session in image.Sessions.Values)
        {
            var options = new SessionOptions
            {
                Name = session.Name,
                Lifetime = session.Lifetime,
                AgentsMax = session.AgentsMax,
                MailboxBytesMax = session.MailboxBytesMax,
                DepthMax = session.DepthMax,
                Budget = session.Budget,
                Capabilities = Capabilities.CapabilitySet.Parse(session.Capabilities),
            };
            var restoredSession = new Session(session.Id, session.Scope, options, session.ExpiresAt, this, image.Contexts.GetValueOrDefault(session.Id));
            restoredSession.TaskSchedules.Restore(session.Schedules.Values);
            _sessions.Add(session.Id, restoredSession);
        }

        var restored = new List<Agent>(image.Agents.Count);
        foreach (AgentImage agent in image.Agents.Values) Restore(agent, image, restored);

        Tasks.Restore(image.Tasks, _sessions);
        foreach (Agent agent in restored) agent.Begin();
        Suspects.Begin();
        Session[] sessions;
        // One that has expired may end at this moment.
        lock (_lock) sessions = [.. _sessions.Values];
        foreach (Session session in sessions) session.TaskSchedules.Begin();
    }

    /// <summary>An agent comes back after its parent, also when its id is the smaller one, because a clock was put back between the two.</summary>
    private void Restore(AgentImage agent, HostImage image, List<Agent> restored)
    {
        if (_agents.ContainsKey(agent.Id) || !_sessions.TryGetValue(agent.Session, out Session? session)) return;
        if (image.Agents.TryGetValue(agent.Parent, out AgentImage? parent)) Restore(parent, image, restored);
        restored.Add(session.Restore(agent, SlotOf(agent), _agents.GetValueOrDefault(agent.Parent)));
    }

    /// <summary>The type of a stored agent; one that nobody has registered stands for itself, and the agent rests.</summary>
    private AgentTypeSlot SlotOf(AgentImage agent)
    {
        if (Types.FindSlot(agent.Type) is { Current: var known } slot)
            return known.Durability is AgentDurability.Durable ? slot : new AgentTypeSlot(known with { Durability = AgentDurability.Durable });
        string why = $"The agent type '{agent.Type}' is not registered.";
        return new AgentTypeSlot(new AgentType(agent.Type, () => throw new HypervisorException(HypervisorErrors.AgentTypeUnknown, why)) { Durability = AgentDurability.Durable }) { Absence = why };
    }
}
