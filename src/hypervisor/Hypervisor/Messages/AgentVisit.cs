using System.Runtime.ExceptionServices;
using Sirsi.Core.Hosting;

namespace Sirsi.Hypervisor.Messages;

/// <summary>Work of the host that needs an agent standing still: done between two of its turns, also while it is held.</summary>
internal sealed class AgentVisit(HostExecutor executor, Func<ValueTask> work) : IAsker
{
    private const int Waiting = 0;
    private const int Begun = 1;
    private const int Abandoned = 2;

    private readonly TaskCompletionSource _source = new();
    private Exception? _failure;
    private int _state;

    /// <summary>Does the work, unless nobody waits for it any more; never throws.</summary>
    public async ValueTask RunAsync()
    {
        if (Interlocked.CompareExchange(ref _state, Begun, Waiting) != Waiting) return;
        try
        {
            await work();
        }
#pragma warning disable CA1031 // It is thrown where the work is awaited.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _failure = failure;
        }

        executor.Post(static state => ((AgentVisit)state!).Complete(), this);
    }

    /// <summary>Nothing: it is never set aside, and an agent that has ended is visited all the same.</summary>
    public void Answer(AgentReply reply)
    {
    }

    /// <summary>Completes when the work is done, and throws what it threw.</summary>
    /// <exception cref="TimeoutException">The turn under way took longer; the work will not be done.</exception>
    public async Task WaitAsync(TimeSpan patience, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            await _source.Task.WaitAsync(patience, time, cancellation);
        }
        catch (Exception) when (!_source.Task.IsCompleted)
        {
            if (Interlocked.CompareExchange(ref _state, Abandoned, Waiting) == Waiting) throw;
            await _source.Task;
        }

        if (_failure is not null) ExceptionDispatchInfo.Throw(_failure);
    }

    private void Complete() => _source.TrySetResult();
}
