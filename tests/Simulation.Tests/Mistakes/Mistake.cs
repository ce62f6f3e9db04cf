using Sirsi.Hypervisor;
using Sirsi.Hypervisor.Agents;

namespace Sirsi.Simulation.Tests.Mistakes;

/// <summary>A mistake that is made on purpose around the host, for one run, to show that it would be found. By default none is made.</summary>
internal abstract class Mistake
{
    /// <summary>Before the host is opened, each time.</summary>
    public virtual AgentHostOptions In(AgentHostOptions options) => options;

    /// <summary>Each type, before the host is opened.</summary>
    public virtual AgentType In(AgentType type, SimulatedWorld world) => type;

    /// <summary>The scene is about to be set.</summary>
    public virtual void Begin(SimulatedWorld world)
    {
    }

    /// <summary>After each step.</summary>
    public virtual void Meddle(SimulatedWorld world)
    {
    }
}

/// <summary>A scenario with a mistake in it, which knows nothing of it.</summary>
internal sealed class MistakenScenario(Scenario scenario, Mistake mistake) : Scenario
{
    private bool _hasBegun;

    public override AgentHostOptions Host => mistake.In(scenario.Host);

    public override bool HasBus => scenario.HasBus;

    public override Hypervisor.Sessions.SessionOptions Session => scenario.Session;

    public override void Register(AgentTypes types)
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            scenario.Enter(World);
            mistake.Begin(World);
        }

        var right = new AgentTypes();
        scenario.Register(right);
        foreach (AgentType type in right.All) types.Register(mistake.In(type, World));
    }

    public override Task PrepareAsync() => scenario.PrepareAsync();

    public override Task ActAsync() => scenario.ActAsync();

    public override void Observe()
    {
        scenario.Observe();
        mistake.Meddle(World);
    }

    public override Task JudgeAsync() => scenario.JudgeAsync();
}
