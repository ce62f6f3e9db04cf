using Sirsi.Core.Errors;

namespace Sirsi.Hypervisor;

public static partial class HypervisorErrors
{
    /// <summary>The account, or one above it, has been closed.</summary>
    public static ErrorCode BudgetClosed { get; } = new(3050, "Budget is closed",
        "What it belonged to has ended; start the work again in something that runs.");
}
