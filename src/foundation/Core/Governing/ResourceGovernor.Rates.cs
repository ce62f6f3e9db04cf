namespace Sirsi.Core.Governing;

/// <summary>What is limited per time: I/O operations and processor time.</summary>
public sealed partial class ResourceGovernor
{
    /// <summary>Units per nanosecond of processor time at full share: shares are kept to a thousandth of a percent.</summary>
    private const int CpuUnits = 100_000;

    private bool _hasIoRate;
    private bool _hasCpuCap;
    private RateBucket _io;
    private RateBucket _cpu;
    private double _cpuUnitsPerNs;
    private long _cpuChargedNs;
    private long _cpuSettledNs;
    // Timers stay, unarmed, until collected: a closed governor's running operations may still need them.
    private ITimer? _ioTimer;
    private ITimer? _cpuTimer;
    private bool _ioTimerArmed;
    private bool _cpuTimerArmed;

    /// <summary>Adds a turn's processor time, here and above. Runs on the thread that spent it, without the lock.</summary>
    internal void Charge(long ns)
    {
        foreach (ResourceGovernor governor in _path) Interlocked.Add(ref governor._cpuChargedNs, ns);
    }

    private void StartBuckets()
    {
        long frequency = Tree.Frequency;
        long now = Tree.Time.GetTimestamp();
        if (_options.IoOperationsPerSecondMax is { } rate)
        {
            // One operation is as many units as the clock has ticks in a second, so the gain per tick is the rate itself.
            long capacity = frequency * (_options.IoOperationsBurstMax ?? Math.Max(1, rate / 10));
            _io = new RateBucket(rate, capacity, capacity, now);
            _hasIoRate = true;
        }

        if (_options.CpuCap is not { } cap) return;
        int cores = cap.Of is CpuShareOf.AllCores ? Environment.ProcessorCount : 1;
        long gain = cap.Percent == 0 ? 0 : Math.Max(1, (long)Math.Round(cap.Percent / 100 * CpuUnits * cores));
        // Half a second's share may be saved up, so that a wake-up that comes late costs nothing; a new governor starts with little.
        _cpu = new RateBucket(gain, gain * frequency / 2, gain * frequency / 200, now);
        _cpuUnitsPerNs = CpuUnits * (frequency / 1e9);
        _hasCpuCap = true;
    }

    private long Now() => _readsTime ? Tree.Time.GetTimestamp() : 0;

    private bool HasIoLeft(long now) => _io.BalanceAt(now) >= Tree.Frequency;

    private bool HasCpuLeft(long now)
    {
        SettleCpu();
        return _cpu.BalanceAt(now) > 0;
    }

    private void SettleCpu()
    {
        long charged = Interlocked.Read(ref _cpuChargedNs);
        if (charged == _cpuSettledNs) return;
        _cpu.Take((long)((charged - _cpuSettledNs) * _cpuUnitsPerNs));
        _cpuSettledNs = charged;
    }

    /// <summary>Has the gate looked at when it will open, unless that is already so or it never will.</summary>
    private void ArmTimer(Gate gate, long now)
    {
        ref bool armed = ref gate is Gate.Io ? ref _ioTimerArmed : ref _cpuTimerArmed;
        if (armed) return;
        long? ticks = gate is Gate.Io ? _io.TicksUntil(Tree.Frequency, now) : _cpu.TicksUntil(1, now);
        if (ticks is not { } wait) return;
        armed = true;
        // Rounded up to the clock's hundred nanoseconds, so that the gate is open when the timer fires.
        var due = TimeSpan.FromTicks((long)Math.Min((decimal)int.MaxValue * 10_000, Math.Ceiling((decimal)wait * TimeSpan.TicksPerSecond / Tree.Frequency)));
        ref ITimer? timer = ref gate is Gate.Io ? ref _ioTimer : ref _cpuTimer;
        if (timer is null) timer = CreateTimer(gate, due);
        else timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    private ITimer CreateTimer(Gate gate, TimeSpan due)
    {
        // A timer captures the ambient values of its creator; ours would be charged to whoever happened to wait first.
        using AsyncFlowControl suppressed = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        return gate is Gate.Io
            ? Tree.Time.CreateTimer(static state => ((ResourceGovernor)state!).Look(Gate.Io), this, due, Timeout.InfiniteTimeSpan)
            : Tree.Time.CreateTimer(static state => ((ResourceGovernor)state!).Look(Gate.Cpu), this, due, Timeout.InfiniteTimeSpan);
    }

    private void Look(Gate gate)
    {
        Waiter? completed;
        lock (Tree.Gate)
        {
            (gate is Gate.Io ? ref _ioTimerArmed : ref _cpuTimerArmed) = false;
            Serve(gate, Now());
            completed = Tree.TakeCompleted();
        }

        Tree.Post(completed);
    }
}
