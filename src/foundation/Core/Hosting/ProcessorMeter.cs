namespace Sirsi.Core.Hosting;

/// <summary>
/// Measures the processor time that one asynchronous flow spends, on whichever threads it runs, by its environment's clock (<see cref="HostExecutor.ProcessorTimeNs"/>). While the flow waits nothing is counted. What it
/// starts counts too, as long as the ambient values flow into it. Thread-safe; one flow at a time begins and ends it.
/// </summary>
public sealed class ProcessorMeter
{
    private static readonly AsyncLocal<ProcessorMeter?> Flow = new(static change => Switch(change.CurrentValue));

    [ThreadStatic]
    private static ProcessorMeter? _onThread;

    [ThreadStatic]
    private static long _since;

    private readonly HostExecutor _executor;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private long _spentNs;
    private long _runsSince;
    private int _threads;

    /// <summary>A meter at zero.</summary>
    public ProcessorMeter(HostEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        (_executor, _time) = (environment.Executor, environment.Time);
    }

    /// <summary>What was spent, in nanoseconds, up to when a thread last took up or put down the flow.</summary>
    public long SpentNs
    {
        get
        {
            lock (_lock) return _spentNs;
        }
    }

    /// <summary>The most that can have been spent by now, in nanoseconds: what threads that run the flow at this moment have spent is not known elsewhere, and no more than the time that has passed.</summary>
    public long MostNs
    {
        get
        {
            lock (_lock) return _spentNs + (_threads == 0 ? 0 : _threads * (long)_time.GetElapsedTime(_runsSince).TotalNanoseconds);
        }
    }

    /// <summary>From here on the caller's flow is measured: until <see cref="End"/>, or until the asynchronous method that calls it is over.</summary>
    public void Begin() => Flow.Value = this;

    /// <summary>Ends what <see cref="Begin"/> began, in the same flow; what was spent until now is counted.</summary>
    public void End()
    {
        if (ReferenceEquals(Flow.Value, this)) Flow.Value = null;
    }

    /// <summary>The runtime tells of every thread that takes up or puts down a flow that has a value.</summary>
    private static void Switch(ProcessorMeter? next)
    {
        _onThread?.PutDown();
        _onThread = next;
        next?.TakeUp();
    }

    private void TakeUp()
    {
        lock (_lock)
        {
            if (_threads++ == 0) _runsSince = _time.GetTimestamp();
        }

        _since = _executor.ProcessorTimeNs();
    }

    private void PutDown()
    {
        long spent = Math.Max(0, _executor.ProcessorTimeNs() - _since);
        lock (_lock)
        {
            _spentNs += spent;
            _threads--;
        }
    }
}
