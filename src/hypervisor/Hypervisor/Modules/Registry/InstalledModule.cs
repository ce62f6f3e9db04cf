using System.Collections.Immutable;
using Sirsi.Core.Cryptography;

namespace Sirsi.Hypervisor.Modules.Registry;

/// <summary>How far a version of a module has come.</summary>
public enum ModuleState
{
    /// <summary>It asks for what nobody has granted to this module yet: a person decides.</summary>
    Waiting,

    /// <summary>It may be activated.</summary>
    Granted,

    /// <summary>Agents are made of it. There is at most one such version of a name.</summary>
    Active,

    /// <summary>It was active and another took its place; it can be rolled back to.</summary>
    Superseded,
}

/// <summary>Who allowed a version what it asks for.</summary>
/// <param name="At">When.</param>
/// <param name="By">Who; empty when it asked for nothing new, and so nobody had to decide.</param>
public sealed record ModuleGrant(DateTimeOffset At, string By);

/// <summary>One version of a module in the registry. Immutable: what is done later shows in another one.</summary>
/// <param name="Manifest">What it says of itself.</param>
/// <param name="State">How far it has come.</param>
/// <param name="Digest">The digest of its entry file.</param>
/// <param name="AddedAt">When it came.</param>
/// <param name="Grant">Who allowed what it asks for; null while it waits.</param>
/// <param name="Unanswered">What it asks for that nobody has granted to this module: capabilities and <c>network:HOST</c>; empty unless it waits.</param>
public sealed record InstalledModule(
    ModuleManifest Manifest, ModuleState State, Sha256 Digest, DateTimeOffset AddedAt, ModuleGrant? Grant, ImmutableArray<string> Unanswered)
{
    /// <summary>Name and version, as commands take them.</summary>
    public override string ToString() => $"{Manifest.Name}@{Manifest.Version}";
}
