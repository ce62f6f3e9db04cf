using System.Globalization;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor;

namespace Sirsi.Simulation.Tests.Mistakes;

/// <summary>The key of a step is another each time it is asked.</summary>
internal sealed class UnsteadyKey : Mistake
{
    private int _asked;

    public override void Begin(SimulatedWorld world) => world.Outside.Mishears = key => string.Create(CultureInfo.InvariantCulture, $"{key}.{++_asked}");
}

/// <summary>A tenant pays next to nothing for its turns.</summary>
internal sealed class FreeTurns : Mistake
{
    private Id<TenantKind> _first;

    public override AgentHostOptions In(AgentHostOptions options) => options with { Tasks = options.Tasks with { TenantWeight = WeightOf } };

    private int WeightOf(Id<TenantKind> tenant)
    {
        if (_first.IsEmpty) _first = tenant;
        return tenant == _first ? 1_000 : 1;
    }
}
