using System.Runtime.InteropServices;

namespace Sirsi.Core.Governing;

/// <summary>
/// A token bucket in whole numbers: it gains <c>gain</c> units per tick of the clock, up to its capacity, and may fall below zero,
/// which is debt to be earned back. Exact, so that a simulated clock gives the same decisions every time. Guarded by its owner.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct RateBucket(long gainPerTick, long capacity, long balance, long now)
{
    /// <summary>Debt beyond this is forgiven; it keeps sums far from overflow.</summary>
    private const long DebtMax = long.MaxValue / 4;

    private long _balance = balance;
    private long _updated = now;

    /// <summary>The balance at an instant.</summary>
    public long BalanceAt(long now)
    {
        long elapsed = now - _updated;
        if (elapsed <= 0) return _balance;
        _updated = now;
        long missing = capacity - _balance;
        _balance = gainPerTick == 0 ? _balance : elapsed >= (missing / gainPerTick) + 1 ? capacity : Math.Min(capacity, _balance + (elapsed * gainPerTick));
        return _balance;
    }

    public void Take(long units) => _balance = Math.Max(-DebtMax, _balance - Math.Min(units, DebtMax));

    /// <summary>How many ticks after <paramref name="now"/> the balance is at least <paramref name="wanted"/>; null for never.</summary>
    public long? TicksUntil(long wanted, long now)
    {
        long missing = wanted - BalanceAt(now);
        if (missing <= 0) return 0;
        return gainPerTick == 0 ? null : ((missing - 1) / gainPerTick) + 1;
    }
}
