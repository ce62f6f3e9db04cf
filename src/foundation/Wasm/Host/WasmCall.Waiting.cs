namespace Sirsi.Wasm;

/// <content>Functions of the host that wait: the guest is synchronous, so its thread does.</content>
public sealed unsafe partial class WasmCall
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>For functions of the host whose work is asynchronous: the guest's thread waits for it, and no longer than the call may take.</summary>
    /// <param name="begin">Begins the work; the token is cancelled when it is not waited for any more.</param>
    /// <returns>Its result; what it throws is thrown.</returns>
    /// <exception cref="WasmTrap">The deadline has passed, or the call was cancelled.</exception>
    public T Await<T>(Func<CancellationToken, Task<T>> begin)
    {
        ArgumentNullException.ThrowIfNull(begin);
        using var over = new CancellationTokenSource();
        Task<T> work = begin(over.Token);
        try
        {
            // A timer may fire a moment before the deadline.
            while (!work.IsCompleted) Wait(work, CancellationToken.None);
        }
        finally
        {
            over.Cancel();
        }

#pragma warning disable VSTHRD002 // It is completed.
        return work.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }

    /// <summary>
    /// Blocks until the work is done or the token is cancelled, and stops the guest when its budget says so. May return a moment early:
    /// look whether the work is done.
    /// </summary>
    internal void Wait(Task? work, CancellationToken wake)
    {
        ThrowIfStopped();
        TimeSpan left = TimeLeft;
        using var deadline = left == Timeout.InfiniteTimeSpan
            ? new CancellationTokenSource()
            : new CancellationTokenSource(left < LongestWait ? left : LongestWait, _engine.Time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, Budget.Cancellation, wake);
        try
        {
#pragma warning disable VSTHRD002 // The guest is synchronous: its thread is the one to wait.
            if (work is null) any.Token.WaitHandle.WaitOne();
            else work.Wait(any.Token);
#pragma warning restore VSTHRD002
        }
        catch (Exception failure) when (failure is OperationCanceledException or AggregateException)
        {
            // Why it ended is looked at below, and by whoever asks the work for its result.
        }

        ThrowIfStopped();
    }
}
