namespace Sirsi.Hypervisor.Scheduling;

/// <summary>What is due at a time.</summary>
internal abstract class TimerEntry
{
    private TimerQueue? _queue;

    /// <summary>Its queue fires it no more; what fires at this moment is not called back.</summary>
    public bool IsCancelled { get; private set; }

    /// <summary>When it is due, in the clock's units, and its place among those due at the same time.</summary>
    internal long FiresAt { get; set; }

    internal long Order { get; set; }

    /// <summary>Where the queue has it; -1 when it has not.</summary>
    internal int Place { get; set; } = -1;

    public void Cancel()
    {
        IsCancelled = true;
        Volatile.Read(ref _queue)?.Remove(this);
    }

    /// <summary>It is due. Short, and never throws.</summary>
    public abstract void Fire();

    internal void EnterInto(TimerQueue queue) => Volatile.Write(ref _queue, queue);
}

/// <summary>
/// Many things due at their times, on one timer of the clock: a binary heap in which each knows its place, so that what is cancelled leaves at once and most, which are cancelled, cost next to nothing. Thread-safe.
/// </summary>
internal sealed class TimerQueue : IDisposable
{
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly ITimer _timer;
    private TimerEntry[] _heap = new TimerEntry[16];
    private int _count;
    private long _order;
    private long _armedFor = long.MaxValue;
    private bool _isDisposed;

    public TimerQueue(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static queue => ((TimerQueue)queue!).FireDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Count
    {
        get
        {
            lock (_lock) return _count;
        }
    }

    /// <summary>Fires the entry once, <paramref name="delay"/> from now; entries due at the same time in the order they came. One that waits already is due then instead.</summary>
    public void Add(TimerEntry entry, TimeSpan delay)
    {
        lock (_lock)
        {
            if (_isDisposed) return;
            entry.EnterInto(this);
            if (entry.Place >= 0) TakeOut(entry);
            entry.FiresAt = _time.GetTimestamp() + TicksOf(delay);
            entry.Order = _order++;
            if (_count == _heap.Length) Array.Resize(ref _heap, 2 * _count);
            MoveUp(entry, _count++);
            ArmFor(entry.FiresAt);
        }
    }

    /// <summary>Takes an entry out; nothing happens when it is not there.</summary>
    public void Remove(TimerEntry entry)
    {
        lock (_lock)
        {
            if (entry.Place >= 0) TakeOut(entry);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            for (int place = 0; place < _count; place++) _heap[place].Place = -1;
            (_heap, _count) = ([], 0);
        }

        _timer.Dispose();
    }

    private void FireDue()
    {
        lock (_lock) _armedFor = long.MaxValue;
        while (TakeDue() is { } entry)
        {
            if (!entry.IsCancelled) entry.Fire();
        }
    }

    private TimerEntry? TakeDue()
    {
        lock (_lock)
        {
            if (_count == 0) return null;
            TimerEntry first = _heap[0];
            if (first.FiresAt <= _time.GetTimestamp())
            {
                TakeOut(first);
                return first;
            }

            ArmFor(first.FiresAt);
            return null;
        }
    }

    private void TakeOut(TimerEntry entry)
    {
        int place = entry.Place;
        TimerEntry last = _heap[--_count];
        _heap[_count] = null!;
        entry.Place = -1;
        if (last == entry) return;
        if (place > 0 && IsBefore(last, _heap[(place - 1) / 2])) MoveUp(last, place);
        else MoveDown(last, place);
    }

    private void MoveUp(TimerEntry entry, int place)
    {
        for (int above; place > 0 && IsBefore(entry, _heap[above = (place - 1) / 2]); place = above) Put(_heap[above], place);
        Put(entry, place);
    }

    private void MoveDown(TimerEntry entry, int place)
    {
        for (int below; (below = 2 * place + 1) < _count; place = below)
        {
            if (below + 1 < _count && IsBefore(_heap[below + 1], _heap[below])) below++;
            if (!IsBefore(_heap[below], entry)) break;
            Put(_heap[below], place);
        }

        Put(entry, place);
    }

    private void Put(TimerEntry entry, int place)
    {
        _heap[place] = entry;
        entry.Place = place;
    }

    private static bool IsBefore(TimerEntry left, TimerEntry right) => left.FiresAt < right.FiresAt || (left.FiresAt == right.FiresAt && left.Order < right.Order);

    private void ArmFor(long due)
    {
        if (due >= _armedFor) return;
        _armedFor = due;
        double seconds = Math.Max(0, due - _time.GetTimestamp()) / (double)_time.TimestampFrequency;
        _timer.Change(TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(seconds * 1_000), uint.MaxValue - 2)), Timeout.InfiniteTimeSpan);
    }

    private long TicksOf(TimeSpan delay) => (long)((Int128)Math.Max(0, delay.Ticks) * _time.TimestampFrequency / TimeSpan.TicksPerSecond);
}
