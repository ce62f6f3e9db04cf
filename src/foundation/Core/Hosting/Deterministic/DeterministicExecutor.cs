namespace Sirsi.Core.Hosting;

/// <summary>
/// The executor of one process on a deterministic machine. While an item of it runs, a synchronization context of ours is current, so an <c>await</c> in it posts its continuation here. A context and not a
/// task scheduler: it also catches pooled value-task sources, async void and <c>Task.Yield</c>, and needs no task per item.
/// </summary>
internal sealed class DeterministicExecutor : HostExecutor
{
    private readonly DeterministicQueue _queue;
    private readonly Context _context;

    public DeterministicExecutor(DeterministicQueue queue)
    {
        _queue = queue;
        _context = new Context(this);
    }

    /// <summary>Whether the process has ended: nothing of it runs any more.</summary>
    public bool HasEnded { get; set; }

    public override long ProcessorTimeNs() => _queue.ComputedNs;

    public override void Post(Action<object?> callback, object? state)
    {
        ArgumentNullException.ThrowIfNull(callback);
        if (!HasEnded) _queue.Add(this, callback, state);
    }

    /// <summary>Runs a callback as the process's code.</summary>
    public void Inside(Action<object?> callback, object? state)
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_context);
        try
        {
            callback(state);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private sealed class Context(DeterministicExecutor executor) : SynchronizationContext
    {
        public override SynchronizationContext CreateCopy() => this;

        public override void Post(SendOrPostCallback d, object? state) => executor.Post(d.Invoke, state);

        public override void Send(SendOrPostCallback d, object? state) =>
            throw new NotSupportedException("Waiting for another item of a single-threaded executor would wait for ever.");
    }
}
