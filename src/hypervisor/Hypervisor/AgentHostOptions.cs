using System.Collections.Immutable;
using Sirsi.Bus.Publishing;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Contexts;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Health;
using Sirsi.Hypervisor.Http;
using Sirsi.Hypervisor.LanguageModels;
using Sirsi.Hypervisor.Secrets;
using Sirsi.Hypervisor.Security;
using Sirsi.Hypervisor.Tasks;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Hypervisor;

/// <summary>How one host works.</summary>
public sealed record AgentHostOptions
{
    /// <summary>
    /// Where durable agents are kept: a folder of the environment's files, for this host alone. Null, the default: in <see cref="Ledger"/>; without either nothing outlives the host.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>Where durable agents are kept instead of a folder: in a database. Null, the default: in none.</summary>
    public DatabaseLedger? Ledger { get; init; }

    /// <summary>
    /// How much is stored before a checkpoint shortens the journal or ledger, in bytes; not before as much has been stored as the last checkpoint holds. Default 64 MiB.
    /// </summary>
    public long CheckpointBytes { get; init; } = 64 << 20;

    /// <summary>Threads for turns that hold theirs (<see cref="AgentType.HoldsThread"/>), at most; default four for each core, 16 at least.</summary>
    public int ThreadsMax { get; init; } = Math.Clamp(4 * System.Environment.ProcessorCount, 16, 1_024);

    /// <summary>How often the host looks for agents that may hibernate; default 10 s.</summary>
    public TimeSpan JanitorPeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How scarce memory is, 0 to 1; from 0.9 on a quarter of the agents that may hibernate and are at rest do so in each round of the janitor, those first who have rested longest. Asked once a round; quick, and throws nothing.
    /// <see cref="PressureOfProcess"/> measures it. Null, the default: it is not looked at.
    /// </summary>
    public Func<double>? MemoryPressure { get; init; }

    /// <summary>What part of the memory that the machine or its container lets the process use is in use, as the garbage collector saw it last.</summary>
    public static double PressureOfProcess()
    {
        GCMemoryInfo memory = GC.GetGCMemoryInfo(GCKind.Any);
        return memory.TotalAvailableMemoryBytes > 0 ? (double)memory.MemoryLoadBytes / memory.TotalAvailableMemoryBytes : 0;
    }

    /// <summary>When it refuses work from outside.</summary>
    public OverloadOptions Overload { get; init; } = new();

    /// <summary>What else <see cref="AgentHost.CheckHealthAsync"/> asks.</summary>
    public ImmutableArray<HealthCheck> HealthChecks { get; init; } = [];

    /// <summary>How it runs tasks.</summary>
    public TaskOptions Tasks { get; init; } = new();

    /// <summary>What the shared context of each session may hold.</summary>
    public ContextOptions Context { get; init; } = new();

    /// <summary>Sessions at most; default 100,000.</summary>
    public int SessionsMax { get; init; } = 100_000;

    /// <summary>Messages set aside that are kept for people to look at; the oldest go, also when all take more than <see cref="Messages.DeadLetters.BytesMax"/>; default 10,000.</summary>
    public int DeadLettersMax { get; init; } = 10_000;

    /// <summary>How it makes the requests of agents.</summary>
    public HttpOptions Http { get; init; } = new();

    /// <summary>Where the completions come from that agents ask for; not the host's to dispose of. Null, the default: there are none.</summary>
    public ILanguageModel? Model { get; init; }

    /// <summary>How it asks for them.</summary>
    public ModelOptions Models { get; init; } = new();

    /// <summary>Where the secrets are that agents' requests refer to; not the host's to dispose of. Null, the default: there are none.</summary>
    public ISecretStore? Secrets { get; init; }

    /// <summary>
    /// Called when an agent's status changes otherwise than between running and resting. Called by whoever changes it, in order for one agent; short, and throws nothing.
    /// </summary>
    public Action<Agent, StatusChange>? StatusChanged { get; init; }

    /// <summary>
    /// Called when a turn has ended, well or not, before the agent goes on to the next; one that is put aside for a person has not ended. Called on the thread of the turn; short, and throws
    /// nothing.
    /// </summary>
    public Action<Agent, TurnEnd>? TurnEnded { get; init; }

