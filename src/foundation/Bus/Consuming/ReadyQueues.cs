using Sirsi.Bus.Events;

namespace Sirsi.Bus.Consuming;

/// <summary>
/// What may be handed out, one queue per priority. The highest goes first; but one of a lower priority is taken after
/// <see cref="PassedMax"/> of higher ones, so nothing starves.
/// </summary>
internal sealed class ReadyQueues(Slot[] slots)
{
    public const int PassedMax = 16;
    private const int Levels = (int)EventPriority.Critical + 1;

    private readonly SlotQueue[] _queues = [new(), new(), new(), new()];
    private readonly int[] _passed = new int[Levels];

    public int Count { get; private set; }

    public void Add(int index)
    {
        slots[index].State = SlotState.Ready;
        _queues[(int)slots[index].Priority].Add(slots, index);
        Count++;
    }

    public void Remove(int index)
    {
        _queues[(int)slots[index].Priority].Remove(slots, index);
        Count--;
    }

    /// <summary>The slot whose turn it is; -1 when there is none.</summary>
    public int Take()
    {
        if (Count == 0) return -1;
        int level = Levels - 1;
        while (_queues[level].IsEmpty) level--;
        for (int lower = level - 1; lower >= 0; lower--)
        {
            if (_queues[lower].IsEmpty || _passed[lower] < PassedMax) continue;
            level = lower;
            break;
        }

        _passed[level] = 0;
        for (int lower = level - 1; lower >= 0; lower--)
            if (!_queues[lower].IsEmpty) _passed[lower]++;
        Count--;
        return _queues[level].TakeFirst(slots);
    }
}
