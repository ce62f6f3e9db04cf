using Sirsi.Core.Hosting;

namespace Sirsi.Store.Sqlite;

/// <summary>A unit of work that waits for its turn, is done, and then for the disk.</summary>
internal abstract class PendingUnit(CancellationToken cancellation)
{
    /// <summary>Times it was begun.</summary>
    public int Attempts { get; set; }

    /// <summary>Whether it may take as long as it takes.</summary>
    public required TimeSpan TimeMax { get; init; }

    /// <summary>Whether it waits to be done again.</summary>
    public bool IsLinedUp { get; set; }

    /// <summary>Whether its caller was answered.</summary>
    public bool IsAnswered { get; protected set; }

    public bool IsCancelled => cancellation.IsCancellationRequested;

    protected CancellationToken Cancellation => cancellation;

    /// <summary>What to wake when it is on disk.</summary>
    public IReadOnlyList<SignalKey> Signals { get; set; } = [];

    /// <summary>Runs the delegate; it ends before this returns.</summary>
    public abstract void Run(UnitOfWork unit);

    /// <summary>Answers the caller, who goes on elsewhere: it is on disk.</summary>
    public abstract void Complete(HostExecutor executor);

    /// <summary>Answers the caller, who goes on elsewhere: nothing of it was kept.</summary>
    public abstract void Fail(HostExecutor executor, Exception reason);

    public abstract void Cancel(HostExecutor executor);
}

internal sealed class PendingUnit<T>(Func<UnitOfWork, ValueTask<T>> work, CancellationToken cancellation) : PendingUnit(cancellation)
{
    private readonly TaskCompletionSource<T> _source = new();
    private T? _result;
    private Exception? _reason;

    public Task<T> Task => _source.Task;

    public override void Run(UnitOfWork unit)
    {
        ValueTask<T> running = work(unit);
        if (!running.IsCompleted)
        {
            throw new InvalidOperationException(
                "A unit of work awaited something other than its own statements; others wait for their turn meanwhile. Nothing of it was kept.");
        }

#pragma warning disable VSTHRD002, CA1849 // It has completed: nothing is waited for.
        _result = running.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002, CA1849
    }

    public override void Complete(HostExecutor executor)
    {
        IsAnswered = true;
        executor.Post(static state =>
        {
            var unit = (PendingUnit<T>)state!;
            unit._source.TrySetResult(unit._result!);
        }, this);
    }

    public override void Fail(HostExecutor executor, Exception reason)
    {
        IsAnswered = true;
        _reason = reason;
        executor.Post(static state =>
        {
            var unit = (PendingUnit<T>)state!;
            unit._source.TrySetException(unit._reason!);
        }, this);
    }

    public override void Cancel(HostExecutor executor)
    {
        IsAnswered = true;
        executor.Post(static state =>
        {
            var unit = (PendingUnit<T>)state!;
            unit._source.TrySetCanceled(unit.Cancellation);
        }, this);
    }
}
