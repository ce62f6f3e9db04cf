using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Scheduling;

namespace Sirsi.Hypervisor.Health;

/// <summary>
/// Watches whether an executor gets its work done: while work comes from outside, a probe is put behind what waits, and how late it runs is how late everything is (the sojourn time that CoDel, RFC 8289, sheds by). Without
/// work from outside nothing is watched. Thread-safe.
/// </summary>
internal sealed class LoadWatch(HostExecutor executor, TimerQueue timers, TimeProvider time, OverloadOptions options, Func<double>? pressure) : TimerEntry
{
    private volatile string _reason = "";
    private volatile bool _hasWork;
    private int _isArmed;
    private long _probedAt;
    private volatile bool _isProbing;

    /// <summary>Why load is shed; empty when none is.</summary>
    public string Reason => _reason;

    /// <summary>Whether work from outside is taken.</summary>
    public bool Admits()
    {
        if (!_hasWork)
        {
            _hasWork = true;
            Arm();
        }

        return _reason.Length == 0;
    }

    public override void Fire()
    {
        Volatile.Write(ref _isArmed, 0);
        bool hadWork = _hasWork;
        _hasWork = false;
        if (!hadWork && !_isProbing && _reason.Length == 0) return;
        if (_isProbing)
        {
            Judge(time.GetElapsedTime(_probedAt));
        }
        else
        {
            _isProbing = true;
            _probedAt = time.GetTimestamp();
            executor.Post(static watch => ((LoadWatch)watch!).OnProbed(), this);
        }

        Arm();
    }

    private void OnProbed()
    {
        Judge(time.GetElapsedTime(_probedAt));
        _isProbing = false;
    }

    private void Judge(TimeSpan lag)
    {
        double memory = pressure?.Invoke() ?? 0;
        TimeSpan most = _reason.Length == 0 ? options.LagMax : options.LagMax / 2;
        _reason = memory > options.MemoryMax ? $"Memory is used up to {memory:P0}."
            : lag > most ? $"What waits is begun {lag.TotalSeconds:0.0} s late."
            : "";
    }

    private void Arm()
    {
        if (Interlocked.Exchange(ref _isArmed, 1) == 0) timers.Add(this, options.Period);
    }
}
