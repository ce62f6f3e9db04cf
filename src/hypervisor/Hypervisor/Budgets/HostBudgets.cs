using System.Collections.Concurrent;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;

namespace Sirsi.Hypervisor.Budgets;

/// <summary>The accounts of a host: one a tenant, under it one a session, under that one for each agent with a budget of its own. Thread-safe.</summary>
internal sealed class HostBudgets(HostBudgetOptions options, HostEnvironment environment, IReadOnlyDictionary<string, BudgetSnapshot> spent)
{
    private readonly ConcurrentDictionary<Id<TenantKind>, BudgetAccount> _tenants = new();

    /// <summary>A session's account.</summary>
    public BudgetAccount Open(Id<TenantKind> tenant, SessionId session, BudgetLimits limits) => Open(OfTenant(tenant), session.ToString(), limits);

    /// <summary>An account under another, with what it had spent when the host stopped.</summary>
    public BudgetAccount Open(BudgetAccount above, string name, BudgetLimits limits) => Restored(above.CreateChild(name, limits));

    private BudgetAccount OfTenant(Id<TenantKind> tenant) =>
        _tenants.GetOrAdd(tenant, static (tenant, self) => self.Create(tenant), this);

    private BudgetAccount Create(Id<TenantKind> tenant) => Restored(new BudgetAccount(tenant.ToString(), options.EachTenant, options.Accounts, environment));

    /// <summary>What is stored is counted anew by those who have it.</summary>
    private BudgetAccount Restored(BudgetAccount account)
    {
        if (spent.TryGetValue(account.Name, out BudgetSnapshot before))
            account.Restore(before with { Used = before.Used.With(BudgetResource.BytesStored, 0), Reserved = default });
        return account;
    }
}
