using Sirsi.Core.Identity;

namespace Sirsi.Core.Hosting;

/// <summary>In which order a <see cref="DeterministicHost"/> runs what is ready to run.</summary>
public enum StepOrder
{
    /// <summary>In the order of arrival.</summary>
    Arrival,

    /// <summary>In an order drawn from the seed: other seeds try other interleavings, the same seed repeats one.</summary>
    Seeded,
}

/// <summary>
/// A whole host environment on one thread, in simulated time, from a seed: the same seed and the same calls give the same run,
/// bit for bit. The clock moves only when told to, continuations and timers run one at a time, randomness and identifiers come
/// from the seed, and files are in memory. Nothing runs by itself: <see cref="RunUntilIdle"/>, <see cref="Advance"/> and
/// <see cref="Run{T}"/> run it. Belongs to the thread that made it; a continuation that comes from any other thread, because
/// something left the executor, fails the run instead of passing unnoticed.
/// </summary>
public sealed class DeterministicHost
{
    private readonly ManualTime _time;
    private readonly DeterministicQueue _queue;
    private readonly DeterministicExecutor _executor;
    private readonly SeededRandomSource _idBytes;
    private readonly long _stepsMax;
    private bool _running;

    /// <summary>A host at rest.</summary>
    /// <param name="seed">What all its randomness comes from.</param>
    /// <param name="order">In which order ready items run.</param>
    /// <param name="start">Where the clock begins; by default 2026-01-01 00:00 UTC.</param>
    /// <param name="stepsMax">Items one call may run before it is taken for an endless loop; default 100 million.</param>
    public DeterministicHost(int seed, StepOrder order = StepOrder.Arrival, DateTimeOffset? start = null, long stepsMax = 100_000_000)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stepsMax);
        _stepsMax = stepsMax;
        _time = new ManualTime(start);
        _queue = new DeterministicQueue(order, SeededRandomSource.SeedOf(seed, stream: 3));
        _executor = new DeterministicExecutor(_queue);
        // A source of its own, so that taking an id does not move the secrets.
        _idBytes = new SeededRandomSource(SeededRandomSource.SeedOf(seed, stream: 4));
        Files = new MemoryFileSystem(_executor);
        var random = new SeededRandomSource(seed);
        Environment = new HostEnvironment
        {
            Time = _time,
            Executor = _executor,
            Random = random,
            Ids = new IdSource(_time, _idBytes.FillSecret),
            Files = Files,
        };
    }

    /// <summary>What the code under the host takes everything from.</summary>
    public HostEnvironment Environment { get; }

    /// <summary>The files, which can also lose power.</summary>
    public MemoryFileSystem Files { get; }

    /// <summary>How many items have run since the beginning: continuations, posted callbacks and timers.</summary>
    public long Steps => _queue.Steps;

    /// <summary>Starts a process: an environment like the machine's own whose code can be ended at any moment.</summary>
    public DeterministicProcess StartProcess() => new(_queue, _time, Environment, _idBytes.FillSecret);

    /// <summary>
    /// Runs one item that is ready; when none is, moves the clock to the next timer that is due by <paramref name="until"/> and fires it. For who wants to look, or to end a process, between any two steps.
    /// </summary>
    /// <returns>False when nothing was ready and no timer due by then; the clock stands where it stood.</returns>
    /// <inheritdoc cref="RunUntilIdle" path="/exception"/>
    public bool TryStep(DateTimeOffset until)
    {
        Enter();
        try
        {
            if (_queue.TryStep()) return true;
            if (_time.TakeDue(until.UtcTicks) is not { } timer) return false;
            _queue.Fire(timer, _executor);
            return true;
        }
        finally
        {
            _running = false;
        }
    }

    /// <summary>Runs all that is ready, with the timers that are due now, until nothing is. An item's exception comes out here.</summary>
    /// <exception cref="InvalidOperationException">Called from inside, from another thread, or without end.</exception>
    public void RunUntilIdle() => Advance(TimeSpan.Zero);

    /// <summary>
    /// Runs all that is ready, then moves the clock from due timer to due timer up to <paramref name="span"/> from now, and
    /// after each timer again runs all that is ready.
    /// </summary>
    /// <inheritdoc cref="RunUntilIdle" path="/exception"/>
    public void Advance(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        Enter();
        try
        {
            long target = checked(_time.GetTimestamp() + span.Ticks);
            long last = Steps + _stepsMax;
            Drain(last);
            while (_time.TakeDue(target) is { } timer)
            {
                _queue.Fire(timer, _executor);
                Drain(last);
            }

            _time.SetNow(target);
        }
        finally
        {
            _running = false;
        }
    }

    /// <summary>
    /// For code that runs on the host: it computes for so long. Processor time and the clock move on, and timers that fall due meanwhile fire when it has been put down.
    /// </summary>
    public void Compute(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        _queue.ComputedNs += (long)span.TotalNanoseconds;
        _time.SetNow(checked(_time.GetTimestamp() + span.Ticks));
    }

    /// <summary>Starts <paramref name="work"/> on the executor and runs, letting time pass as far as it takes, until it has ended.</summary>
    /// <exception cref="InvalidOperationException">
    /// Nothing is ready and no timer is armed, and yet the work has not ended: it waits for ever. Also as for <see cref="RunUntilIdle"/>.
    /// </exception>
    public T Run<T>(Func<Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        Task<T> running = _executor.RunAsync(work);
        Enter();
        try
        {
            long last = Steps + _stepsMax;
            while (!running.IsCompleted)
            {
                if (TryStep(last)) continue;
                if (_time.TakeDue(long.MaxValue) is not { } timer)
                    throw new InvalidOperationException("Nothing is ready and no timer is armed: the work waits for ever.");
                _queue.Fire(timer, _executor);
            }
        }
        finally
        {
            _running = false;
        }

#pragma warning disable VSTHRD002 // It has completed: nothing is waited for.
        return running.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }

    /// <inheritdoc cref="Run{T}"/>
    public void Run(Func<Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        _ = Run(async () =>
        {
            await work();
            return true;
        });
    }

    private void Enter()
    {
        _queue.ThrowIfStrayed();
        if (_running) throw new InvalidOperationException("The host is already running; an item cannot run it.");
        _running = true;
    }

    private void Drain(long last)
    {
        while (TryStep(last))
        {
        }
    }

    private bool TryStep(long last) =>
        Steps < last ? _queue.TryStep() : throw new InvalidOperationException($"Still busy after {_stepsMax} items: an endless loop.");
}
