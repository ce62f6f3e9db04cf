using System.Collections.Immutable;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Estates;

/// <summary>A resource as a source tells it, secrets masked, before tables give it a kind and relations.</summary>
internal sealed record RawResource
{
    /// <summary>The input it was read from.</summary>
    public required string Source { get; init; }

    /// <summary>Its address there, unique in the source.</summary>
    public required string Address { get; init; }

    /// <summary>The provider's type name.</summary>
    public required string Type { get; init; }

    /// <summary>The name it has in the source's language; not the one it has in the cloud.</summary>
    public required string Label { get; init; }

    /// <summary>What all instances of one counted resource share: the address without indexes.</summary>
    public string Group { get; init; } = "";

    /// <summary>Which configuration of a provider it belongs to: all with the same text share their default region.</summary>
    public string Provider { get; init; } = "";

    /// <summary>The region that configuration names, when the source tells it.</summary>
    public string? ProviderRegion { get; init; }

    /// <summary>All attributes, secrets masked.</summary>
    public AttributeMap Attributes { get; init; } = AttributeMap.Empty;

    /// <summary>References the source states for an attribute, by the addresses they lead to.</summary>
    public ImmutableArray<RawReference> References { get; init; } = [];

    /// <summary>Where it starts in the input.</summary>
    public SourcePosition Position { get; init; }
}

/// <summary>A reference that a source states rather than one found by comparing values.</summary>
/// <param name="Path">The attribute whose value refers; empty for a mere order (<c>depends_on</c>).</param>
/// <param name="Target">The address of the resource referred to, in the same source.</param>
internal readonly record struct RawReference(string Path, string Target);
