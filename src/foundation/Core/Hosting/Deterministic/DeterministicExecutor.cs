using System.Diagnostics;

namespace Sirsi.Core.Hosting;

/// <summary>
/// Runs posted items one at a time on the thread that owns the host. While an item runs, a synchronization context of ours
/// is current, so an <c>await</c> in it posts its continuation here. A context and not a task scheduler: it also catches
/// pooled value-task sources, async void and <c>Task.Yield</c>, and needs no task per item.
/// </summary>
internal sealed class DeterministicExecutor(StepOrder order, int seed) : HostExecutor
{
    private readonly Thread _owner = Thread.CurrentThread;
    private readonly Context _context = new();
    private readonly Random _choice = new(seed);
    private readonly Queue<Item> _queue = new();
    private readonly List<Item> _bag = [];
    private volatile string? _stray;
    private long _computedNs;

    /// <summary>How many items have run.</summary>
    public long Steps { get; private set; }

    private readonly record struct Item(Action<object?> Callback, object? State);

    public override long ProcessorTimeNs() => _computedNs;

    /// <summary>The item that runs has computed for so long.</summary>
    public void Compute(TimeSpan span) => _computedNs += (long)span.TotalNanoseconds;

    public override void Post(Action<object?> callback, object? state)
    {
        ArgumentNullException.ThrowIfNull(callback);
        // Throwing here would crash a pool thread and with it the process; the owner reports it at its next step.
        if (Thread.CurrentThread != _owner) _stray ??= new StackTrace(fNeedFileInfo: false).ToString();
        else if (order is StepOrder.Arrival) _queue.Enqueue(new Item(callback, state));
        else _bag.Add(new Item(callback, state));
    }

    /// <summary>Runs one item; false when there is none.</summary>
    public bool TryStep()
    {
        ThrowIfStrayed();
        if (!TryTake(out Item item)) return false;
        Inside(static item => item.Callback(item.State), item);
        return true;
    }

    /// <summary>Runs a timer's callback as an item of its own.</summary>
    public void Fire(ManualTimer timer) => Inside(static timer => timer.Fire(), timer);

    /// <exception cref="InvalidOperationException">The caller is on another thread, or a continuation was.</exception>
    public void ThrowIfStrayed()
    {
        if (Thread.CurrentThread != _owner)
            throw new InvalidOperationException("A deterministic host is used only by the thread that made it.");
        if (_stray is { } trace)
            throw new InvalidOperationException($"A continuation came from another thread, so something left the executor:\n{trace}");
    }

    private void Inside<T>(Action<T> action, T argument)
    {
        Steps++;
        _context.Executor = this;
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_context);
        try
        {
            action(argument);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private bool TryTake(out Item item)
    {
        if (order is StepOrder.Arrival) return _queue.TryDequeue(out item);
        item = default;
        if (_bag.Count == 0) return false;
        int chosen = _choice.Next(_bag.Count);
        item = _bag[chosen];
        _bag[chosen] = _bag[^1];
        _bag.RemoveAt(_bag.Count - 1);
        return true;
    }

    private sealed class Context : SynchronizationContext
    {
        public DeterministicExecutor? Executor { get; set; }

        public override SynchronizationContext CreateCopy() => this;

        public override void Post(SendOrPostCallback d, object? state) => Executor!.Post(d.Invoke, state);

        public override void Send(SendOrPostCallback d, object? state) =>
            throw new NotSupportedException("Waiting for another item of a single-threaded executor would wait for ever.");
    }
}
