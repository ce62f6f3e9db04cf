using Sirsi.Core.Governing;

namespace Sirsi.Core.Plugins;

/// <summary>How a registry treats its plug-ins. Immutable; checked as a whole when a registry is made.</summary>
public sealed record PluginRegistryOptions
{
    /// <summary>The version of the host that plug-ins must be made for.</summary>
    public required SemanticVersion HostVersion { get; init; }

    /// <summary>The limits of each plug-in, under those of the governor the registry was given. Default none of its own.</summary>
    public GovernorOptions PluginLimits { get; init; } = GovernorOptions.Unlimited;

    /// <summary>How long one execution may take before its token is cancelled, 1 ms to a day. Default 30 s.</summary>
    public TimeSpan ExecutionTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a health check may take, 1 ms to a day. Default 5 s.</summary>
    public TimeSpan HealthTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a plug-in that is paused or unloaded may take to finish what runs, 1 ms to a day; then that is cancelled and gets as
    /// long again. Default 10 s.
    /// </summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Every broken rule; empty when they are valid.</summary>
    public IEnumerable<string> Problems()
    {
        if (HostVersion is null) yield return "There is no HostVersion.";
        foreach ((string name, TimeSpan span) in new[]
        {
            (nameof(ExecutionTimeout), ExecutionTimeout), (nameof(HealthTimeout), HealthTimeout), (nameof(DrainTimeout), DrainTimeout),
        })
            if (span < TimeSpan.FromMilliseconds(1) || span > TimeSpan.FromDays(1)) yield return $"{name} is {span}; it must be 1 ms to a day.";
        if (PluginLimits is null) yield return "There are no PluginLimits.";
        else
            foreach (string problem in PluginLimits.ProblemsAsChild(deterministicTree: false)) yield return "PluginLimits: " + problem;
    }
}
