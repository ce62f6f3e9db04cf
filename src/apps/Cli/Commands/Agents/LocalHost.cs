using Sirsi.Bus.Embedded;
using Sirsi.Bus.Publishing;
using Sirsi.Cli.Commands.Secrets;
using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Schedules;
using Sirsi.Hypervisor.Secrets;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Hypervisor.Tasks;
using Sirsi.Store;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Agents;

/// <summary>
/// The agents of this machine, hosted by this process for as long as one command takes: what is in the data folder, or in the database named instead, of the types that the active modules supply.
/// </summary>
internal sealed class LocalHost : IAsyncDisposable
{
    private const int DeadLettersShown = 10;

    private readonly Terminal _terminal;
    private readonly TimeSpan _wait;

    private readonly LocalProject _project;
    private readonly EventBus _bus;
    private readonly LocalSecretStore? _secrets;
    private readonly Database? _database;

    private readonly DateTimeOffset _openedAt;

    /// <summary>The project's sessions when it was opened; one that is closed now is no longer found by its project.</summary>
    private readonly HashSet<SessionId> _before;

    private LocalHost(
        Terminal terminal, LocalProject project, AgentHost agents, EventBus bus, LocalSecretStore? secrets, Database? database, ActiveModules modules, TimeSpan wait, DateTimeOffset openedAt) =>
        (_terminal, _project, Agents, _bus, _secrets, _database, Modules, _wait, _openedAt, _before) =
            (terminal, project, agents, bus, secrets, database, modules, wait, openedAt, [.. agents.Sessions(project.Scope).Select(static session => session.Id)]);

    /// <summary>The host.</summary>
    public AgentHost Agents { get; }

    /// <summary>The agent types there are.</summary>
    public ActiveModules Modules { get; }

