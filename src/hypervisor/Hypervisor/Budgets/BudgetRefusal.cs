using System.Runtime.InteropServices;

namespace Sirsi.Hypervisor.Budgets;

/// <summary>Why nothing was reserved.</summary>
public enum BudgetRefusalReason
{
    /// <summary>Nothing was refused: the default value.</summary>
    None,

    /// <summary>A limit has not so much left.</summary>
    Exhausted,

    /// <summary>Neither the account nor one above it has a limit for the resource.</summary>
    NotBudgeted,

    /// <summary>The account or one above it is closed.</summary>
    Closed,
}

/// <summary>A reservation that was refused, by whom and for what.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Account">The account that refused: where several would, the one highest up.</param>
/// <param name="Resource">What of; null when the account is closed.</param>
/// <param name="Wanted">How much was to be reserved.</param>
/// <param name="Limit">The account's limit.</param>
/// <param name="Left">How much of it is neither spent nor reserved.</param>
/// <param name="Currency">The currency of money.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct BudgetRefusal(
    BudgetRefusalReason Reason, string Account, BudgetResource? Resource, long Wanted, long Limit, long Left, string Currency)
{
    /// <summary>Whether it may pass by itself: with what others give back, or with the next period. What no limit would ever let through does not.</summary>
    internal bool MayPass => Reason is BudgetRefusalReason.Exhausted && Wanted <= Limit;

    /// <summary>A sentence for the user.</summary>
    public override string ToString() => Reason switch
    {
        BudgetRefusalReason.Exhausted when Resource is { } of =>
            $"The budget of '{Account}' does not have {of.Text(Wanted, Currency)}: {of.Text(Left, Currency)} of {of.Text(Limit, Currency)} is left.",
        BudgetRefusalReason.NotBudgeted when Resource is { } of => $"Nobody gave '{Account}' or those above it a budget of {of.Name()}.",
        BudgetRefusalReason.Closed => $"The budget of '{Account}' is closed.",
        _ => "",
    };
}
