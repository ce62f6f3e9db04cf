using Sirsi.Bus.Publishing;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Simulation.Faults;
using Sirsi.Simulation.Running;
using Sirsi.Store;

namespace Sirsi.Simulation;

/// <summary>What a scenario sees: the machine, the host while it is up, the world outside, and where to tell what happened. Belongs to the thread that runs it.</summary>
public sealed class SimulatedWorld
{
    private readonly Weather _weather;
    private readonly History _history;

    internal SimulatedWorld(DeterministicHost machine, Weather weather, UnreliableBus bus, History history, int seed)
    {
        (Machine, _weather, Server, _history) = (machine, weather, bus, history);
        Outside = new OutsideWorld(weather);
        Random = new Random(seed);
        Scope = new ProjectScope(machine.Environment.Ids.Next<TenantKind>(), machine.Environment.Ids.Next<ProjectKind>());
    }

    /// <summary>The project everything belongs to.</summary>
    public ProjectScope Scope { get; }

    /// <summary>What the scenario draws from.</summary>
    public Random Random { get; }

    /// <summary>The host of the moment.</summary>
    public AgentHost Host { get; internal set; } = null!;

    /// <summary>The session of the moment.</summary>
    public Session Session { get; internal set; } = null!;

    /// <summary>The environment of the process of the moment.</summary>
    public HostEnvironment Environment { get; internal set; } = null!;

    /// <summary>What steps of agents change.</summary>
    public OutsideWorld Outside { get; }

    /// <summary>How often the host has been opened.</summary>
    public int Boots { get; internal set; }

    /// <summary>Whether nothing goes wrong any more.</summary>
    public bool IsCalm => _weather.IsCalm;

    /// <summary>The machine's clock, which never jumps.</summary>
    public DateTimeOffset Now => Machine.Environment.Time.GetUtcNow();

    internal DeterministicHost Machine { get; }

    internal UnreliableBus Server { get; }

    /// <summary>What was violated first; null when nothing was.</summary>
    internal string? Violation { get; private set; }

    /// <summary>Whether something goes wrong that the scenario brings about itself, such as a guest that traps; never when it is calm.</summary>
    public bool Happens(double probability) => _weather.Happens(probability);

    /// <summary>A connection to the bus from outside of the process, to read what is on it.</summary>
    public EventBus Bus => Readers ??= new EventBus(Server.Connect(Machine.Environment), new BusOptions(), Machine.Environment);

    /// <summary>The connection, when there is one.</summary>
    internal EventBus? Readers { get; private set; }

    /// <summary>Tells the history of the run what happened, if somebody is going to read it.</summary>
    public void Note([System.Runtime.CompilerServices.InterpolatedStringHandlerArgument("")] ref NoteHandler note)
    {
        if (_history.IsKept) _history.Add(Machine, note.Text());
    }

    /// <summary>A promise was broken: the run ends with it.</summary>
    /// <param name="what">Which, and by what, in a sentence.</param>
    public void Violate(string what)
    {
        ArgumentException.ThrowIfNullOrEmpty(what);
        if (Violation is not null) return;
        Violation = what;
        _history.Add(Machine, $"VIOLATED: {what}");
    }

    /// <summary>As <see cref="Violate"/>, unless it holds.</summary>
    public void Require(bool holds, [System.Runtime.CompilerServices.InterpolatedStringHandlerArgument("holds")] ref RequirementHandler otherwise)
    {
        if (!holds) Violate(otherwise.Text());
    }

    internal bool KeepsHistory => _history.IsKept;
}
