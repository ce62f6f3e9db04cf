using Sirsi.Core.Governing;

namespace Sirsi.Core.Hosting;

/// <summary>
/// The production executor: the runtime's thread pool. It installs no synchronization context, because the pool is where
/// an <c>await</c> without one resumes anyway, and a context would cost every continuation a second trip through the queue.
/// </summary>
internal sealed class ThreadPoolExecutor(TimeProvider time) : HostExecutor
{
    private readonly RuntimeThreads _threads = new(time);

    internal override ExecutorUse Use() => _threads.Use();

    public override bool ItemsMayGoOn => true;

    public override long ProcessorTimeNs() => ThreadCpuClock.OfThread.Now();

    public override void Post(Action<object?> callback, object? state)
    {
        ArgumentNullException.ThrowIfNull(callback);
        if (LaneThread.IsCurrentLowered)
        {
            // The pool may start a thread for it, which would be as low as this one.
            ThreadKeeper.Run(static state => ((Action)state!)(), () => Post(callback, state));
            return;
        }

#pragma warning disable RS0030 // This is the executor that others are told to use instead of the pool.
        ThreadPool.UnsafeQueueUserWorkItem(callback, state, preferLocal: false);
#pragma warning restore RS0030
    }

    public override void Post(IThreadPoolWorkItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        if (LaneThread.IsCurrentLowered)
        {
            ThreadKeeper.Run(state => Post((IThreadPoolWorkItem)state!), item);
            return;
        }

#pragma warning disable RS0030 // As above.
        ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
#pragma warning restore RS0030
    }

    public override HostExecutor WithThreads(string name, int count)
    {
        _ = base.WithThreads(name, count);
        return new ThreadsExecutor(name, count, time);
    }
}
