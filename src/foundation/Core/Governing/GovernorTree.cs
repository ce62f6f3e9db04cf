using Sirsi.Core.Hosting;

namespace Sirsi.Core.Governing;

/// <summary>
/// What a root governor and all its descendants share: one lock, under which every decision is taken, so that a permit is granted
/// at all levels or at none and statistics fit each other; and the permits at rest.
/// </summary>
internal sealed class GovernorTree(HostEnvironment environment, int? seed)
{
    private PermitSlot? _free;
    private Waiter? _firstCompleted;
    private Waiter? _lastCompleted;
    private long _sequence;

    public Lock Gate { get; } = new();

    public TimeProvider Time { get; } = environment.Time;

    public HostExecutor Executor { get; } = environment.Executor;

    public long Frequency { get; } = environment.Time.TimestampFrequency;

    /// <summary>In deterministic mode: draws whose turn it is.</summary>
    public Random? Choice { get; } = seed is { } given ? new Random(given) : null;

    public bool IsDeterministic => Choice is not null;

    public PermitSlot TakeSlot(ResourceGovernor governor, OperationKind kind)
    {
        PermitSlot slot = _free ?? new PermitSlot(this);
        _free = slot.NextFree;
        slot.NextFree = null;
        slot.Governor = governor;
        slot.Kind = kind;
        slot.IsMetered = false;
        slot.ChargedBefore = null;
        slot.Sequence = ++_sequence;
        return slot;
    }

    public void Release(PermitSlot slot, long sequence)
    {
        ResourceGovernor? metering = null;
        ResourceGovernor? chargedBefore = null;
        Waiter? completed;
        // Charged before it is given back: who is admitted next is to see the whole bill.
        CpuFlow.SettleIf(slot.IsMetered);
        lock (Gate)
        {
            if (slot.Sequence != sequence) return;
            ResourceGovernor governor = slot.Governor!;
            if (slot.IsMetered) (metering, chargedBefore) = (governor, slot.ChargedBefore);
            slot.Sequence = 0;
            slot.Governor = null;
            slot.ChargedBefore = null;
            slot.NextFree = _free;
            _free = slot;
            governor.Return(slot.Kind);
            completed = TakeCompleted();
        }

        if (metering is not null) CpuFlow.Leave(metering, chargedBefore);
        Post(completed);
    }

    public void Cancel(Waiter waiter)
    {
        Waiter? completed;
        lock (Gate)
        {
            if (waiter.State is not WaiterState.Waiting) return;
            waiter.State = WaiterState.Cancelled;
            if (!waiter.IsEnqueued) return; // Whoever is about to enqueue it sees the state.
            waiter.Line.Governor.Withdraw(waiter);
            completed = TakeCompleted();
        }

        Post(completed);
    }

    /// <summary>Remembers a waiter whose wait has ended, to be posted once the lock is free.</summary>
    public void AddCompleted(Waiter waiter)
    {
        if (_lastCompleted is null) _firstCompleted = waiter;
        else _lastCompleted.NextCompleted = waiter;
        _lastCompleted = waiter;
    }

    public Waiter? TakeCompleted()
    {
        Waiter? first = _firstCompleted;
        _firstCompleted = _lastCompleted = null;
        return first;
    }

    public void Post(Waiter? completed)
    {
        while (completed is { } waiter)
        {
            completed = waiter.NextCompleted;
            waiter.NextCompleted = null;
            Executor.Post(static state => ((Waiter)state!).Complete(), waiter);
        }
    }
}
