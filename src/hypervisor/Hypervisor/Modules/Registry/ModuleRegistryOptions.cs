using Sirsi.Hypervisor.Security;

namespace Sirsi.Hypervisor.Modules.Registry;

/// <summary>How a registry is opened. Immutable.</summary>
public sealed record ModuleRegistryOptions
{
    /// <summary>Whether it is only read: nothing is created, nothing locked, and another process may write meanwhile, which does not show. Default false.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Whether modules nobody has signed are taken and loaded. For development; default false.</summary>
    public bool AllowsUnsigned { get; init; }

    /// <summary>Who says whose signed modules are taken. Null, the default: the public keys in the registry's folder <c>publishers</c> (<see cref="PublisherKeys"/>).</summary>
    public IModuleTrust? Trust { get; init; }

    /// <summary>Who takes down which modules were refused, before whoever wanted them is told. Null, the default: nobody.</summary>
    public ISecurityEvents? SecurityEvents { get; init; }

    /// <summary>The largest entry file that is taken, in bytes; default 64 MiB.</summary>
    public int EntryBytesMax { get; init; } = 64 << 20;

    /// <summary>Every broken rule, in words for the one who wrote the options; empty when they are valid.</summary>
    public IEnumerable<string> Problems()
    {
        if (EntryBytesMax < 8) yield return $"EntryBytesMax is {EntryBytesMax}; it must be at least 8.";
    }
}