    /// <summary>
    /// Who takes security events down: refusals, uses of secrets, quarantine; not the host's to dispose of. Null, the default: they are published as <c>agent.security.*</c> (<c>sirsi.v1.Audit</c>), where there is a bus.
    /// </summary>
    public ISecurityEvents? SecurityEvents { get; init; }

    /// <summary>How security events are taken down.</summary>
    public SecurityEventOptions Security { get; init; } = new();

    /// <summary>
    /// Where agents publish events; whoever opened it disposes of it, after the host. Null, the default: agents publish nothing.
    /// </summary>
    public EventBus? Bus { get; init; }

    /// <summary>
    /// The native programs that agents may be made of (<see cref="Native.NativeProgram"/>), by their absolute paths, compared letter by letter. Each may do all that the host's user may. Default none.
    /// </summary>
    public ImmutableHashSet<string> NativePrograms { get; init; } = [];

    /// <summary>What tenants may spend. Null, the default: nothing is counted and nothing refused for want of a budget.</summary>
    public HostBudgetOptions? Budgets { get; init; }

    /// <summary>Whether the host publishes what becomes of agents, as <c>agent.lifecycle.*</c> (<c>sirsi.v1.AgentLifecycle</c>); default true, where there is a bus.</summary>
    public bool PublishesLifecycle { get; init; } = true;

    /// <summary>Events that may wait for the bus before turns are told that it is busy; default 10,000.</summary>
    public int EventsWaitingMax { get; init; } = 10_000;

    /// <summary>
    /// Called when a turn failed on probation and the type before has taken the place of the one that failed again, with the reason; on the thread of the turn; short, and throws nothing.
    /// </summary>
    public Action<AgentType, string>? RolledBack { get; init; }

    /// <summary>What is put around its ledger, for tests that have to show that a mistake in it is found. Null, the default: nothing.</summary>
    internal Func<ILedgerStorage, ILedgerStorage>? WrapLedger { get; init; }

    /// <summary>Every broken rule, in words for the one who wrote the options; empty when they are valid.</summary>
    public IEnumerable<string> Problems()
    {
        if (Folder is { Length: 0 }) yield return "Folder is empty; it must name one, or be null.";
        if (Folder is not null && Ledger is not null) yield return "Folder and Ledger are both given; agents are kept in one of them.";
        foreach (string problem in Ledger?.Problems() ?? []) yield return "Ledger: " + problem;
        if (CheckpointBytes < 4_096) yield return $"CheckpointBytes is {CheckpointBytes}; it must be at least 4,096.";
        if (JanitorPeriod < TimeSpan.FromMilliseconds(10) || JanitorPeriod > TimeSpan.FromDays(1)) yield return $"JanitorPeriod is {JanitorPeriod}; it must be 10 ms to a day.";
        if (ThreadsMax is < 1 or > 1_024) yield return $"ThreadsMax is {ThreadsMax}; it must be 1 to 1,024.";
        if (SessionsMax is < 1 or > 100_000_000) yield return $"SessionsMax is {SessionsMax}; it must be 1 to 100,000,000.";
        if (EventsWaitingMax is < 1 or > 10_000_000) yield return $"EventsWaitingMax is {EventsWaitingMax}; it must be 1 to 10,000,000.";
        if (DeadLettersMax is < 0 or > 10_000_000) yield return $"DeadLettersMax is {DeadLettersMax}; it must be 0 to 10,000,000.";
        foreach (string problem in Overload.Problems()) yield return "Overload: " + problem;
        foreach (string problem in Tasks.Problems()) yield return "Tasks: " + problem;
        foreach (string problem in Context.Problems()) yield return "Context: " + problem;
        foreach (string problem in Http.Problems()) yield return "Http: " + problem;
        foreach (string program in NativePrograms)
            if (!Path.IsPathFullyQualified(program)) yield return $"NativePrograms has '{program}', which is not absolute.";
        foreach (string problem in Security.Problems()) yield return "Security: " + problem;
        foreach (string problem in Models.Problems()) yield return "Models: " + problem;
    }
}
