using System.Diagnostics;

namespace Sirsi.Core.Hosting;

/// <summary>What is ready to run on a deterministic machine, of all its processes. One item at a time runs, on the thread that owns the machine.</summary>
internal sealed class DeterministicQueue(StepOrder order, int seed)
{
    private readonly Thread _owner = Thread.CurrentThread;
    private readonly Random _choice = new(seed);
    private readonly Queue<Item> _queue = new();
    private readonly List<Item> _bag = [];
    private volatile string? _stray;

    /// <summary>How many items and timers have run.</summary>
    public long Steps { get; private set; }

    /// <summary>The processor time that items said they have computed.</summary>
    public long ComputedNs { get; set; }

    private readonly record struct Item(DeterministicExecutor Owner, Action<object?> Callback, object? State);

    public void Add(DeterministicExecutor owner, Action<object?> callback, object? state)
    {
        // Throwing here would crash a pool thread and with it the process; the owner reports it at its next step.
        if (Thread.CurrentThread != _owner) _stray ??= new StackTrace(fNeedFileInfo: false).ToString();
        else if (order is StepOrder.Arrival) _queue.Enqueue(new Item(owner, callback, state));
        else _bag.Add(new Item(owner, callback, state));
    }

    /// <summary>Runs one item; false when there is none. Those of a process that has ended are let go.</summary>
    public bool TryStep()
    {
        ThrowIfStrayed();
        while (TryTake(out Item item))
        {
            if (item.Owner.HasEnded) continue;
            Steps++;
            item.Owner.Inside(item.Callback, item.State);
            return true;
        }

        return false;
    }

    /// <summary>Runs a timer's callback as an item of its own.</summary>
    public void Fire(ManualTimer timer, DeterministicExecutor machine)
    {
        Steps++;
        machine.Inside(static timer => ((ManualTimer)timer!).Fire(), timer);
    }

    /// <exception cref="InvalidOperationException">The caller is on another thread, or a continuation was.</exception>
    public void ThrowIfStrayed()
    {
        if (Thread.CurrentThread != _owner)
            throw new InvalidOperationException("A deterministic host is used only by the thread that made it.");
        if (_stray is { } trace)
            throw new InvalidOperationException($"A continuation came from another thread, so something left the executor:\n{trace}");
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
}
