namespace Sirsi.Core.Hosting;

/// <summary>
/// A clock that stands still until it is advanced. Timers fire at their exact due instants, in the order of those instants and,
/// among equal ones, in the order they were armed, on the thread that advances the clock; a timer that is due at once fires at
/// the next advance, be it of zero. Timers may be armed, changed and disposed of from any thread and from inside callbacks; one
/// thread at a time advances.
/// </summary>
public sealed class ManualTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly SortedSet<ManualTimer> _armed = new(ManualTimer.ByDue);
    private long _nowTicks;
    private long _arming;
    private bool _advancing;

    /// <summary>A clock standing at <paramref name="start"/>; by default 2026-01-01 00:00 UTC.</summary>
    public ManualTime(DateTimeOffset? start = null) =>
        _nowTicks = (start ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)).UtcTicks;

    /// <summary>When the next timer fires, or null when none is armed.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_lock) return _armed.Min is { } timer ? Instant(timer.DueTicks) : null;
        }
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Always UTC.</summary>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => Instant(Volatile.Read(ref _nowTicks));

    /// <inheritdoc/>
    public override long GetTimestamp() => Volatile.Read(ref _nowTicks);

    /// <summary>Moves the clock forward and fires what falls due on the way, each at its own instant.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The span is negative: time does not go back.</exception>
    /// <exception cref="InvalidOperationException">The clock is already being advanced, for example by the caller's caller.</exception>
    public void Advance(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        lock (_lock)
        {
            if (_advancing) throw new InvalidOperationException("The clock is already being advanced; a timer's callback cannot advance it.");
            _advancing = true;
        }

        try
        {
            long target = checked(_nowTicks + span.Ticks);
            while (TakeDue(target) is { } timer) timer.Fire();
            SetNow(target);
        }
        finally
        {
            _advancing = false;
        }
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock to the first timer due by <paramref name="untilTicks"/> and takes it; null when none is.</summary>
    internal ManualTimer? TakeDue(long untilTicks)
    {
        lock (_lock)
        {
            if (_armed.Min is not { } timer || timer.DueTicks > untilTicks) return null;
            _armed.Remove(timer);
            _nowTicks = Math.Max(_nowTicks, timer.DueTicks);
            if (timer.PeriodTicks > 0) ArmLocked(timer, timer.DueTicks + timer.PeriodTicks, timer.PeriodTicks);
            return timer;
        }
    }

    internal void SetNow(long ticks)
    {
        lock (_lock) _nowTicks = Math.Max(_nowTicks, ticks);
    }

    internal void Arm(ManualTimer timer, long? delayTicks, long periodTicks)
    {
        lock (_lock)
        {
            _armed.Remove(timer);
            if (delayTicks is { } delay) ArmLocked(timer, _nowTicks + delay, periodTicks);
        }
    }

    private static DateTimeOffset Instant(long ticks) => new(ticks, TimeSpan.Zero);

    private void ArmLocked(ManualTimer timer, long dueTicks, long periodTicks)
    {
        timer.DueTicks = dueTicks;
        timer.PeriodTicks = periodTicks;
        timer.Arming = _arming++;
        _armed.Add(timer);
    }
}

/// <summary>A timer of a <see cref="ManualTime"/>, which owns and guards its due instant.</summary>
internal sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
{
    /// <summary>Earlier instants first; among equal ones, those armed earlier.</summary>
    public static readonly IComparer<ManualTimer> ByDue = Comparer<ManualTimer>.Create(static (a, b) =>
        a.DueTicks != b.DueTicks ? a.DueTicks.CompareTo(b.DueTicks) : a.Arming.CompareTo(b.Arming));

    private readonly ExecutionContext? _flow = ExecutionContext.Capture();
    private volatile bool _disposed;

    public long DueTicks { get; set; }

    public long PeriodTicks { get; set; }

    public long Arming { get; set; } = -1;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        ThrowUnlessSpanOrInfinite(dueTime, nameof(dueTime));
        ThrowUnlessSpanOrInfinite(period, nameof(period));
        if (_disposed) return false;
        time.Arm(this, dueTime < TimeSpan.Zero ? null : dueTime.Ticks, Math.Max(0, period.Ticks));
        return true;
    }

    public void Fire()
    {
        if (_disposed) return;
        if (_flow is null) callback(state);
        else ExecutionContext.Run(_flow, static self => ((ManualTimer)self!).Call(), this);
    }

    public void Dispose()
    {
        _disposed = true;
        time.Arm(this, delayTicks: null, periodTicks: 0);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Call() => callback(state);

    private static void ThrowUnlessSpanOrInfinite(TimeSpan span, string name)
    {
        if (span < TimeSpan.Zero && span != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(name, span, "A span of time is zero or more, or Timeout.InfiniteTimeSpan.");
    }
}
