using Sirsi.Core.Hosting;

namespace Sirsi.Hypervisor.Budgets;

/// <summary>What a root account and all below it share: one lock, under which an amount is reserved at all levels or at none, and the slots at rest.</summary>
internal sealed class BudgetTree(BudgetOptions options, HostEnvironment environment)
{
    private ReservationSlot? _free;
    private long _sequence;
    private List<BudgetWarning>? _warnings;

    public Lock Gate { get; } = new();

    public BudgetOptions Options { get; } = options;

    public TimeProvider Time { get; } = environment.Time;

    public ReservationSlot TakeSlot(BudgetAccount account, in BudgetAmounts amounts)
    {
        ReservationSlot slot = _free ?? new ReservationSlot(this);
        _free = slot.NextFree;
        slot.NextFree = null;
        slot.Account = account;
        slot.Amounts = amounts;
        slot.Sequence = ++_sequence;
        return slot;
    }

    /// <summary>Ends a reservation with what it used; false when it has ended before.</summary>
    public bool End(ReservationSlot slot, long sequence, in BudgetAmounts actual)
    {
        List<BudgetWarning>? warnings;
        lock (Gate)
        {
            if (slot.Sequence != sequence) return false;
            slot.Account!.Charge(in slot.Amounts, in actual);
            slot.Sequence = 0;
            slot.Account = null;
            slot.NextFree = _free;
            _free = slot;
            warnings = TakeWarnings();
        }

        Post(warnings);
        return true;
    }

    /// <summary>Remembers a warning, to be posted once the lock is free.</summary>
    public void Warn(BudgetWarning warning) => (_warnings ??= []).Add(warning);

    public List<BudgetWarning>? TakeWarnings()
    {
        List<BudgetWarning>? warnings = _warnings;
        _warnings = null;
        return warnings;
    }

    public void Post(List<BudgetWarning>? warnings)
    {
        if (warnings is not null) environment.Executor.Post(Tell, warnings);
    }

    private void Tell(object? warnings)
    {
        foreach (BudgetWarning warning in (List<BudgetWarning>)warnings!) Options.OnWarning?.Invoke(warning);
    }
}
