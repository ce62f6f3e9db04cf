using System.Runtime.InteropServices;

namespace Sirsi.Hypervisor.Budgets;

/// <summary>What all accounts of a tree have in common.</summary>
public sealed record BudgetOptions
{
    /// <summary>The currency of all money, three capital letters (ISO 4217). Default <c>USD</c>.</summary>
    public string Currency { get; init; } = "USD";

    /// <summary>At what part of a limit, spent or reserved, people are warned: 1 to 100 percent. Default 80.</summary>
    public int WarnAtPercent { get; init; } = 80;

    /// <summary>How long one account's warning of one resource is not repeated, unless a new period or limit begins. Default an hour.</summary>
    public TimeSpan WarnAgainAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Is told of warnings, on the environment's executor; it must not throw. Null for nobody.</summary>
    public Action<BudgetWarning>? OnWarning { get; init; }

    internal IEnumerable<string> Problems()
    {
        if (Currency is not { Length: 3 } || !Currency.All(char.IsAsciiLetterUpper)) yield return "Currency must be three capital letters.";
        if (WarnAtPercent is < 1 or > 100) yield return $"WarnAtPercent is {WarnAtPercent}; it must be 1 to 100.";
        if (WarnAgainAfter < TimeSpan.Zero) yield return $"WarnAgainAfter is {WarnAgainAfter}; it must not be negative.";
    }
}

/// <summary>Most of a limit is gone.</summary>
/// <param name="Account">The name of the account.</param>
/// <param name="Resource">Which of its limits.</param>
/// <param name="Spent">What was spent or is reserved, overruns included.</param>
/// <param name="Limit">The limit.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct BudgetWarning(string Account, BudgetResource Resource, long Spent, long Limit);
