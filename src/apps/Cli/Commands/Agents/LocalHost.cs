using Sirsi.Bus.Embedded;
using Sirsi.Bus.Publishing;
using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Store;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Agents;

/// <summary>
/// The agents of this machine, hosted by this process for as long as one command takes: what is in the data folder, of the types that the active modules supply.
/// </summary>
internal sealed class LocalHost : IAsyncDisposable
{
    private const int DeadLettersShown = 10;

    /// <summary>Whose everything is while there is no server: a tenant and a project that no clock and no chance made.</summary>
    public static readonly ProjectScope Scope = new(new TenantId(new Guid("00000000-0000-7000-8000-000000000001")), new ProjectId(new Guid("00000000-0000-7000-8000-000000000001")));

    private readonly Terminal _terminal;
    private readonly TimeSpan _wait;

    private readonly EventBus _bus;

    private LocalHost(Terminal terminal, AgentHost agents, EventBus bus, ActiveModules modules, TimeSpan wait) =>
        (_terminal, Agents, _bus, Modules, _wait) = (terminal, agents, bus, modules, wait);

    /// <summary>The host.</summary>
    public AgentHost Agents { get; }

    /// <summary>The agent types there are.</summary>
    public ActiveModules Modules { get; }

    /// <summary>Opens the folder, which is this process's alone until it is closed.</summary>
    /// <exception cref="HypervisorException">Another process has it, and the message names it; or it cannot be read.</exception>
    public static async Task<LocalHost> OpenAsync(
        Terminal terminal, HostEnvironment environment, string? home, bool development, TimeSpan wait, HostSight sight, CancellationToken cancellation)
    {
        ActiveModules modules = await ActiveModules.LoadAsync(environment, home, development, sight.OnLogged, cancellation);
        DataFolder.Create(home);
        var driver = new EmbeddedBusDriver(new EmbeddedBusOptions { Folder = DataFolder.PathOf(home, DataFolder.Bus), SegmentBytes = 4 << 20 }, environment);
        var bus = new EventBus(driver, new BusOptions(), environment);
        var options = new AgentHostOptions
        {
            Folder = DataFolder.PathOf(home, DataFolder.Journal),
            Bus = bus,
            PublishesLifecycle = false,
            MemoryPressure = AgentHostOptions.PressureOfProcess,
            StatusChanged = sight.OnStatusChanged,
            TurnEnded = sight.OnTurnEnded,
        };
        try
        {
            return new LocalHost(terminal, await AgentHost.OpenAsync(environment, modules.Types, options, cancellation), bus, modules, wait);
        }
        catch
        {
            await bus.DisposeAsync();
            throw;
        }
    }

    /// <summary>The open sessions, the eldest first.</summary>
    public IReadOnlyList<Session> Sessions() => Agents.Sessions(Scope);

    /// <summary>All agents, session by session, the eldest first.</summary>
    public IReadOnlyList<Agent> AllAgents() => [.. Sessions().SelectMany(static session => session.Agents())];

    /// <summary>The session of an id, a part of one, or a name.</summary>
    public Session Session(string text) => IdMatch.Find("session", text, Sessions(), static session => session.Id.ToString(), static session => session.Options.Name);

    /// <summary>The agent of an id or a part of one.</summary>
    public Agent Agent(string text) => IdMatch.Find("agent", text, AllAgents(), static agent => agent.Id.ToString(), static _ => "");

    /// <summary>Opens a session.</summary>
    public ValueTask<Session> OpenSessionAsync(SessionOptions options, CancellationToken cancellation) => Agents.OpenSessionAsync(Scope, options, cancellation);

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

    /// <summary>Says which messages were set aside meanwhile: nobody keeps them.</summary>
    public void ShowDeadLetters()
    {
        foreach (DeadLetter letter in Agents.DeadLetters.Kept().Take(DeadLettersShown))
            _terminal.Messages.MarkupLineInterpolated($"[yellow]set aside[/]: a message '{PlainText.Of(letter.Message.Type)}' to {letter.To}: {PlainText.Of(letter.Reason)}");
        if (Agents.DeadLetters.Count > DeadLettersShown) _terminal.Messages.MarkupLineInterpolated($"[yellow]set aside[/]: {Agents.DeadLetters.Count - DeadLettersShown} more");
    }

    /// <summary>The turns under way end, and the folder is free.</summary>
    public async ValueTask DisposeAsync()
    {
        await Agents.DisposeAsync();
        await _bus.DisposeAsync();
    }
}
