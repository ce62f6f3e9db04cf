using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace Sirsi.Bus;

/// <summary>
/// One more step behind an awaited operation, as an object that is used again and again: an <c>async</c> method with thousands of calls under way allocates one for each, because its
/// builder keeps only a few. One call at a time.
/// </summary>
internal abstract class PooledStep<TIn, TOut> : IValueTaskSource<TOut>
{
    private readonly Action _continue;
    private ManualResetValueTaskSourceCore<TOut> _core;
    private ValueTaskAwaiter<TIn> _awaiter;

    protected PooledStep() => _continue = Continue;

    /// <summary>Waits for <paramref name="operation"/>, takes the step, and gives its result once.</summary>
    protected ValueTask<TOut> RunAsync(ValueTask<TIn> operation)
    {
        var result = new ValueTask<TOut>(this, _core.Version);
        _awaiter = operation.GetAwaiter();
        if (_awaiter.IsCompleted) Continue();
        else _awaiter.UnsafeOnCompleted(_continue);
        return result;
    }

    /// <summary>What the operation's result becomes.</summary>
    protected abstract TOut Succeed(TIn result);

    /// <summary>Hears that the operation failed; gives what the caller is told.</summary>
    protected abstract Exception Fail(Exception failure);

    /// <summary>The result was taken: this object is free.</summary>
    protected abstract void Release();

    TOut IValueTaskSource<TOut>.GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            _awaiter = default;
            Release();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<TOut>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<TOut>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Continue()
    {
        try
        {
#pragma warning disable VSTHRD002 // It has completed: nothing is waited for.
            _core.SetResult(Succeed(_awaiter.GetResult()));
#pragma warning restore VSTHRD002
        }
        catch (Exception failure)
        {
            _core.SetException(Fail(failure));
        }
    }
}

/// <summary>Objects to use again, a bounded number of them. Safe for any number of threads.</summary>
internal sealed class StepPool<T>(Func<StepPool<T>, T> create, int sizeMax = 8_192)
    where T : class
{
    private readonly Lock _lock = new();
    private readonly Stack<T> _free = [];

    public T Take()
    {
        lock (_lock)
        {
            if (_free.TryPop(out T? step)) return step;
        }

        return create(this);
    }

    public void Return(T step)
    {
        lock (_lock)
        {
            if (_free.Count < sizeMax) _free.Push(step);
        }
    }
}
