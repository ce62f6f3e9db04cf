using Sirsi.Core.Governing;

namespace Sirsi.Core.Hosting;

/// <summary>Runs items in the order they came on threads of its own, more than there are cores if need be. Thread-safe.</summary>
internal sealed class ThreadsExecutor(string name, int threadsMax) : HostExecutor
{
    private static readonly TimeSpan IdleMax = TimeSpan.FromSeconds(30);

    private readonly Queue<(Action<object?> Callback, object? State)> _items = new();
    private int _threads;
    private int _idle;

    public override long ProcessorTimeNs() => ThreadCpuClock.OfThread.Now();

    public override void Post(Action<object?> callback, object? state)
    {
        ArgumentNullException.ThrowIfNull(callback);
        lock (_items)
        {
            _items.Enqueue((callback, state));
            if (_items.Count <= _idle)
            {
                Monitor.Pulse(_items);
                return;
            }

            if (_threads == threadsMax) return;
            _threads++;
        }

#pragma warning disable RS0030 // This is an executor: the threads are what others ask it for.
        new Thread(Run) { Name = name, IsBackground = true }.UnsafeStart();
#pragma warning restore RS0030
    }

    public override void Post(IThreadPoolWorkItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        Post(static state => ((IThreadPoolWorkItem)state!).Execute(), item);
    }

    private void Run()
    {
        SynchronizationContext.SetSynchronizationContext(new Context(this));
        while (TryTake(out (Action<object?> Callback, object? State) item)) item.Callback(item.State);
    }

    /// <summary>False when there was nothing to do for a while: the thread ends.</summary>
    private bool TryTake(out (Action<object?> Callback, object? State) item)
    {
        lock (_items)
        {
            while (!_items.TryDequeue(out item))
            {
                _idle++;
                bool isPulsed = Monitor.Wait(_items, IdleMax);
                _idle--;
                if (isPulsed || _items.Count > 0) continue;
                _threads--;
                return false;
            }

            return true;
        }
    }

    private sealed class Context(ThreadsExecutor executor) : SynchronizationContext
    {
        public override SynchronizationContext CreateCopy() => this;

        public override void Post(SendOrPostCallback d, object? state) => executor.Post(d.Invoke, state);

        public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nobody waits on a thread of an executor for another of its items.");
    }
}
