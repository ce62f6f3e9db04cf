using Sirsi.Bus.Publishing;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor;
using Sirsi.Hypervisor.Agents;
using Sirsi.Simulation.Faults;

namespace Sirsi.Simulation.Running;

/// <summary>The process that the host is in: how it comes up, ends, and comes up again.</summary>
internal sealed partial class SimulationRun
{
    private enum Phase
    {
        Down,
        Opening,
        Up,
        Stopping,
    }

    private Phase _phase;
    private DeterministicProcess? _process;
    private SessionId _session;
    private EventBus? _bus;
    private BusConnection? _connection;
    private Task<AgentHost>? _opening;
    private Task? _stopping;
    private Task? _acting;
    private bool _isToBoot;
    private int _crashes;

    /// <summary>Whether the scene is set: then the clients act whenever the host is up.</summary>
    private bool _isPrepared;

    private void Boot()
    {
        _isToBoot = false;
        _process = _machine.StartProcess();
        HostEnvironment environment = _process.Environment with { Files = new UnreliableFiles(_machine.Files, _weather, _process.Environment.Time) };
        _world.Environment = _world.Outside.Caller = environment;
        _world.Boots++;
        var types = new AgentTypes();
        _scenario.Register(types);
        _connection = _scenario.HasBus ? _world.Server.Connect(environment) : null;
        AgentHostOptions options = _scenario.Host with
        {
            Folder = Folder,
            Bus = _bus = _connection is not null ? new EventBus(_connection, new BusOptions(), environment) : null,
        };
        if (_history.IsKept) options = Noted(options);
        _phase = Phase.Opening;
        _opening = environment.Executor.RunAsync(() => AgentHost.OpenAsync(environment, types, options));
    }

    private AgentHostOptions Noted(AgentHostOptions options) => options with
    {
        StatusChanged = (agent, change) => _world.Note($"{Name(agent)} is {change.Status}: {change.Reason}"),
        TurnEnded = (agent, end) => _world.Note($"{Name(agent)} ended the turn of {end.Kind} '{end.Type}' {end.Message}, attempt {end.Attempt}{(end.Error is null ? "" : ": " + end.Error)}"),
    };

    private static string Name(Agent agent) => $"{agent.Type.Name} {agent.Id.ToString()[^6..]}";

    /// <summary>After each step: what has come to its end in the meantime, and what strikes now.</summary>
    private void Look()
    {
        switch (_phase)
        {
            case Phase.Down when _isToBoot:
                Boot();
                break;
            case Phase.Opening when _opening!.IsCompleted:
                OnOpened(_opening);
                break;
            case Phase.Stopping when _stopping!.IsCompleted:
                End(losesPower: false, "has stopped in order");
                break;
            case Phase.Up when _world.Host.Ledger!.HasFailed:
                End(losesPower: false, "is ended, because nothing can be stored any more");
                break;
            default:
                break;
        }

        if (!_weather.IsCalm) Strike();
    }

    private void OnOpened(Task<AgentHost> opening)
    {
        if (opening.Exception?.InnerException is { } failure)
        {
            if (failure is not HypervisorException || _weather.IsCalm) _world.Violate($"The host could not be opened: {failure.GetType().Name}: {failure.Message}");
            End(losesPower: false, $"could not open the host: {failure.Message}");
            return;
        }

#pragma warning disable VSTHRD002 // It has completed: nothing is waited for.
        _world.Host = opening.Result;
#pragma warning restore VSTHRD002
        _phase = Phase.Up;
        _world.Note($"The host is up for the {_world.Boots}. time.");
        if (!_isPrepared) return;
        if (_world.Host.FindSession(_world.Scope, _session) is { } session)
        {
            _world.Session = session;
            BeginToAct();
        }
        else
        {
            _world.Violate($"The session {_session} is lost.");
        }
    }

    private void BeginToAct() => _acting = _world.Environment.Executor.RunAsync(async () =>
    {
        while (true)
        {
            try
            {
                await _scenario.ActAsync();
                return;
            }
            catch (HypervisorException refused)
            {
                _world.Note($"A client was told: {refused.Message}");
                await Task.Delay(TimeSpan.FromSeconds(1), _world.Environment.Time);
            }
#pragma warning disable CA1031 // What else comes out of a client is what was to be found.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                _world.Violate($"A client was hurt by {failure.GetType().Name}: {failure.Message}");
                return;
            }
        }
    });

    /// <summary>The runtime keeps the instruments of a bus until it is disposed of, which a process that is killed does not do.</summary>
    private static void LetGoOf(EventBus? bus)
    {
        if (bus is not null) _ = bus.DisposeAsync().AsTask();
    }

    /// <summary>The process ends, at once, and comes up again after a while.</summary>
    private void End(bool losesPower, string why)
    {
        _crashes++;
        _world.Note($"The process {why}.");
        _process!.Kill();
        _connection?.Break();
        LetGoOf(_bus);
        if (losesPower) _machine.Files.LosePower(_weather.Dice);
        else _machine.Files.EndProcess();
        _phase = Phase.Down;
        _acting = null;
        TimeSpan down = _weather.UpTo(_weather.Faults.DownMax) + TimeSpan.FromMilliseconds(1);
        _ = _machine.Environment.Executor.RunAsync(async () =>
        {
            await Task.Delay(down, _machine.Environment.Time);
            _isToBoot = true;
        });
    }
}
