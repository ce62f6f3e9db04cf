using System.Collections.Immutable;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Wasm.Extism;

namespace Sirsi.Hypervisor.Modules.Registry;

/// <summary>What the host gives a module that is loaded. Immutable.</summary>
public sealed record ModuleLoadOptions
{
    /// <summary>Values of its configuration; what is not here is as the registry keeps it (<see cref="ModuleRegistry.ConfigureAsync"/>), else has its default. Default none.</summary>
    public ImmutableDictionary<string, string> Configuration { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Takes what its agents log; null, the default: nobody.</summary>
    public Action<AgentId, ExtismLogLevel, string>? Log { get; init; }
}

/// <summary>A version that agents can be made of, within the limits of its manifest.</summary>
/// <param name="Module">The compiled module.</param>
/// <param name="Manifest">What it says of itself.</param>
public sealed record LoadedModule(AgentModule Module, ModuleManifest Manifest)
{
    /// <summary>The agent type it supplies: its agents can be given no more than what it asks for and a person granted, and there are no more of them than it says.</summary>
    public AgentType ToType() => Module.ToType(Manifest.AgentType) with
    {
        Ceiling = new CapabilitySet(Manifest.Capabilities.Select(static request => request.Capability)),
        AgentsMax = Manifest.Limits.Instances,
        StateVersion = Manifest.StateVersion,
    };
}
