using System.Threading.Tasks.Sources;

namespace Sirsi.Core.Governing;

internal enum WaiterState
{
    Waiting,
    Granted,
    Cancelled,
    Closed,
}

/// <summary>
/// One wait for a permit, or of a running operation at a checkpoint. Made only when there is something to wait for. Its state
/// changes under the tree's lock; its completion is posted to the executor, never run on the stack of who let it go.
/// </summary>
internal sealed class Waiter(WaitLine line, OperationKind kind, OperationPriority priority) : IValueTaskSource<OperationPermit>, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<OperationPermit> _core;
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancellation;

    public WaitLine Line { get; } = line;

    public OperationKind Kind { get; } = kind;

    public OperationPriority Priority { get; } = priority;

    public WaiterState State { get; set; }

    /// <summary>Whether it stands in its line.</summary>
    public bool IsEnqueued { get; set; }

    public OperationPermit Permit { get; set; }

    public PermitSlot? Slot { get; set; }

    public Waiter? Next { get; set; }

    public Waiter? Previous { get; set; }

    /// <summary>The next of those whose completion is to be posted.</summary>
    public Waiter? NextCompleted { get; set; }

    public short Token => _core.Version;

    /// <summary>Before it is enqueued, so that no grant can come between.</summary>
    public void CancelBy(CancellationToken cancellation)
    {
        _cancellation = cancellation;
        _registration = cancellation.UnsafeRegister(static state => ((Waiter)state!).Cancel(), this);
    }

    /// <summary>It was never enqueued and nobody will complete it.</summary>
    public void StopCancelling() => _registration.Dispose();

    public OperationCanceledException CancelledException() => new(_cancellation);

    /// <summary>Resumes who waits. Runs on the executor.</summary>
    public void Complete()
    {
        _registration.Dispose();
        if (State is WaiterState.Granted) _core.SetResult(Permit);
        else if (State is WaiterState.Cancelled) _core.SetException(CancelledException());
        else _core.SetException(Line.Governor.ClosedException());
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    OperationPermit IValueTaskSource<OperationPermit>.GetResult(short token)
    {
        OperationPermit permit = _core.GetResult(token);
        // This runs in the awaiting method as it resumes, so the flow that is charged from here on is the right one.
        Line.Governor.BeginMetering(Slot!);
        return permit;
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    private void Cancel() => Line.Governor.Tree.Cancel(this);
}
