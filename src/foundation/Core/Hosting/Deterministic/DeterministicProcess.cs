using Sirsi.Core.Identity;

namespace Sirsi.Core.Hosting;

/// <summary>
/// A process on a deterministic machine: what runs through its environment ends with it, at once and wherever it is, while the machine and its other processes go on. So a program can be killed between any two steps and started again in
/// the same simulated world. Belongs to the machine's thread.
/// </summary>
public sealed class DeterministicProcess
{
    private readonly DeterministicExecutor _executor;
    private readonly ProcessTime _time;

    internal DeterministicProcess(DeterministicQueue queue, ManualTime time, HostEnvironment machine, Action<Span<byte>> fillSecret)
    {
        _executor = new DeterministicExecutor(queue);
        _time = new ProcessTime(time, _executor);
        Environment = machine with { Executor = _executor, Time = _time, Ids = new IdSource(_time, fillSecret) };
    }

    /// <summary>What the code of the process takes everything from. Files, randomness and the flow of time are the machine's.</summary>
    public HostEnvironment Environment { get; }

    /// <summary>Whether it runs.</summary>
    public bool IsAlive => !_executor.HasEnded;

    /// <summary>How far its clock is from the machine's; what it measures with <see cref="TimeProvider.GetTimestamp"/>, and its timers, go on by elapsed time.</summary>
    public TimeSpan ClockError
    {
        get => _time.Error;
        set => _time.Error = value;
    }

    /// <summary>
    /// It ends as by <c>kill -9</c>: nothing of it runs any more, not even a <c>finally</c>. What it wrote to files stays as it was written; their locks are for <see cref="MemoryFileSystem.EndProcess"/> or
    /// <see cref="MemoryFileSystem.LosePower"/> to free.
    /// </summary>
    public void Kill() => _executor.HasEnded = true;
}

/// <summary>The clock of one process: the machine's with an error, and timers that end with the process.</summary>
internal sealed class ProcessTime(ManualTime machine, DeterministicExecutor executor) : TimeProvider
{
    public TimeSpan Error { get; set; }

    public override long TimestampFrequency => machine.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => machine.GetUtcNow() + Error;

    public override long GetTimestamp() => machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var firing = new Firing(executor, callback, state);
        ITimer timer = machine.CreateTimer(static firing => ((Firing)firing!).Fire(), firing, dueTime, period);
        firing.Timer = timer;
        return timer;
    }

    private sealed class Firing(DeterministicExecutor executor, TimerCallback callback, object? state)
    {
        public ITimer? Timer { get; set; }

        public void Fire()
        {
            if (executor.HasEnded) Timer?.Dispose();
            else executor.Inside(static firing => ((Firing)firing!).Call(), this);
        }

        private void Call() => callback(state);
    }
}
