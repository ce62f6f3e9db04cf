using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Capabilities;

namespace Sirsi.Hypervisor.Agents;

/// <summary>What one agent begins with.</summary>
public sealed record SpawnOptions
{
    /// <summary>Nothing of its own.</summary>
    public static SpawnOptions Default { get; } = new();

    /// <summary>
    /// What it may do. All of it must be covered by what its parent may, or for one without parent by what its session may; default nothing.
    /// </summary>
    public CapabilitySet Capabilities { get; init; } = CapabilitySet.Empty;

    /// <summary>When its capabilities end; null, the default, with those of its parent or session.</summary>
    public DateTimeOffset? CapabilitiesExpireAt { get; init; }

    /// <summary>
    /// What it and its children may spend, within what its parent or its session may; null, the default, for no limit of its own.
    /// </summary>
    public BudgetLimits? Budget { get; init; }

    /// <summary>Variables it begins with.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? Variables { get; init; }
}
