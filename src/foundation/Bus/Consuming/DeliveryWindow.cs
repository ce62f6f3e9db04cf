using Sirsi.Bus.Drivers;

namespace Sirsi.Bus.Consuming;

/// <summary>
/// The events a member has fetched and not settled, and the rules by which they are handed out: one at a time of each key, in log order; urgent ones first; again when
/// unanswered for too long or rejected; dead after the last attempt. No clock, no waiting, no lock: the consumer has these. All steps take constant time, but
/// for the loss of a partition, which looks at the whole window.
/// </summary>
internal sealed partial class DeliveryWindow
{
    private readonly Slot[] _slots;
    private readonly Dictionary<ulong, int> _laneEnds;
    private readonly ReadyQueues _ready;
    private readonly PriorityQueue<(int Slot, int Generation), long> _delayed = new();
    private readonly GroupOptions _options;
    private readonly long _timeoutTicks;
    private readonly Action<EventBlock> _blockDone;
    private SlotQueue _free = new();
    private SlotQueue _inFlight = new();
    private SlotQueue _dead = new();
    private SlotQueue _settled = new();

    public DeliveryWindow(GroupOptions options, Action<EventBlock> blockDone)
    {
        _options = options;
        _blockDone = blockDone;
        _timeoutTicks = options.VisibilityTimeout.Ticks;
        _slots = new Slot[options.Window];
        _laneEnds = new Dictionary<ulong, int>(options.Window);
        _ready = new ReadyQueues(_slots);
        for (int i = 0; i < _slots.Length; i++) _free.Add(_slots, i);
        Free = _slots.Length;
    }

    /// <summary>Empty slots.</summary>
    public int Free { get; private set; }

    /// <summary>Handed out and unanswered.</summary>
    public int InFlight { get; private set; }

    /// <summary>Done, and not yet taken by <see cref="TakeSettled"/>.</summary>
    public int Settled { get; private set; }

    /// <summary>Events that had their last attempt, since the beginning.</summary>
    public long Died { get; private set; }

    public bool HasDead => !_dead.IsEmpty;

    public bool HasDeliverable => _ready.Count > 0 && InFlight < _options.InFlightMax;

    /// <summary>When something falls due by itself, in ticks; <see cref="long.MaxValue"/> for never.</summary>
    public long NextDueTicks
    {
        get
        {
            long due = _inFlight.IsEmpty ? long.MaxValue : _slots[_inFlight.First].DeadlineTicks;
            return _delayed.TryPeek(out _, out long delayed) ? Math.Min(due, delayed) : due;
        }
    }

    public ref readonly Slot this[int index] => ref _slots[index];

    /// <summary>Takes in a fetched event. There is a free slot.</summary>
    public void Add(EventBlock block, in EventBlock.Entry entry)
    {
        int index = _free.TakeFirst(_slots);
        Free--;
        ref Slot slot = ref _slots[index];
        slot.Block = block;
        slot.Token = entry.Token;
        slot.Reason = null;
        slot.Position = entry.Position;
        slot.KeyHash = entry.KeyHash;
        slot.Offset = entry.Offset;
        slot.Length = entry.Length;
        slot.Partition = entry.Partition;
        slot.Attempts = entry.Deliveries;
        slot.Priority = entry.Priority;
        slot.NextInLane = -1;
        block.Unsettled++;
        CountIn(entry.Partition);
        if (slot.KeyHash == 0)
        {
            BecomeHead(index);
        }
        else if (_laneEnds.TryGetValue(slot.KeyHash, out int end))
        {
            slot.State = SlotState.Held;
            _slots[end].NextInLane = index;
            _laneEnds[slot.KeyHash] = index;
        }
        else
        {
            _laneEnds.Add(slot.KeyHash, index);
            BecomeHead(index);
        }
    }

    /// <summary>The next event to hand out, now in flight; -1 when there is none, or enough are.</summary>
    public int Take(long nowTicks)
    {
        if (InFlight >= _options.InFlightMax) return -1;
        int index = _ready.Take();
        if (index < 0) return -1;
        ref Slot slot = ref _slots[index];
        slot.State = SlotState.InFlight;
        slot.Attempts++;
        slot.DeadlineTicks = nowTicks + _timeoutTicks;
        _inFlight.Add(_slots, index);
        InFlight++;
        return index;
    }

    /// <summary>Ends a delivery well; false when it has ended before.</summary>
    public bool Acknowledge(int index, int generation)
    {
        if (!EndDelivery(index, generation)) return false;
        Settle(index);
        return true;
    }

