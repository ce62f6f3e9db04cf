using Sirsi.Hypervisor;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Sessions;

namespace Sirsi.Simulation;

/// <summary>
/// A story that a simulated host is put through, and what has to be true of it. Made anew for each seed; its fields are the knowledge of somebody outside, who sees what the host acknowledges and is not hurt when it ends. What breaks a
/// promise is told by <see cref="SimulatedWorld.Violate"/>, at the moment it is seen. Used by one thread.
/// </summary>
public abstract class Scenario
{
    private SimulatedWorld? _world;

    /// <summary>The world it is in.</summary>
    public SimulatedWorld World => _world ?? throw new InvalidOperationException("The scenario has not begun.");

    /// <summary>How the host works; where its files and its bus are is the world's. By default it writes checkpoints often.</summary>
    public virtual AgentHostOptions Host => new() { CheckpointBytes = 4_096 };

    /// <summary>Whether the host has a bus, which is a server that outlives it; default false.</summary>
    public virtual bool HasBus => false;

    /// <summary>The session that is opened.</summary>
    public virtual SessionOptions Session => new();

    /// <summary>Says what agents there are; called each time the host is opened.</summary>
    public abstract void Register(AgentTypes types);

    /// <summary>Sets the scene, once, in calm weather.</summary>
    public abstract Task PrepareAsync();

    /// <summary>
    /// What clients do, from the first time the host is up, and again each time it is up again: it goes on with what was not acknowledged. It runs in the host's process and ends with it; a
    /// <see cref="HypervisorException"/> that comes out of it is let pass, and it is called again.
    /// </summary>
    public abstract Task ActAsync();

    /// <summary>Looks at the world after each step; it must be quick and change nothing.</summary>
    public virtual void Observe()
    {
    }

    /// <summary>Says in the end, when faults have stopped, the clients are done and the host has come to rest, whether all is as it has to be.</summary>
    public abstract Task JudgeAsync();

    internal void Enter(SimulatedWorld world) => _world = world;
}

/// <summary>A scenario by its name.</summary>
/// <param name="Name">Its name, as the command line takes it.</param>
/// <param name="Promise">What it holds the host to, in a sentence.</param>
/// <param name="Create">Makes it, for one seed.</param>
public sealed record ScenarioType(string Name, string Promise, Func<Scenario> Create);
