using Sirsi.Hypervisor.Budgets;

namespace Sirsi.Hypervisor.Durability;

/// <summary>Budgets as the journal keeps them.</summary>
internal static class BudgetFacts
{
    /// <summary>Limits behind the fact that says whose.</summary>
    public static FactWriter Put(this FactWriter facts, BudgetLimits limits)
    {
        foreach (BudgetResource resource in Enum.GetValues<BudgetResource>())
        {
            facts.Put(limits[resource] is null ? 0L : 1L);
            facts.Put(limits[resource] ?? 0);
        }

        return facts.Put(limits.RenewsEvery ?? TimeSpan.Zero).Put(limits.RenewsFrom);
    }

    public static BudgetLimits Limits(this ref FactReader facts)
    {
        BudgetLimits limits = BudgetLimits.None;
        foreach (BudgetResource resource in Enum.GetValues<BudgetResource>())
        {
            bool has = facts.Number() == 1;
            long limit = facts.Number();
            if (has) limits = limits.With(resource, limit);
        }

        TimeSpan every = facts.Span();
        return limits with { RenewsEvery = every > TimeSpan.Zero ? every : null, RenewsFrom = facts.Instant() };
    }

    public static FactWriter Put(this FactWriter facts, in BudgetAmounts amounts)
    {
        foreach (BudgetResource resource in Enum.GetValues<BudgetResource>()) facts.Put(amounts[resource]);
        return facts;
    }

    public static BudgetAmounts Amounts(this ref FactReader facts)
    {
        BudgetAmounts amounts = default;
        foreach (BudgetResource resource in Enum.GetValues<BudgetResource>()) amounts = amounts.With(resource, facts.Number());
        return amounts;
    }

    /// <summary>What an account and those above it have spent by now.</summary>
    public static void PutSpent(this FactWriter facts, BudgetAccount account)
    {
        foreach (BudgetAccount of in account.Path) facts.PutSpent(of.Name, of.Snapshot());
    }

    public static void PutSpent(this FactWriter facts, string account, in BudgetSnapshot spent)
    {
        facts.Fact(FactKind.BudgetSpent).Put(account).Put(spent.PeriodStart ?? DateTimeOffset.MinValue);
        foreach (BudgetResource resource in Enum.GetValues<BudgetResource>()) facts.Put(spent.Used[resource]).Put(spent.Overrun[resource]);
    }

    /// <summary>Several turns write what one account has spent, in any order: of one period the most is the latest.</summary>
    public static void ApplySpent(this IDictionary<string, BudgetSnapshot> accounts, ref FactReader facts)
    {
        string account = facts.Text();
        DateTimeOffset start = facts.Instant();
        DateTimeOffset? period = start == DateTimeOffset.MinValue ? null : start;
        bool isKnown = accounts.TryGetValue(account, out BudgetSnapshot known) && known.PeriodStart == period;
        bool isOld = accounts.ContainsKey(account) && !isKnown && known.PeriodStart > period;
        BudgetAmounts used = isKnown ? known.Used : default, overrun = isKnown ? known.Overrun : default;
        foreach (BudgetResource resource in Enum.GetValues<BudgetResource>())
        {
            used = used.With(resource, Math.Max(used[resource], facts.Number()));
            overrun = overrun.With(resource, Math.Max(overrun[resource], facts.Number()));
        }

        if (!isOld) accounts[account] = new BudgetSnapshot(used, default, overrun, period);
    }
}
