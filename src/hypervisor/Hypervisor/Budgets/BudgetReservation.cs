namespace Sirsi.Hypervisor.Budgets;

/// <summary>
/// What was set aside for a call. Settle it with what the call used, or dispose of it unsettled and all is given back. Either happens once; doing so
/// again, also through a copy, does nothing. Any thread may.
/// </summary>
public readonly struct BudgetReservation : IDisposable, IEquatable<BudgetReservation>
{
    private readonly ReservationSlot? _slot;
    private readonly long _sequence;

    internal BudgetReservation(ReservationSlot slot)
    {
        _slot = slot;
        _sequence = slot.Sequence;
    }

    /// <summary>Whether it has been neither settled nor given back.</summary>
    public bool IsHeld => _slot is { } slot && Volatile.Read(ref slot.Sequence) == _sequence;

    /// <summary>
    /// Charges what was used and gives the rest back. What was used beyond the reservation is not charged but recorded as overrun, at every level, and counts
    /// against what is left from then on: limits are never exceeded by what was admitted.
    /// </summary>
    /// <returns>False, and nothing changed, when it had been settled or given back before.</returns>
    public bool Settle(in BudgetAmounts actual) => _slot is { } slot && slot.Tree.End(slot, _sequence, in actual);

    /// <summary>Gives back what was not settled.</summary>
    public void Dispose() => _slot?.Tree.End(_slot, _sequence, default);

    /// <inheritdoc/>
    public bool Equals(BudgetReservation other) => ReferenceEquals(_slot, other._slot) && _sequence == other._sequence;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BudgetReservation other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _sequence.GetHashCode();

    /// <summary>Whether both are the same reservation.</summary>
    public static bool operator ==(BudgetReservation left, BudgetReservation right) => left.Equals(right);

    /// <summary>Whether they are different reservations.</summary>
    public static bool operator !=(BudgetReservation left, BudgetReservation right) => !left.Equals(right);
}

/// <summary>What a reservation points to. Used again for others; the sequence number tells whose it is now, 0 for nobody's.</summary>
internal sealed class ReservationSlot(BudgetTree tree)
{
    public long Sequence;

    public BudgetAmounts Amounts;

    public BudgetTree Tree { get; } = tree;

    public BudgetAccount? Account { get; set; }

    public ReservationSlot? NextFree { get; set; }
}
