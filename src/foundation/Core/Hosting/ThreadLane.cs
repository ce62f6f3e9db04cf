namespace Sirsi.Core.Hosting;

/// <summary>Items that wait for threads of one priority, in the order they came, and the threads. Thread-safe.</summary>
/// <param name="name">What the threads are called.</param>
/// <param name="threadsMax">How many there are at most.</param>
/// <param name="time">Tells an idle thread how long it has looked.</param>
/// <param name="context">What is current on the threads.</param>
/// <param name="isLow">Whether they are lowered.</param>
internal sealed class ThreadLane(string name, int threadsMax, TimeProvider time, SynchronizationContext context, bool isLow)
{
    private static readonly TimeSpan IdleMax = TimeSpan.FromSeconds(30);

    /// <summary>How long an idle thread looks for work before it sleeps: to be woken takes as long, and one looks at a time.</summary>
    private static readonly TimeSpan LookMax = Environment.ProcessorCount > 1 ? TimeSpan.FromMicroseconds(20) : TimeSpan.Zero;

    private readonly Queue<(Action<object?>? Callback, object? State)> _items = new();
    private int _count;
    private int _threads;
    private int _idle;
    private int _isLookedFor;

    /// <summary>Where long items of this lane go on; null when they stay.</summary>
    public ThreadLane? Lower { get; init; }

    /// <summary>What is current on its threads.</summary>
    public SynchronizationContext Context => context;

    public bool IsLow => isLow;

    /// <summary>Queues a callback with its state, or, without one, a work item.</summary>
    public void Post(Action<object?>? callback, object? state)
    {
        lock (_items)
        {
            _items.Enqueue((callback, state));
            Volatile.Write(ref _count, _items.Count);
            // Who looks finds it, also when it has just stopped looking: it asks once more before it sleeps.
            if (_items.Count is 1 && Volatile.Read(ref _isLookedFor) is 1) return;
            if (_items.Count <= _idle)
            {
                Monitor.Pulse(_items);
                return;
            }

            if (!TryAddThread()) return;
        }

        Start();
    }

    /// <summary>The next item; false when there was none for a while, and the thread ends.</summary>
    public bool TryTake(out (Action<object?>? Callback, object? State) item)
    {
        if (Volatile.Read(ref _count) is 0) Look();
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

            Volatile.Write(ref _count, _items.Count);
            return true;
        }
    }

    /// <summary>Makes a place for a thread that comes from another lane; false when there are enough.</summary>
    public bool TryReserve()
    {
        lock (_items) return TryAddThread();
    }

    /// <summary>The thread has not come.</summary>
    public void GiveUpReserved()
    {
        lock (_items) _threads--;
    }

    /// <summary>A thread has gone to another lane; another one takes its place, if items wait for one.</summary>
    public void Replace()
    {
        lock (_items)
        {
            _threads--;
            if (_items.Count <= _idle || !TryAddThread()) return;
        }

        Start();
    }

    private bool TryAddThread()
    {
        if (_threads == threadsMax) return false;
        _threads++;
        return true;
    }

    private void Start()
    {
        var worker = new LaneThread(this, name);
        // A thread that a lowered one starts would be as low.
        if (LaneThread.IsCurrentLowered) ThreadKeeper.Run(static state => ((LaneThread)state!).Start(), worker);
        else worker.Start();
    }

    private void Look()
    {
        if (Interlocked.CompareExchange(ref _isLookedFor, 1, 0) is not 0) return;
        long began = time.GetTimestamp();
        while (Volatile.Read(ref _count) is 0 && time.GetElapsedTime(began) < LookMax) Thread.SpinWait(5);
        Volatile.Write(ref _isLookedFor, 0);
    }
}
