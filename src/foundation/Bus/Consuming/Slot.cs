using System.Runtime.InteropServices;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;

namespace Sirsi.Bus.Consuming;

/// <summary>Where an event in the window stands.</summary>
internal enum SlotState : byte
{
    /// <summary>The slot is empty.</summary>
    Free,

    /// <summary>Another event of its key is before it.</summary>
    Held,

    /// <summary>In the queue of its priority.</summary>
    Ready,

    /// <summary>Handed out, unanswered.</summary>
    InFlight,

    /// <summary>Rejected; waits for its time.</summary>
    Delayed,

    /// <summary>Out of attempts; waits to be written to the dead letters.</summary>
    Dead,

    /// <summary>Done; the driver is to remember it.</summary>
    Settled,
}

/// <summary>An event in the window.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct Slot
{
    public EventBlock? Block;
    public object? Token;
    public string? Reason;
    public long Position;
    public long DeadlineTicks;
    public ulong KeyHash;
    public int Offset;
    public int Length;
    public int Partition;
    public int Attempts;

    /// <summary>Grows whenever a delivery ends, so that a late answer is recognized.</summary>
    public int Generation;

    /// <summary>The next event of its key; -1 for none.</summary>
    public int NextInLane;

    /// <summary>The neighbours in the queue it stands in; -1 for none.</summary>
    public int Next;
    public int Previous;
    public EventPriority Priority;
    public SlotState State;

    public readonly ReadOnlyMemory<byte> Bytes => Block!.BytesOf(Offset, Length);
}

/// <summary>A queue of slots, linked through them; a slot stands in one at a time.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct SlotQueue()
{
    private int _last = -1;

    public int First { get; private set; } = -1;

    public readonly bool IsEmpty => First < 0;

    public void Add(Slot[] slots, int index)
    {
        ref Slot slot = ref slots[index];
        slot.Next = -1;
        slot.Previous = _last;
        if (_last < 0) First = index;
        else slots[_last].Next = index;
        _last = index;
    }

    public void Remove(Slot[] slots, int index)
    {
        ref Slot slot = ref slots[index];
        if (slot.Previous < 0) First = slot.Next;
        else slots[slot.Previous].Next = slot.Next;
        if (slot.Next < 0) _last = slot.Previous;
        else slots[slot.Next].Previous = slot.Previous;
        slot.Next = slot.Previous = -1;
    }

    public int TakeFirst(Slot[] slots)
    {
        int index = First;
        if (index >= 0) Remove(slots, index);
        return index;
    }
}