    /// <summary>Opens the folder, or the ledger that the environment names, which is this process's alone until it is closed.</summary>
    /// <exception cref="HypervisorException">Another process has it, and the message names it; or it cannot be read.</exception>
    /// <exception cref="StoreException">The ledger's database cannot be opened.</exception>
    public static async Task<LocalHost> OpenAsync(
        Terminal terminal, HostEnvironment environment, LocalPlace place, TimeSpan wait, HostSight sight, CancellationToken cancellation)
    {
        string? home = place.Home;
        var seen = new ProjectSight(sight, place.Project.Scope);
        ActiveModules modules = await ActiveModules.LoadAsync(environment, home, place.Development, seen.OnLogged, cancellation);
        DataFolder.Create(home);
        LocalSecretStore? secrets = null;
        Database? database = null;
        var driver = new EmbeddedBusDriver(new EmbeddedBusOptions { Folder = DataFolder.PathOf(home, DataFolder.Bus), SegmentBytes = 4 << 20 }, environment);
        var bus = new EventBus(driver, new BusOptions(), environment);
        try
        {
            secrets = await SecretHome.OpenIfThereAsync(environment, home, cancellation);
            database = await LocalLedger.OpenAsync(environment, cancellation);
            var options = new AgentHostOptions
            {
                Folder = database is null ? DataFolder.PathOf(home, DataFolder.Journal) : null,
                Ledger = database is null ? null : new DatabaseLedger(database),
                Bus = bus,
                PublishesLifecycle = false,
                MemoryPressure = AgentHostOptions.PressureOfProcess,
                StatusChanged = seen.OnStatusChanged,
                TurnEnded = seen.OnTurnEnded,
                Secrets = secrets,
            };
            DateTimeOffset openedAt = environment.Time.GetUtcNow();
            AgentHost host = await AgentHost.OpenAsync(environment, modules.Types, options, cancellation);
            seen.Begin(host);
            return new LocalHost(terminal, place.Project, host, bus, secrets, database, modules, wait, openedAt);
        }
        catch
        {
            await bus.DisposeAsync();
            if (secrets is not null) await secrets.DisposeAsync();
            if (database is not null) await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>The open sessions of the project, the eldest first.</summary>
    public IReadOnlyList<Session> Sessions() => Agents.Sessions(_project.Scope);

    /// <summary>All agents of the project, session by session, the eldest first.</summary>
    public IReadOnlyList<Agent> AllAgents() => [.. Sessions().SelectMany(static session => session.Agents())];

    /// <summary>The session of an id, a part of one, or a name.</summary>
    public Session Session(string text) => IdMatch.Find("session", _project.Where, text, Sessions(), static session => session.Id.ToString(), static session => session.Options.Name);

    /// <summary>The agent of an id or a part of one.</summary>
    public Agent Agent(string text) => IdMatch.Find("agent", _project.Where, text, AllAgents(), static agent => agent.Id.ToString(), static _ => "");

    /// <summary>All tasks of the project that are known, session by session.</summary>
    public IReadOnlyList<SessionTask> AllTasks() => [.. Sessions().SelectMany(static session => session.Tasks())];

    /// <summary>The task of an id, a part of one, or a name.</summary>
    public SessionTask Task(string text) => IdMatch.Find("task", _project.Where, text, AllTasks(), static task => task.Id.ToString(), static task => task.Spec.Name ?? "");

    /// <summary>All schedules of the project, session by session.</summary>
    public IReadOnlyList<SessionSchedule> AllSchedules() => [.. Sessions().SelectMany(static session => session.Schedules())];

    /// <summary>The schedule of a name, of a session or of any.</summary>
    public SessionSchedule Schedule(string name, string? session) => IdMatch.Find(
        "schedule", _project.Where, name, session is null ? AllSchedules() : Session(session).Schedules(), static schedule => $"{schedule.Spec.Name} of {schedule.Session.Id}", static schedule => schedule.Spec.Name);

    /// <summary>Messages of the project that were set aside, in earlier commands too, the oldest first.</summary>
    public IReadOnlyList<DeadLetter> DeadLetters() => [.. Agents.DeadLetters.Kept().Where(letter => _before.Contains(letter.Session) || Agents.FindSession(_project.Scope, letter.Session) is not null)];

    /// <summary>Opens a session.</summary>
    public ValueTask<Session> OpenSessionAsync(SessionOptions options, CancellationToken cancellation) => Agents.OpenSessionAsync(_project.Scope, options, cancellation);

    /// <summary>Lets the agents come to rest, as long as the command line allows; says so when they do not.</summary>
    public async Task RestAsync(CancellationToken cancellation)
    {
        try
        {
            if (await Agents.RestAsync(_wait, cancellation)) return;
        }
        catch (OperationCanceledException)
        {
            // Said below.
        }

        _terminal.Messages.MarkupLine("[yellow]still at work[/]: agents did not come to rest; they go on with the next command, or in 'sirsi agent watch'.");
    }

    /// <summary>Says which messages of the project were set aside meanwhile; the host keeps those of earlier commands, too.</summary>
    public void ShowDeadLetters()
    {
        DeadLetter[] letters = [.. DeadLetters().Where(letter => letter.At >= _openedAt)];
        foreach (DeadLetter letter in letters.Take(DeadLettersShown))
            _terminal.Messages.MarkupLineInterpolated($"[yellow]set aside[/]: a message '{PlainText.Of(letter.Message.Type)}' to {letter.To}: {PlainText.Of(letter.Reason)}");
        if (letters.Length > DeadLettersShown) _terminal.Messages.MarkupLineInterpolated($"[yellow]set aside[/]: {letters.Length - DeadLettersShown} more");
    }

    /// <summary>The turns under way end, and the folder or ledger is free.</summary>
    public async ValueTask DisposeAsync()
    {
        await Agents.DisposeAsync();
        await _bus.DisposeAsync();
        if (_secrets is not null) await _secrets.DisposeAsync();
        if (_database is not null) await _database.DisposeAsync();
    }
}
