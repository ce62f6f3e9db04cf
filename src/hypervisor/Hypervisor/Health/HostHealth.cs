using System.Collections.Immutable;

namespace Sirsi.Hypervisor.Health;

/// <summary>How well something works; the worst of its parts is that of the whole.</summary>
public enum HealthStatus
{
    /// <summary>As it should.</summary>
    Healthy,

    /// <summary>It works, and somebody should look at it.</summary>
    Degraded,

    /// <summary>It does not do its work.</summary>
    Unhealthy,
}

/// <summary>How one part is.</summary>
/// <param name="Name">Which: <c>agents</c>, <c>modules</c>, <c>journal</c>, <c>bus</c>, <c>load</c>, or that of a <see cref="HealthCheck"/>.</param>
/// <param name="Status">How well it works.</param>
/// <param name="Reason">What is the matter, in words; empty when nothing is.</param>
public sealed record HealthPart(string Name, HealthStatus Status, string Reason);

/// <summary>How a host was at a moment.</summary>
/// <param name="At">When.</param>
/// <param name="Parts">All there is to say, in a fixed order.</param>
public sealed record HostHealth(DateTimeOffset At, ImmutableArray<HealthPart> Parts)
{
    /// <summary>The worst of all parts.</summary>
    public HealthStatus Status => Parts.Max(static part => part.Status);
}

/// <summary>Something beside the host that it cannot do its work without: a store, a server.</summary>
/// <param name="Name">Its name as a part.</param>
/// <param name="Problem">Asks it: null when it is well, or else what is the matter in words. What it throws counts as a problem too; it has five seconds.</param>
public sealed record HealthCheck(string Name, Func<CancellationToken, ValueTask<string?>> Problem);
