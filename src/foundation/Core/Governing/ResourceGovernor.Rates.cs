using Sirsi.Core.Hosting;

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
    private long _cpuRound;
    private long _cpuChargedNs;
    private long _cpuSettledNs;
    private ExecutorUse _overheadAt;
    private long _overheadAtChargedNs;
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
        // A fifth of a second's share may be saved up, so that a wake-up that comes late costs nothing; a new governor starts with little.
        // Who waits is let go when a twentieth has been earned, not at the first tick: each wake-up of a thread costs what others could use.
        _cpu = new RateBucket(gain, gain * frequency / 5, gain * frequency / 200, now);
        _cpuUnitsPerNs = CpuUnits * (frequency / 1e9);
        _cpuRound = gain == 0 ? 1 : gain * frequency / 20;
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
        long? ticks = gate is Gate.Io ? _io.TicksUntil(Tree.Frequency, now) : _cpu.TicksUntil(_cpuRound, now);
        if (ticks is not { } wait) return;
        armed = true;
        // Rounded up to the milliseconds in which the machine's timers count: one that fired too early would be armed again, and again.
        var due = TimeSpan.FromMilliseconds((double)Math.Min(int.MaxValue, Math.Ceiling((decimal)wait * 1_000 / Tree.Frequency)));
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

    /// <summary>
    /// Takes from the share this governor's part of what the executor has spent on nobody's account since the last time: the part its
    /// turns are of all work of the process, that of others included; and never more than the turns themselves.
    /// </summary>
    private void TakeOverhead(ExecutorUse use)
    {
        long charged = Interlocked.Read(ref _cpuChargedNs);
        long own = charged - _overheadAtChargedNs;
        long overhead = use.OverheadNs - _overheadAt.OverheadNs;
        long work = use.ProcessNs - _overheadAt.ProcessNs - overhead;
        if (_overheadAt != default)
        {
            if (own <= 0 || overhead <= 0) return;
            double part = own >= work ? 1 : (double)own / work;
            _cpu.Take((long)(Math.Min(overhead * part, own) * _cpuUnitsPerNs));
        }

        _overheadAt = use;
        _overheadAtChargedNs = charged;
    }

    private void Look(Gate gate)
    {
        Waiter? completed;
        ExecutorUse use = gate is Gate.Cpu ? Tree.Executor.Use() : default;
        lock (Tree.Gate)
        {
            (gate is Gate.Io ? ref _ioTimerArmed : ref _cpuTimerArmed) = false;
            if (use != default) TakeOverhead(use);
            Serve(gate, Now());
            completed = Tree.TakeCompleted();
        }

        Tree.Post(completed);
    }
}
