using Sirsi.Core.Errors;

namespace Sirsi.Hypervisor;

public static partial class HypervisorErrors
{
    /// <summary>The account, or one above it, has been closed.</summary>
    public static ErrorCode BudgetClosed { get; } = new(3050, "Budget is closed",
        "What it belonged to has ended; start the work again in something that runs.");

    /// <summary>An account does not have what is to be spent.</summary>
    public static ErrorCode BudgetExhausted { get; } = new(3051, "Budget does not have it",
        "The message names the account and what is left of it: raise its limit, wait for its next period, or do with less.");

    /// <summary>A budget was given where none is kept.</summary>
    public static ErrorCode BudgetMissing { get; } = new(3052, "Host keeps no budgets",
        "Open the host with AgentHostOptions.Budgets.");
}
