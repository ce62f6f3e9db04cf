using System.Runtime.InteropServices;

namespace Sirsi.Hypervisor.Budgets;

/// <summary>How an account stands, itself and all below it together. Whoever keeps it can restore an account from it.</summary>
/// <param name="Used">What settled reservations used, up to what was reserved: in this period, if there are periods.</param>
/// <param name="Reserved">What is reserved and not settled.</param>
/// <param name="Overrun">What settled reservations used beyond what was reserved.</param>
/// <param name="PeriodStart">When the period began; null for a budget without periods.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct BudgetSnapshot(BudgetAmounts Used, BudgetAmounts Reserved, BudgetAmounts Overrun, DateTimeOffset? PeriodStart);
