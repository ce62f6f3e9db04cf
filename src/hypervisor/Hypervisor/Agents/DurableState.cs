using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Durability;

namespace Sirsi.Hypervisor.Agents;

/// <summary>What only durable agents have.</summary>
internal sealed class DurableState
{
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly Queue<string> _keyOrder = new();

    /// <summary>What the turn under way stores; one turn at a time uses it.</summary>
    public FactWriter Facts { get; } = new();

    /// <summary>The steps of the turn under way that are stored, by index.</summary>
    public List<StepImage> Steps { get; } = [];

    /// <summary>What was set aside for steps of it whose outcome is not known, by their index.</summary>
    public Dictionary<int, (BudgetReservation Reservation, BudgetAmounts Amounts)> Unsettled { get; } = [];

    /// <summary>Nobody will know any more what came of them: they count as having used all that was set aside. True when there were any.</summary>
    public bool SettleUnknown()
    {
        if (Unsettled.Count == 0) return false;
        foreach ((BudgetReservation reservation, BudgetAmounts amounts) in Unsettled.Values) reservation.Settle(in amounts);
        Unsettled.Clear();
        return true;
    }

    /// <summary>The same of one step.</summary>
    public bool SettleUnknown(int step) => Unsettled.Remove(step, out (BudgetReservation Reservation, BudgetAmounts Amounts) kept) && kept.Reservation.Settle(in kept.Amounts);

    /// <summary>Remembers an idempotency key; false when it is remembered already.</summary>
    public bool Remember(string key)
    {
        lock (_keys)
        {
            if (!_keys.Add(key)) return false;
            _keyOrder.Enqueue(key);
            if (_keyOrder.Count > HostImage.KeysMax) _keys.Remove(_keyOrder.Dequeue());
            return true;
        }
    }

    /// <summary>What came with the key was not stored after all.</summary>
    public void Forget(string key)
    {
        // It stays in the order, where it does no harm.
        lock (_keys) _keys.Remove(key);
    }
}
