using System.Text.Json;
using Sirsi.Core.Hosting;

namespace Sirsi.Core.Plugins;

/// <summary>
/// An extension that runs in the process. The registry calls the lifecycle methods one at a time and in the order of
/// <see cref="PluginLifecycle"/>; executions and health checks may run at the same time as each other. Whatever a method throws
/// becomes a failure with a code, and the plug-in stays in the state it was in.
/// </summary>
/// <remarks>
/// A plug-in from a folder can be unloaded only if nothing outside keeps its types: write and read JSON with
/// <see cref="JsonElement"/>, a writer or a source-generated context, not with the default options, which keep every type they see.
/// </remarks>
public interface IPlugin
{
    /// <summary>What it says about itself. Read once, when it is registered.</summary>
    PluginMetadata Metadata { get; }

    /// <summary>Loaded → Ready: takes what it needs from the host.</summary>
    ValueTask PrepareAsync(HostEnvironment environment, CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <summary>Ready or Paused → Active: executions follow.</summary>
    ValueTask ActivateAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <summary>Active → Paused: all executions have ended and none come until it is activated again.</summary>
    ValueTask PauseAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <summary>→ Unloaded: gives everything back. Nothing is called after it.</summary>
    ValueTask UnloadAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <summary>Does its work on structured input and gives structured output.</summary>
    ValueTask<JsonElement> ExecuteAsync(JsonElement input, CancellationToken cancellation);

    /// <summary>Says how it is. Healthy, unless it knows better.</summary>
    ValueTask<PluginHealth> CheckHealthAsync(CancellationToken cancellation) => ValueTask.FromResult(PluginHealth.Healthy);
}
