namespace Sirsi.Wasm.Compiler;

/// <summary>
/// Interrupts calls whose time is over while compiled code runs: that never looks at a clock, because a call of the clock in a loop would take the
/// registers from it. One thread for the process looks every few milliseconds, as long as there is anything to look at.
/// </summary>
internal static class DeadlineWatch
{
    private const int PeriodMilliseconds = 5;
    private const int IdlePeriods = 200;

    private static readonly Lock Gate = new();
    private static readonly List<WeakReference<Place>> Places = [];
    private static readonly ManualResetEvent Never = new(false);
    private static volatile bool _isRunning;

    [ThreadStatic]
    private static Place? _place;

    /// <summary>The call this thread is in from now on; gives the one it was in before.</summary>
    internal static WasmCall? Exchange(WasmCall? call)
    {
        Place place = _place ??= Register();
        WasmCall? before = place.Call;
        place.Call = call;
        if (call is not null && !_isRunning) Start();
        return before;
    }

    private static Place Register()
    {
        var place = new Place();
        lock (Gate) Places.Add(new(place));
        return place;
    }

    private static void Start()
    {
        lock (Gate)
        {
            if (_isRunning) return;
            _isRunning = true;
#pragma warning disable RS0030 // Not on an executor: guests that loop may hold all its threads, and it is those that are to be stopped.
            new Thread(Watch) { IsBackground = true, Name = "wasm-deadlines", Priority = ThreadPriority.AboveNormal }.Start();
#pragma warning restore RS0030
        }
    }

    private static void Watch()
    {
        for (int idle = 0; ;)
        {
            Never.WaitOne(PeriodMilliseconds);
            lock (Gate)
            {
                idle = Look() ? 0 : idle + 1;
                if (idle < IdlePeriods) continue;
                _isRunning = false;
            }

            // Somebody may have begun between the look and the word that nobody looks. Who begins says so and then reads the word, without a barrier between the two: it is here.
            Interlocked.MemoryBarrierProcessWide();
            lock (Gate)
            {
                if (_isRunning || !Look()) return;
                _isRunning = true;
                idle = 0;
            }
        }
    }

    /// <summary>Whether any thread is in a call.</summary>
    private static bool Look()
    {
        bool found = false;
        for (int i = Places.Count - 1; i >= 0; i--)
        {
            if (!Places[i].TryGetTarget(out Place? place))
            {
                Places.RemoveAt(i);
                continue;
            }

            if (place.Call is not { } call) continue;
            found = true;
            call.InterruptWhenLate();
        }

        return found;
    }

    /// <summary>Where a thread says which call it is in. Lives as long as the thread.</summary>
    private sealed class Place
    {
        private volatile WasmCall? _call;

        internal WasmCall? Call
        {
            get => _call;
            set => _call = value;
        }
    }
}
