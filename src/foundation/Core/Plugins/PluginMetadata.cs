using System.Collections.Immutable;

namespace Sirsi.Core.Plugins;

/// <summary>The name of a plug-in: 1 to 100 lower-case letters, digits, dots, hyphens and underscores, a letter first.</summary>
/// <param name="Value">The name.</param>
public readonly record struct PluginId(string Value) : IComparable<PluginId>
{
    /// <summary>The longest name, in characters.</summary>
    public const int LengthMax = 100;

    /// <summary>Whether it is a name at all.</summary>
    public bool IsValid => PluginMetadata.IsWord(Value, LengthMax, ".-_");

    /// <inheritdoc/>
    public int CompareTo(PluginId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value ?? "";

    /// <summary>Ordinal order.</summary>
    public static bool operator <(PluginId left, PluginId right) => left.CompareTo(right) < 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator >(PluginId left, PluginId right) => left.CompareTo(right) > 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator <=(PluginId left, PluginId right) => left.CompareTo(right) <= 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator >=(PluginId left, PluginId right) => left.CompareTo(right) >= 0;
}

/// <summary>What a plug-in says about itself.</summary>
public sealed record PluginMetadata
{
    /// <summary>The most capabilities one plug-in may ask for.</summary>
    public const int CapabilitiesMax = 100;

    /// <summary>The longest description, in characters.</summary>
    public const int DescriptionLengthMax = 500;

    /// <summary>Its name, unique in a registry.</summary>
    public required PluginId Id { get; init; }

    /// <summary>Its version.</summary>
    public required SemanticVersion Version { get; init; }

    /// <summary>What it does, in a sentence for people.</summary>
    public required string Description { get; init; }

    /// <summary>The permissions it needs, for example <c>net:connect</c>: lower-case letters, digits and <c>.-_:*</c>. Default none.</summary>
    public ImmutableArray<string> Capabilities { get; init; } = [];

    /// <summary>The versions of the host it works with. Default all releases.</summary>
    public VersionRange HostVersions { get; init; } = VersionRange.Any;

    /// <summary>Every broken rule; empty when it is valid.</summary>
    public IEnumerable<string> Problems()
    {
        if (!Id.IsValid) yield return $"The id must be 1 to {PluginId.LengthMax} lower-case letters, digits and '.-_', a letter first.";
        if (Version is null) yield return "There is no version.";
        if (HostVersions is null) yield return "There is no range of host versions.";
        if (string.IsNullOrWhiteSpace(Description) || Description.Length > DescriptionLengthMax || Description.Any(char.IsControl))
            yield return $"The description must be 1 to {DescriptionLengthMax} characters on one line.";
        if (Capabilities.IsDefault) yield return "The capabilities are missing.";
        else if (Capabilities.Length > CapabilitiesMax) yield return $"There are {Capabilities.Length} capabilities; at most {CapabilitiesMax} are allowed.";
        else if (!Capabilities.All(static capability => IsWord(capability, 100, ".-_:*")))
            yield return "A capability must be 1 to 100 lower-case letters, digits and '.-_:*', a letter first.";
    }

    internal static bool IsWord(string? text, int lengthMax, string others) =>
        text is { Length: > 0 } && text.Length <= lengthMax && char.IsAsciiLetterLower(text[0])
        && text.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || others.Contains(letter, StringComparison.Ordinal));
}