    /// <summary>Ends a delivery badly: the event comes again at <paramref name="dueTicks"/>, or is dead. False when it has ended before.</summary>
    public bool Reject(int index, int generation, long nowTicks, long dueTicks, string reason)
    {
        if (!EndDelivery(index, generation)) return false;
        ref Slot slot = ref _slots[index];
        slot.Reason = reason;
        if (slot.Attempts >= _options.AttemptsMax || dueTicks <= nowTicks)
        {
            BecomeHead(index);
            return true;
        }

        slot.State = SlotState.Delayed;
        slot.DeadlineTicks = dueTicks;
        _delayed.Enqueue((index, slot.Generation), dueTicks);
        return true;
    }

    /// <summary>Gives a delivery its whole time-out again; false when it has ended.</summary>
    public bool Extend(int index, int generation, long nowTicks)
    {
        ref Slot slot = ref _slots[index];
        if (slot.State != SlotState.InFlight || slot.Generation != generation) return false;
        slot.DeadlineTicks = nowTicks + _timeoutTicks;
        _inFlight.Remove(_slots, index);
        _inFlight.Add(_slots, index);
        return true;
    }

    /// <summary>Ends deliveries that are over their time, and rejections whose delay is over; gives how many time-outs there were.</summary>
    public int PassTime(long nowTicks)
    {
        int timeouts = 0;
        while (!_inFlight.IsEmpty && _slots[_inFlight.First].DeadlineTicks <= nowTicks)
        {
            int index = _inFlight.First;
            _ = EndDelivery(index, _slots[index].Generation);
            _slots[index].Reason = "not answered in time";
            BecomeHead(index);
            timeouts++;
        }

        while (_delayed.TryPeek(out (int Slot, int Generation) next, out long due) && due <= nowTicks)
        {
            _delayed.Dequeue();
            ref Slot slot = ref _slots[next.Slot];
            if (slot.State == SlotState.Delayed && slot.Generation == next.Generation) BecomeHead(next.Slot);
        }

        return timeouts;
    }

    /// <summary>An event to write to the dead letters and then to end with <see cref="Bury"/>; -1 when there is none.</summary>
    public int TakeDead() => _dead.IsEmpty ? -1 : _dead.First;

    /// <summary>Ends a dead event that is written to the dead letters, unless its partition was lost meanwhile.</summary>
    public bool Bury(int index, int generation)
    {
        ref Slot slot = ref _slots[index];
        if (slot.State != SlotState.Dead || slot.Generation != generation) return false;
        _dead.Remove(_slots, index);
        Settle(index);
        return true;
    }

    /// <summary>Moves what is done into <paramref name="into"/>; gives how many. Their slots stay taken until <see cref="Forget"/>.</summary>
    public int TakeSettled(Span<Settlement> into, Span<int> slots)
    {
        int count = 0;
        for (; count < into.Length && !_settled.IsEmpty; count++)
        {
            int index = _settled.TakeFirst(_slots);
            ref Slot slot = ref _slots[index];
            into[count] = new Settlement(slot.Partition, slot.Position, slot.Token);
            slots[count] = index;
        }

        Settled -= count;
        return count;
    }

    /// <summary>Empties the slots of what the driver remembers.</summary>
    public void Forget(ReadOnlySpan<int> slots)
    {
        foreach (int index in slots) Empty(index);
    }

    private bool EndDelivery(int index, int generation)
    {
        ref Slot slot = ref _slots[index];
        if (slot.State != SlotState.InFlight || slot.Generation != generation) return false;
        _inFlight.Remove(_slots, index);
        InFlight--;
        slot.Generation++;
        return true;
    }

    private void BecomeHead(int index)
    {
        ref Slot slot = ref _slots[index];
        if (slot.Attempts < _options.AttemptsMax)
        {
            _ready.Add(index);
            return;
        }

        slot.State = SlotState.Dead;
        slot.Reason ??= "delivered before, and never answered";
        _dead.Add(_slots, index);
        Died++;
    }

    private void Settle(int index)
    {
        ref Slot slot = ref _slots[index];
        slot.State = SlotState.Settled;
        LeaveLane(index);
        ReleaseBytes(ref slot);
        _settled.Add(_slots, index);
        Settled++;
    }

    private void LeaveLane(int index)
    {
        ref Slot slot = ref _slots[index];
        if (slot.KeyHash == 0) return;
        if (slot.NextInLane < 0) _laneEnds.Remove(slot.KeyHash);
        else BecomeHead(slot.NextInLane);
        slot.NextInLane = -1;
    }

    private void ReleaseBytes(ref Slot slot)
    {
        EventBlock block = slot.Block!;
        slot.Block = null;
        slot.Reason = null;
        if (--block.Unsettled == 0) _blockDone(block);
    }

    private void Empty(int index)
    {
        ref Slot slot = ref _slots[index];
        CountOut(slot.Partition);
        slot.State = SlotState.Free;
        slot.Token = null;
        slot.Generation++;
        _free.Add(_slots, index);
        Free++;
    }
}
