namespace Sirsi.Hypervisor.Budgets;

/// <summary>What the tenants of a host may spend.</summary>
public sealed record HostBudgetOptions
{
    /// <summary>
    /// What each tenant may spend in all its sessions together. A resource that neither this nor a session nor an agent has a limit for is refused; <see cref="long.MaxValue"/> is no limit. Default: no limits, so everything is refused
    /// that is not budgeted below.
    /// </summary>
    public BudgetLimits EachTenant { get; init; } = BudgetLimits.None;

    /// <summary>What the accounts have in common.</summary>
    public BudgetOptions Accounts { get; init; } = new();
}
