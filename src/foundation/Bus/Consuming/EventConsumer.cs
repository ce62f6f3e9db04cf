using System.Runtime.CompilerServices;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Bus.Measuring;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Consuming;

/// <summary>
/// A member of a group. It is handed the events of the partitions it owns: of each key one at a time in their order, urgent ones first, each
/// at least once. Answers may come from any thread; receive with one call at a time. Disposing of it leaves the group: what is
/// unanswered goes to the others at once.
/// </summary>
public sealed partial class EventConsumer : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly DeliveryWindow _window;
    private readonly GroupOptions _options;
    private readonly EventSource _source;
    private readonly EventLog _deadLetters;
    private readonly GroupMetrics _metrics;
    private readonly HostEnvironment _environment;
    private readonly Signal _deliverable;
    private readonly Signal _room;
    private readonly Signal _done;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _timer;
    private long _timerDueTicks = long.MaxValue;
    private bool _receiving;
    private bool _disposed;
    private long _delivered, _acknowledged, _rejected, _timedOut, _dead;
    private string? _fetchProblem, _settleProblem;
    private Task _loops = Task.CompletedTask;

    internal EventConsumer(GroupOptions options, EventSource source, EventLog deadLetters, BusMetrics metrics, HostEnvironment environment)
    {
        (_options, _source, _deadLetters, _environment) = (options, source, deadLetters, environment);
        _window = new DeliveryWindow(options, Recycle);
        _metrics = metrics.Join(LogName.Of(options.Filter.Scope, options.Filter.Subject), options.Name, () => Statistics);
        _deliverable = new Signal(environment.Executor);
        _room = new Signal(environment.Executor);
        _done = new Signal(environment.Executor);
        _settling = new Settlement[Math.Min(options.Window, SettledAtOnceMax)];
        _settlingSlots = new int[_settling.Length];
        _timer = environment.Time.CreateTimer(static consumer => ((EventConsumer)consumer!).PassTime(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The group's name.</summary>
    public string Group => _options.Name;

    /// <summary>What was done so far.</summary>
    public ConsumerStatistics Statistics
    {
        get
        {
            lock (_lock)
            {
                return new ConsumerStatistics(
                    _delivered, _acknowledged, _rejected, _timedOut, _dead, _window.InFlight, _options.Window - _window.Free, _settleProblem ?? _fetchProblem);
            }
        }
    }

    private long NowTicks => _environment.Time.GetUtcNow().UtcTicks;

    internal void Start()
    {
        HostExecutor executor = _environment.Executor;
        _loops = Task.WhenAll(executor.RunAsync(FetchLoopAsync), executor.RunAsync(SettleLoopAsync));
    }

    /// <summary>Waits until there is at least one event, then gives as many as there are and fit.</summary>
    /// <param name="into">Where they go; not empty.</param>
    /// <param name="cancellation">Ends the wait; nothing is handed out then.</param>
    /// <exception cref="InvalidOperationException">Another call is waiting.</exception>
    /// <exception cref="ObjectDisposedException">The member has left.</exception>
    public ValueTask<int> ReceiveAsync(Memory<Delivery> into, CancellationToken cancellation = default)
    {
        if (into.IsEmpty) throw new ArgumentException("There is no room for an event.", nameof(into));
        cancellation.ThrowIfCancellationRequested();
        int count = Take(into.Span, isWaiting: false);
        return count > 0 ? new ValueTask<int>(count) : WaitAndTakeAsync(into, cancellation);
    }

    /// <summary>As many events as there are and fit, without waiting; 0 when there is none.</summary>
    public int TryReceive(Span<Delivery> into) => Take(into, isWaiting: false);

    /// <summary>
    /// Says that an event is processed. False when the delivery has ended already, by an answer, its time-out or the loss of its partition: then the event comes, or came,
    /// again. The log is told soon after; <see cref="FlushAsync"/> waits for that.
    /// </summary>
    public bool Acknowledge(in Delivery delivery) => Acknowledge(new ReadOnlySpan<Delivery>(in delivery)) == 1;

    /// <summary>Says so of several; gives of how many it was still true.</summary>
    public int Acknowledge(ReadOnlySpan<Delivery> deliveries)
    {
        int count = 0;
        lock (_lock)
        {
            foreach (ref readonly Delivery delivery in deliveries)
                if (AcknowledgeOne(delivery)) count++;
        }

        _metrics.AddAcknowledged(count);
        return count;
    }

    /// <summary>
    /// Says that an event could not be processed: it is delivered again after <paramref name="delay"/>, and meanwhile its key waits; after the last attempt it goes to
    /// the dead letters with the reason.
    /// </summary>
    /// <param name="delivery">Which.</param>
    /// <param name="delay">At least how long until the next delivery, to 7 days.</param>
    /// <param name="reason">Why, for people who look at dead letters; at most 1,000 characters are kept.</param>
    /// <returns>False when the delivery has ended already.</returns>
    public bool Reject(in Delivery delivery, TimeSpan delay = default, string? reason = null)
    {
        if (delay < TimeSpan.Zero || delay > GroupOptions.SpanMax)
            throw new ArgumentOutOfRangeException(nameof(delay), delay, "It is 0 to 7 days.");
        const int reasonMax = 1_000;
        reason = reason is null or "" ? "rejected" : reason.Length > reasonMax ? reason[..reasonMax] : reason;
        lock (_lock)
        {
            long now = NowTicks;
            if (!_window.Reject(delivery.Slot, delivery.Generation, now, now + delay.Ticks, reason)) return false;
            _rejected++;
            AfterChange();
        }

        _metrics.AddRejected();
        return true;
    }

    /// <summary>Gives a delivery its whole visibility time-out again; false when it has ended already.</summary>
    public bool Extend(in Delivery delivery)
    {
        lock (_lock) return _window.Extend(delivery.Slot, delivery.Generation, NowTicks);
    }

    private bool AcknowledgeOne(in Delivery delivery)
    {
        if (!_window.Acknowledge(delivery.Slot, delivery.Generation)) return false;
        _acknowledged++;
        AfterChange();
        return true;
    }

    private int Take(Span<Delivery> into, bool isWaiting)
    {
        int count = TakeFromWindow(into, isWaiting);
        if (count == 0) return 0;
        _source.Delivered(into[..count]);
        _metrics.AddDelivered(count);
        return count;
    }

    private int TakeFromWindow(Span<Delivery> into, bool isWaiting)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_receiving && !isWaiting) throw new InvalidOperationException("Another call is receiving: one at a time.");
            int count = 0;
            long now = NowTicks;
            while (count < into.Length)
            {
                int index = _window.Take(now);
                if (index < 0) break;
                ref readonly Slot slot = ref _window[index];
                into[count++] = new Delivery(new EventView(slot.Bytes), slot.Partition, slot.Position, slot.Attempts, index, slot.Generation);
            }

            _delivered += count;
            if (count > 0) SetTimer();
            _receiving = isWaiting ? count == 0 : _receiving;
            return count;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAndTakeAsync(Memory<Delivery> into, CancellationToken cancellation)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_receiving) throw new InvalidOperationException("Another call is receiving: one at a time.");
            _receiving = true;
        }

        try
        {
            while (true)
            {
                int count = Take(into.Span, isWaiting: true);
                if (count > 0) return count;
                await _deliverable.WaitAsync(cancellation);
            }
        }
        finally
        {
            lock (_lock) _receiving = false;
        }
    }

    /// <summary>Wakes whoever has something to do now. Under the lock.</summary>
    private void AfterChange()
    {
        if (_receiving && _window.HasDeliverable) _deliverable.Set();
        if (_window.Settled > 0 || _window.HasDead) _done.Set();
        SetTimer();
    }

    /// <summary>Under the lock.</summary>
    private void SetTimer()
    {
        long due = _window.NextDueTicks;
        // An earlier ring than needed does no harm; with time-outs of one length it comes once per time-out, not once per delivery.
        if (due >= _timerDueTicks || _disposed) return;
        _timerDueTicks = due;
        var wait = TimeSpan.FromTicks(Math.Max(0, due - NowTicks));
        // Timers ring to the millisecond: never before what they ring for.
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }

    private void PassTime()
    {
        int timedOut;
        lock (_lock)
        {
            _timerDueTicks = long.MaxValue;
            timedOut = _window.PassTime(NowTicks);
            _timedOut += timedOut;
            AfterChange();
        }

        _metrics.AddTimedOut(timedOut);
    }
}
