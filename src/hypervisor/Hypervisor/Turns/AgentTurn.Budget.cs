using System.Runtime.InteropServices;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Durability;

namespace Sirsi.Hypervisor.Turns;

/// <summary>What a turn spends: set aside when it is asked for, charged when the turn ends well, given back when it does not.</summary>
public sealed partial class AgentTurn
{
    private static readonly BudgetAmounts OneCall = new() { HostCalls = 1 };

    private List<Held>? _held;
    private long _storedHeld;
    private bool _hasSpent;

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Held(BudgetReservation Reservation, BudgetAmounts Amounts);

    private TurnTime? _time;

    // Boxed, as it is there once in a blue moon and every turn has the field.
    private object? _awaited;

    /// <summary>What the turn was refused last, if the turn can be run again without doing anything twice and the refusal may pass by itself; else null.</summary>
    internal BudgetAmounts? Awaited => (BudgetAmounts?)_awaited;

    /// <summary>Measures processor time; asked for only where that is limited.</summary>
    internal TurnTime Time => _time ??= new TurnTime(_agent, this);

    /// <summary>Sets aside the processor time that the turn begins with.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.BudgetExhausted"/>: nothing of the turn has run.</exception>
    internal void BeginTime(BudgetAccount account)
    {
        if (Time.TryBegin(account, out BudgetRefusal refusal)) return;
        _awaited = refusal.MayPass ? default(BudgetAmounts).With(BudgetResource.CpuTime, refusal.Wanted) : null;
        throw new HypervisorException(HypervisorErrors.BudgetExhausted, _agent.OverBudget(in refusal));
    }

    /// <summary>Charges what was used; gives the reason when the turn was cancelled because there was no more.</summary>
    internal string? EndTime()
    {
        Time.End();
        _hasSpent = true;
        if (Time.Stopped is not null) _awaited = null;
        return Time.Stopped;
    }

    /// <summary>Stores what a turn that came to nothing has spent.</summary>
    internal ValueTask StoreSpentAsync()
    {
        if (!_hasSpent) return ValueTask.CompletedTask;
        FactWriter facts = BeginFacts();
        WriteSpent(facts);
        return Host.Ledger!.CommitAsync(facts.Written);
    }

    /// <summary>The account that pays for what the agent does; null when the host keeps no budgets.</summary>
    public BudgetAccount? Budget => _agent.Budget;

    private bool TryHold(in BudgetAmounts amounts)
    {
        if (_agent.Budget is not { } account) return true;
        if (!account.TryReserve(in amounts, out BudgetReservation reservation, out BudgetRefusal refusal))
        {
            _ = _agent.OverBudget(in refusal);
            return false;
        }

        (_held ??= []).Add(new Held(reservation, amounts));
        _hasEffects = true;
        return true;
    }

    /// <summary>Room for a variable that grows; what shrinks is given back when the turn has ended well.</summary>
    private bool TryHoldStored(string name, int length)
    {
        if (_agent.Budget is null) return true;
        long needed = _agent.Variables!.GrowthWith(name, length) - _storedHeld;
        if (needed <= 0) return true;
        if (!TryHold(new BudgetAmounts { BytesStored = needed })) return false;
        _storedHeld += needed;
        return true;
    }

    /// <summary>The turn has ended well: what it set aside is spent.</summary>
    private void Spend()
    {
        if (_agent.Budget is not { } account) return;
        _hasSpent |= _agent.Durable?.SettleUnknown() is true;
        foreach (Held held in CollectionsMarshal.AsSpan(_held)) _hasSpent |= held.Reservation.Settle(held.Amounts);
        _held?.Clear();
        long unused = _storedHeld - (_agent.Variables?.PendingGrowth ?? 0);
        if (unused > 0) account.ReturnStored(unused);
        _hasSpent |= unused > 0;
        _storedHeld = 0;
    }

    private void GiveBack()
    {
        foreach (Held held in CollectionsMarshal.AsSpan(_held)) held.Reservation.Dispose();
        _held?.Clear();
        _storedHeld = 0;
    }

    /// <summary>What was spent since it was last stored.</summary>
    private void WriteSpent(FactWriter facts)
    {
        if (!_hasSpent) return;
        facts.PutSpent(_agent.Budget!);
        _hasSpent = false;
    }

    /// <summary>Sets aside what a step may use, and one call.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.BudgetExhausted"/>.</exception>
    private BudgetReservation Reserve(in BudgetAmounts most)
    {
        if (_agent.Budget is not { } account) return default;
        if (account.TryReserve(WithCall(most), out BudgetReservation reservation, out BudgetRefusal refusal)) return reservation;
        _awaited = _agent.Durable is not null && refusal.MayPass ? WithCall(most) : null;
        throw new HypervisorException(HypervisorErrors.BudgetExhausted, _agent.OverBudget(in refusal));
    }

    /// <summary>What stayed set aside for a step that was begun before.</summary>
    private BudgetReservation? TakeUnsettled(int step) =>
        _agent.Durable is { } durable && durable.Unsettled.Remove(step, out (BudgetReservation Reservation, BudgetAmounts Amounts) kept) ? kept.Reservation : null;

    private void Keep(int step, in BudgetReservation reservation, in BudgetAmounts most)
    {
        if (reservation.IsHeld) _agent.Durable!.Unsettled[step] = (reservation, WithCall(most));
    }

    private BudgetAmounts SetAside(in BudgetAmounts most) => _agent.Budget is null ? default : WithCall(most);

    private void Settle(in BudgetReservation reservation, in BudgetAmounts used) => _hasSpent |= reservation.Settle(WithCall(used));

    private static BudgetAmounts WithCall(in BudgetAmounts amounts) => amounts.With(BudgetResource.HostCalls, amounts.HostCalls + 1);
}
