namespace Sirsi.Hypervisor.Budgets;

/// <content>What is left, and who stands in the way.</content>
public sealed partial class BudgetAccount
{
    /// <summary>Whether as much could be set aside now.</summary>
    internal bool HasRoomFor(in BudgetAmounts amounts)
    {
        lock (_tree.Gate)
        {
            RollPeriods();
            return !TryFindObstacle(in amounts, out _);
        }
    }

    /// <summary>Whether this account or one above it limits the resource, be it by the greatest number. Takes no lock.</summary>
    internal bool IsLimited(BudgetResource resource)
    {
        foreach (BudgetAccount account in _path)
            if (account.Limits.Has((int)resource)) return true;
        return false;
    }

    private bool TryFindObstacle(in BudgetAmounts amounts, out BudgetRefusal refusal)
    {
        string currency = _tree.Options.Currency;
        refusal = default;
        if (Closed() is { } closed)
        {
            refusal = new BudgetRefusal(BudgetRefusalReason.Closed, closed.Name, Resource: null, Wanted: 0, Limit: 0, Left: 0, currency);
            return true;
        }

        for (int resource = 0; resource < BudgetResources.Count; resource++)
        {
            if (amounts[(BudgetResource)resource] is not (> 0 and var amount) || IsLimited((BudgetResource)resource)) continue;
            refusal = new BudgetRefusal(BudgetRefusalReason.NotBudgeted, Name, (BudgetResource)resource, amount, Limit: 0, Left: 0, currency);
            return true;
        }

        foreach (BudgetAccount account in _path)
        {
            for (int resource = 0; resource < BudgetResources.Count; resource++)
            {
                if (amounts[(BudgetResource)resource] is not (> 0 and var amount) || account.Left(resource) is var left && amount <= left) continue;
                refusal = new BudgetRefusal(
                    BudgetRefusalReason.Exhausted, account.Name, (BudgetResource)resource, amount, account._limits.LimitOrMax(resource), left, currency);
                return true;
            }
        }

        return false;
    }

    private BudgetAccount? Closed()
    {
        foreach (BudgetAccount account in _path)
            if (account._isClosed) return account;
        return null;
    }

    private long Left(int resource)
    {
        long admitted = Sum(_used[resource], _reserved[resource]);
        return Math.Max(0, _limits.LimitOrMax(resource) - Sum(admitted, _overrun[resource]));
    }
}
