namespace Sirsi.Bus.Consuming;

/// <summary>How partitions leave a window.</summary>
internal sealed partial class DeliveryWindow
{
    private readonly List<int> _slotsOfPartition = [];
    private readonly HashSet<int> _draining = [];

    /// <summary>Of those that died, how many went with their partition before they were buried.</summary>
    public long DeadLost { get; private set; }

    /// <summary>
    /// Takes out all of a partition that is not handed out; what is in flight, or done and not yet remembered, stays until it ends. The partition is empty when <see cref="TakeDrained"/> says so.
    /// </summary>
    public void Drain(int partition)
    {
        Drop(partition, handedOutToo: false);
        _draining.Add(partition);
    }

    /// <summary>Takes out all of a partition that is somebody else's now; answers to its deliveries count no more.</summary>
    public void Lose(int partition)
    {
        Drop(partition, handedOutToo: true);
        _draining.Remove(partition);
    }

    /// <summary>A draining partition of which nothing is left; -1 for none.</summary>
    public int TakeDrained()
    {
        foreach (int partition in _draining)
        {
            if (CountOf(partition) > 0) continue;
            _draining.Remove(partition);
            return partition;
        }

        return -1;
    }

    private void Drop(int partition, bool handedOutToo)
    {
        for (int index = 0; index < _slots.Length; index++)
        {
            ref Slot slot = ref _slots[index];
            if (slot.Partition != partition || slot.State is SlotState.Free or SlotState.Settled) continue;
            bool handedOut = slot.State is SlotState.InFlight or SlotState.Dead;
            if (handedOut && !handedOutToo)
            {
                // A lane lies in one partition, for its key does: those behind are taken out by this same walk.
                slot.NextInLane = -1;
                if (slot.KeyHash != 0) _laneEnds[slot.KeyHash] = index;
                continue;
            }

            TakeOutOfQueue(index);
            ReleaseBytes(ref slot);
            if (slot.KeyHash != 0 && _laneEnds.TryGetValue(slot.KeyHash, out int end) && end == index) _laneEnds.Remove(slot.KeyHash);
            Empty(index);
        }
    }

    private void TakeOutOfQueue(int index)
    {
        switch (_slots[index].State)
        {
            case SlotState.Ready:
                _ready.Remove(index);
                break;
            case SlotState.InFlight:
                _inFlight.Remove(_slots, index);
                InFlight--;
                break;
            case SlotState.Dead:
                _dead.Remove(_slots, index);
                DeadLost++;
                break;
        }
    }

    private void CountIn(int partition)
    {
        while (_slotsOfPartition.Count <= partition) _slotsOfPartition.Add(0);
        _slotsOfPartition[partition]++;
    }

    private void CountOut(int partition) => _slotsOfPartition[partition]--;

    private int CountOf(int partition) => partition < _slotsOfPartition.Count ? _slotsOfPartition[partition] : 0;
}
