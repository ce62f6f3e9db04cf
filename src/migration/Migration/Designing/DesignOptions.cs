using Sirsi.Clouds;

namespace Sirsi.Migration.Designing;

/// <summary>What the user wants of a design. Immutable.</summary>
public sealed record DesignOptions
{
    /// <summary>The cloud everything goes to; one of the three.</summary>
    public required Cloud Target { get; init; }

    /// <summary>
    /// The region all resources go to, in the target's words. Null (the default): each resource goes to the region nearest to its own that
    /// lies in the same jurisdiction.
    /// </summary>
    public string? Region { get; init; }
}
