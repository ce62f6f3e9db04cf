using System.Collections.Immutable;

namespace Sirsi.Core.Plugins;

/// <summary>Where a plug-in is in its life.</summary>
public enum PluginState
{
    /// <summary>Registered; its code is there and nothing of it has run but its constructor.</summary>
    Loaded,

    /// <summary>It has taken what it needs.</summary>
    Ready,

    /// <summary>It executes.</summary>
    Active,

    /// <summary>It executes nothing until activated again.</summary>
    Paused,

    /// <summary>It is gone.</summary>
    Unloaded,
}

/// <summary>The legal changes of state.</summary>
public static class PluginLifecycle
{
    /// <summary>The whole life on one screen: what may follow each state.</summary>
    public static ImmutableSortedDictionary<PluginState, ImmutableArray<PluginState>> Transitions { get; } =
        new Dictionary<PluginState, ImmutableArray<PluginState>>
        {
            [PluginState.Loaded] = [PluginState.Ready, PluginState.Unloaded],
            [PluginState.Ready] = [PluginState.Active, PluginState.Unloaded],
            [PluginState.Active] = [PluginState.Paused],
            [PluginState.Paused] = [PluginState.Active, PluginState.Unloaded],
            [PluginState.Unloaded] = [],
        }.ToImmutableSortedDictionary();

    /// <summary>Whether <paramref name="next"/> may follow <paramref name="state"/>.</summary>
    public static bool Allows(PluginState state, PluginState next) => Transitions.TryGetValue(state, out var allowed) && allowed.Contains(next);
}
