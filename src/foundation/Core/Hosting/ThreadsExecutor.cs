using Sirsi.Core.Governing;

namespace Sirsi.Core.Hosting;

/// <summary>
/// Runs items in the order they came on threads of its own, more than there are cores if need be. Items that compute for long have threads of low priority, so that whoever else has something short
/// to do gets a core at once: an item is lowered with its thread in the middle of its run, and a recurring one begins there the next time. Thread-safe.
/// </summary>
internal sealed class ThreadsExecutor : HostExecutor
{
    private readonly ThreadLane _ordinary;
    private readonly ThreadLane _low;

    public ThreadsExecutor(string name, int threadsMax, TimeProvider time)
    {
        var context = new Context(this);
        _low = new ThreadLane(name, threadsMax, time, context, isLow: true);
        _ordinary = new ThreadLane(name, threadsMax, time, context, isLow: false) { Lower = _low };
    }

    public override bool IsThreadLowered => LaneThread.IsCurrentLowered;

    public override long ProcessorTimeNs() => ThreadCpuClock.OfThread.Now();

    public override void Post(Action<object?> callback, object? state)
    {
        ArgumentNullException.ThrowIfNull(callback);
        _ordinary.Post(callback, state);
    }

    public override void Post(IThreadPoolWorkItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        ThreadLane lane = item is IRecurringWorkItem { ComputesLong: true } ? _low : _ordinary;
        lane.Post(null, item);
    }

    private sealed class Context(ThreadsExecutor executor) : SynchronizationContext
    {
        public override SynchronizationContext CreateCopy() => this;

        public override void Post(SendOrPostCallback d, object? state) => executor.Post(d.Invoke, state);

        public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nobody waits on a thread of an executor for another of its items.");
    }
}
