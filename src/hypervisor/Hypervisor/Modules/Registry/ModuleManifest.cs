using System.Collections.Immutable;
using System.Globalization;
using Sirsi.Core.Cryptography;
using Sirsi.Core.Errors;
using Sirsi.Core.Plugins;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Secrets;

namespace Sirsi.Hypervisor.Modules.Registry;

/// <summary>What a module asks to be allowed, and why.</summary>
/// <param name="Capability">The capability.</param>
/// <param name="Reason">Why the module needs it, for the person who decides.</param>
public sealed record CapabilityRequest(Capability Capability, string Reason);

/// <summary>What each agent of a module may take.</summary>
/// <param name="MemoryMiB">Memory at most, in MiB; 1 to 4,096.</param>
/// <param name="FuelPerTurn">What one turn may spend, about one unit an instruction; at least 1.</param>
/// <param name="DeadlineSeconds">How long one turn may take, in seconds; 1 to 86,400.</param>
/// <param name="Instances">How many agents of it there may be at a time; 1 to 1,000,000.</param>
public sealed record ManifestLimits(int MemoryMiB = 64, long FuelPerTurn = 10_000_000_000, int DeadlineSeconds = 30, int Instances = 1_000);

/// <summary>What a value of a module's configuration is.</summary>
public enum ConfigurationType
{
    /// <summary>Any text.</summary>
    Text,

    /// <summary>A whole number of 64 bits.</summary>
    Integer,

    /// <summary>A number with a point.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>A reference to a secret, <c>secret:NAME</c> or <c>secret:NAME#VERSION</c>. The guest reads it as it stands in a header: <c>${secret:NAME}</c>.</summary>
    Secret,
}

/// <summary>One value a module reads with <c>config_get</c>.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Default">What it is when nobody sets it; null: absent then.</param>
/// <param name="IsRequired">Whether it must be set when there is no default.</param>
/// <param name="Description">What it is for.</param>
public sealed record ConfigurationEntry(ConfigurationType Type, string? Default, bool IsRequired, string Description)
{
    /// <summary>Whether a text can be this value.</summary>
    public bool Fits(string text) => Type switch
    {
        ConfigurationType.Integer => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        ConfigurationType.Number => double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture, out double number) && double.IsFinite(number),
        ConfigurationType.Boolean => text is "true" or "false",
        ConfigurationType.Secret => SecretReference.TryParse(text, out _),
        _ => true,
    };
}

/// <summary>What was read of a manifest.</summary>
/// <param name="Manifest">The manifest; null when there are problems.</param>
/// <param name="Problems">Everything that is wrong, in the order of the text.</param>
public sealed record ManifestResult(ModuleManifest? Manifest, ImmutableArray<Diagnostic> Problems);

/// <summary>
/// The file <c>module.yaml</c> of a module's folder: what the module is, who answers for it and what it asks for (<c>docs/schemas/module.md</c>). It is known, and judged, before any code of the
/// module runs. Immutable; made by <see cref="Read"/> alone.
/// </summary>
public sealed record ModuleManifest
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "module.yaml";

    /// <summary>The name and version of the layout; no other is read.</summary>
    public const string Schema = "sirsi.module/1";

    /// <summary>The largest manifest that is read, in bytes.</summary>
    public const int BytesMax = 64 << 10;

    internal ModuleManifest()
    {
    }

    /// <summary>The module's name, formed like that of an agent type.</summary>
    public required string Name { get; init; }

    /// <summary>Its version.</summary>
    public required SemanticVersion Version { get; init; }

    /// <summary>What it does, in a line; empty when it does not say.</summary>
    public required string Description { get; init; }

    /// <summary>The name of the agent type it supplies.</summary>
    public required string AgentType { get; init; }

    /// <summary>The WebAssembly file: a path inside the folder, with <c>/</c> between its parts.</summary>
    public required string Entry { get; init; }

    /// <summary>The digest of the entry file; null while it is not signed.</summary>
    public required Sha256? Digest { get; init; }

    /// <summary>Who answers for it; empty while it is not signed.</summary>
    public required string Publisher { get; init; }

    /// <summary>The publisher's signature, 64 bytes; empty while it is not signed.</summary>
    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>What it asks to be allowed.</summary>
    public required ImmutableArray<CapabilityRequest> Capabilities { get; init; }

    /// <summary>What each agent of it may take.</summary>
    public required ManifestLimits Limits { get; init; }

    /// <summary>The hosts it asks to make requests to; <c>*</c> stands for any part of a name.</summary>
    public required ImmutableArray<string> Network { get; init; }

    /// <summary>The values it reads with <c>config_get</c>, by name.</summary>
    public required ImmutableSortedDictionary<string, ConfigurationEntry> Configuration { get; init; }

    /// <summary>The layout of its agents' variables; agents are only moved to a version with the same or a greater one.</summary>
    public required int StateVersion { get; init; }

    /// <summary>Whether a publisher has put a signature to it, right or wrong.</summary>
    public bool IsSigned => !Signature.IsEmpty;

    /// <summary>What the publisher signs: digests, name and version, as <c>docs/schemas/module.md</c> says.</summary>
    internal byte[] SignedText { get; init; } = [];

    /// <summary>Reads a manifest and tells every problem there is, with its line and column.</summary>
    /// <param name="yaml">The text in UTF-8.</param>
    /// <param name="source">What the places of problems call the text, for example its path.</param>
    public static ManifestResult Read(ReadOnlyMemory<byte> yaml, string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new ManifestReader(source).Read(yaml);
    }
}
