namespace Sirsi.Core.Plugins;

/// <summary>How a plug-in is.</summary>
public enum PluginCondition
{
    /// <summary>All is well.</summary>
    Healthy,

    /// <summary>It works, but not as it should.</summary>
    Degraded,

    /// <summary>It does not work, or failed to say.</summary>
    Unhealthy,

    /// <summary>It did not say in time.</summary>
    TimedOut,
}

/// <summary>What a plug-in says of its health.</summary>
/// <param name="Condition">How it is.</param>
/// <param name="Detail">Why, for people; empty when there is nothing to say.</param>
public sealed record PluginHealth(PluginCondition Condition, string Detail)
{
    /// <summary>All is well.</summary>
    public static PluginHealth Healthy { get; } = new(PluginCondition.Healthy, "");
}

/// <summary>The outcome of one health check.</summary>
/// <param name="Id">Whose.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="Health">How it is.</param>
/// <param name="Elapsed">How long it took to say.</param>
public sealed record PluginHealthReport(PluginId Id, PluginState State, PluginHealth Health, TimeSpan Elapsed);
