using Sirsi.Core.Errors;

namespace Sirsi.Migration;

// Designing: 4300 to 4349.
public static partial class MigrationErrors
{
    /// <summary>SIRSI-4300.</summary>
    public static readonly ErrorCode RegionUnknown = new(4300, "The target cloud has no region of that name",
        "Choose a region of the target cloud, or none: each resource then goes to the region nearest to its own.");
}
