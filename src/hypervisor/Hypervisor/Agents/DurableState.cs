using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Durability;

namespace Sirsi.Hypervisor.Agents;

/// <summary>What only durable agents have, as far as this one has any.</summary>
internal sealed class DurableState
{
    private HashSet<string>? _keys;
    private Queue<string>? _keyOrder;
    private List<StepImage>? _steps;
    private Dictionary<int, (BudgetReservation Reservation, BudgetAmounts Amounts)>? _unsettled;

    /// <summary>The steps of the turn under way that are stored, by index.</summary>
    public List<StepImage> Steps => _steps ??= [];

    /// <summary>What was set aside for steps of it whose outcome is not known, by their index.</summary>
    public Dictionary<int, (BudgetReservation Reservation, BudgetAmounts Amounts)> Unsettled => _unsettled ??= [];

    /// <summary>The turn under way is over, and so are its steps.</summary>
    public void ForgetSteps() => _steps?.Clear();

    /// <summary>Nobody will know any more what came of them: they count as having used all that was set aside. True when there were any.</summary>
    public bool SettleUnknown()
    {
        if (_unsettled is not { Count: > 0 }) return false;
        foreach ((BudgetReservation reservation, BudgetAmounts amounts) in _unsettled.Values) reservation.Settle(in amounts);
        _unsettled.Clear();
        return true;
    }

    /// <summary>The same of one step.</summary>
    public bool SettleUnknown(int step) => _unsettled is not null && _unsettled.Remove(step, out (BudgetReservation Reservation, BudgetAmounts Amounts) kept) && kept.Reservation.Settle(in kept.Amounts);

    /// <summary>Remembers an idempotency key; false when it is remembered already.</summary>
    public bool Remember(string key)
    {
        lock (this)
        {
            _keys ??= new(StringComparer.Ordinal);
            _keyOrder ??= new();
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
        lock (this) _keys?.Remove(key);
    }
}
