using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Agents;
using Sirsi.Simulation.Faults;

namespace Sirsi.Simulation.Running;

/// <summary>One scenario with one seed: prepared in calm weather, lived through a storm, judged when it is calm again.</summary>
internal sealed partial class SimulationRun
{
    /// <summary>Where the host keeps its agents.</summary>
    private const string Folder = "agents";

    /// <summary>Steps a run may take: what takes more goes on for ever.</summary>
    private const long StepsMax = 300_000;

    private static readonly TimeSpan Patience = TimeSpan.FromHours(12);

    private readonly ScenarioType _type;
    private readonly int _seed;
    private readonly DeterministicHost _machine;
    private readonly Weather _weather;
    private readonly History _history;
    private readonly SimulatedWorld _world;
    private readonly Scenario _scenario;

    public SimulationRun(ScenarioType type, int seed, FaultOptions faults, bool keepsHistory)
    {
        (_type, _seed) = (type, seed);
        _machine = new DeterministicHost(seed, StepOrder.Seeded, stepsMax: StepsMax);
        _weather = new Weather(faults, Mixed(seed, 1));
        _history = new History(keepsHistory);
        _world = new SimulatedWorld(_machine, _weather, new UnreliableBus(_machine.Environment, _weather), _history, Mixed(seed, 2));
        _scenario = type.Create();
        _scenario.Enter(_world);
    }

    public SimulationReport Execute()
    {
        try
        {
            Boot();
            Until(() => _phase is Phase.Up, "The host was not opened");
            Inside(PrepareAsync, "The scene was not set");
            BeginStorm();
            Until(() => IsDone && _stepsAfter-- <= 0, "The clients did not come to their end");
            Calm();
            Until(() => IsDone, "The clients did not come to their end after faults had stopped");
            Inside(JudgeAsync, "The host did not come to rest after faults had stopped");
        }
        catch (BrokenOffException)
        {
            // The violation says why.
        }
#pragma warning disable CA1031 // Whatever comes out of the simulated program is what was to be found.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _world.Violate($"{failure.GetType().Name}: {failure.Message}");
        }

        LetGoOf(_bus);
        LetGoOf(_world.Readers);
        return new SimulationReport
        {
            Scenario = _type.Name,
            Seed = _seed,
            Violation = _world.Violation,
            Steps = _machine.Steps,
            VirtualTime = _world.Now - Start,
            Crashes = _crashes,
            Fingerprint = Fingerprint.Of(_machine),
            History = _history.Entries(),
        };
    }

    private static DateTimeOffset Start { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Streams of one seed that have nothing to do with each other (the finisher of SplitMix64; Steele, Lea and Flood 2014).</summary>
    private static int Mixed(int seed, int stream)
    {
        ulong mixed = unchecked(((ulong)(uint)seed << 8) + ((ulong)stream * 0x9E37_79B9_7F4A_7C15));
        mixed = unchecked((mixed ^ (mixed >> 30)) * 0xBF58_476D_1CE4_E5B9);
        mixed = unchecked((mixed ^ (mixed >> 27)) * 0x94D0_49BB_1331_11EB);
        return (int)(mixed ^ (mixed >> 31));
    }

    private bool IsDone => _phase is Phase.Up && _acting is { IsCompleted: true };

    private async Task PrepareAsync()
    {
        _world.Session = await _world.Host.OpenSessionAsync(_world.Scope, _scenario.Session);
        _session = _world.Session.Id;
        await _scenario.PrepareAsync();
    }

    private async Task JudgeAsync()
    {
        if (!await _world.Host.RestAsync(Patience)) _world.Violate("The host does not come to rest after faults have stopped.");
        foreach (Agent agent in _world.Session.Agents())
        {
            try
            {
                await agent.TakeSnapshotAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1), _world.Environment.Time);
            }
            catch (TimeoutException)
            {
                _world.Violate($"The agent {agent.Id} ({agent.Type.Name}, {agent.Status}) cannot be reached.");
            }
        }

        await _scenario.JudgeAsync();
    }

    /// <summary>Runs until something is so; a violation breaks the run off.</summary>
    private void Until(Func<bool> condition, string otherwise)
    {
        DateTimeOffset deadline = _world.Now + Patience;
        while (!condition())
        {
            if (_machine.Steps > StepsMax) _world.Violate($"{otherwise} within {StepsMax} steps.");
            if (_world.Violation is not null) throw new BrokenOffException();
            if (!_machine.TryStep(deadline))
            {
                // Nothing is to come by itself: that is an end too, when the clients are at theirs.
                if (IsDone) return;
                _world.Violate($"{otherwise} within {Patience.TotalHours} hours.");
            }

            if (_phase is Phase.Up && _session is { IsEmpty: false }) _scenario.Observe();
            Look();
        }

        if (_world.Violation is not null) throw new BrokenOffException();
    }

    /// <summary>Runs something in the process, which stays up meanwhile.</summary>
    private void Inside(Func<Task> work, string otherwise)
    {
        Task running = _world.Environment.Executor.RunAsync(work);
        Until(() => running.IsCompleted, otherwise);
        if (running.Exception is { } failure) _world.Violate($"{failure.InnerException!.GetType().Name}: {failure.InnerException.Message}");
        if (_world.Violation is not null) throw new BrokenOffException();
    }

    /// <summary>The run goes no further: there is a violation.</summary>
    private sealed class BrokenOffException : Exception;
}
