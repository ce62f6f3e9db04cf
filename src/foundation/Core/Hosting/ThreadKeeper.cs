namespace Sirsi.Core.Hosting;

/// <summary>
/// One thread for the process that is never lowered itself. It looks at the threads of lanes every few milliseconds, as long as any of them is at work, and lowers those that compute for long; and it does for
/// lowered threads what would make others as low as they are: starting threads, also those that the runtime's pool starts when something is queued.
/// </summary>
internal static class ThreadKeeper
{
    private const int PeriodMilliseconds = 5;
    private const int IdlePeriods = 200;

    private static readonly object Gate = new();
    private static readonly Queue<(Action<object?> Callback, object? State)> Errands = new();
    private static readonly List<LaneThread> Threads = [];
    private static bool _isStarted;
    private static volatile bool _isAsleep;

    /// <summary>Looks at a thread from now on, until it ends.</summary>
    public static void Watch(LaneThread thread)
    {
        lock (Gate)
        {
            Threads.Add(thread);
            WakeLocked();
        }
    }

    /// <summary>Runs a callback, which must not throw nor take long, on the keeper's thread.</summary>
    public static void Run(Action<object?> callback, object? state)
    {
        lock (Gate)
        {
            Errands.Enqueue((callback, state));
            WakeLocked();
        }
    }

    /// <summary>A thread of a lane is at work.</summary>
    public static void WakeIfAsleep()
    {
        if (!_isAsleep) return;
        lock (Gate) WakeLocked();
    }

    private static void WakeLocked()
    {
        Monitor.Pulse(Gate);
        _isAsleep = false;
        if (_isStarted) return;
        _isStarted = true;
#pragma warning disable RS0030 // Not on an executor: it keeps the threads of executors.
        new Thread(Keep) { IsBackground = true, Name = "thread keeper" }.UnsafeStart();
#pragma warning restore RS0030
    }

    private static void Keep()
    {
        var looked = new List<LaneThread>();
        for (int idle = 0; ;)
        {
            lock (Gate)
            {
                if (Errands.Count is 0) Monitor.Wait(Gate, _isAsleep ? Timeout.Infinite : PeriodMilliseconds);
                Threads.RemoveAll(static thread => thread.HasEnded);
                looked.Clear();
                looked.AddRange(Threads);
            }

            RunErrands();
            bool isAnyAtWork = false;
            foreach (LaneThread thread in looked)
            {
                isAnyAtWork |= thread.IsAtWork;
                thread.LowerIfLong();
            }

            idle = isAnyAtWork ? 0 : idle + 1;
            if (idle < IdlePeriods) continue;
            idle = 0;
            FallAsleep(looked);
        }
    }

    /// <summary>A thread says that it is at work and then looks whether the keeper sleeps, without a barrier between the two; the barrier is here.</summary>
    private static void FallAsleep(List<LaneThread> threads)
    {
        _isAsleep = true;
        Interlocked.MemoryBarrierProcessWide();
        foreach (LaneThread thread in threads)
        {
            if (thread.IsAtWork) _isAsleep = false;
        }
    }

    private static void RunErrands()
    {
        while (true)
        {
            (Action<object?> Callback, object? State) errand;
            lock (Gate)
            {
                if (!Errands.TryDequeue(out errand)) return;
            }

            errand.Callback(errand.State);
        }
    }
}
