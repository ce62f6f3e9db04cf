namespace Sirsi.Hypervisor.Scheduling;

/// <summary>What is due at a time.</summary>
internal abstract class TimerEntry
{
    /// <summary>Its queue fires it no more; what fires at this moment is not called back.</summary>
    public bool IsCancelled { get; private set; }

    public void Cancel() => IsCancelled = true;

    /// <summary>It is due. Short, and never throws.</summary>
    public abstract void Fire();
}

/// <summary>
/// Many things due at their times, on one timer of the clock. Thread-safe. What is cancelled stays in the queue until it would have been due.
/// </summary>
internal sealed class TimerQueue : IDisposable
{
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly PriorityQueue<TimerEntry, (long Due, long Order)> _entries = new();
    private readonly ITimer _timer;
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
            lock (_lock) return _entries.Count;
        }
    }

    /// <summary>Fires the entry once, <paramref name="delay"/> from now; entries due at the same time in the order they came.</summary>
    public void Add(TimerEntry entry, TimeSpan delay)
    {
        lock (_lock)
        {
            if (_isDisposed) return;
            long due = _time.GetTimestamp() + TicksOf(delay);
            _entries.Enqueue(entry, (due, _order++));
            ArmFor(due);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _entries.Clear();
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
            if (_isDisposed || !_entries.TryPeek(out TimerEntry? entry, out (long Due, long Order) place)) return null;
            if (place.Due <= _time.GetTimestamp())
            {
                _entries.Dequeue();
                return entry;
            }

            ArmFor(place.Due);
            return null;
        }
    }

    private void ArmFor(long due)
    {
        if (due >= _armedFor) return;
        _armedFor = due;
        double seconds = Math.Max(0, due - _time.GetTimestamp()) / (double)_time.TimestampFrequency;
        _timer.Change(TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(seconds * 1_000), uint.MaxValue - 2)), Timeout.InfiniteTimeSpan);
    }

    private long TicksOf(TimeSpan delay) => (long)(Math.Max(0, delay.TotalSeconds) * _time.TimestampFrequency);
}
