using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sirsi.Core.Hosting;

/// <summary>
/// Where code runs when it is not called but resumed. Code started with <see cref="RunAsync(Func{Task})"/> comes back to the
/// executor after every <c>await</c>. To wake a waiter, post the completion instead of completing on the caller's stack:
/// <c>executor.Post(static state => ((TaskCompletionSource)state!).TrySetResult(), source)</c>.
/// </summary>
public abstract class HostExecutor
{
    /// <summary>
    /// Queues a callback; never runs it inside this call. The callback must not throw. Ambient values (<see cref="AsyncLocal{T}"/>)
    /// do not flow into it; those of an <c>await</c> travel with the awaiting code.
    /// </summary>
    public abstract void Post(Action<object?> callback, object? state);

    /// <summary>Queues an item that is its own callback, so that queueing it costs no garbage; otherwise as <see cref="Post(Action{object?}, object?)"/>.</summary>
    public virtual void Post(IThreadPoolWorkItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        Post(static state => ((IThreadPoolWorkItem)state!).Execute(), item);
    }

    /// <summary>
    /// An executor that runs its items on threads of their own, at most so many: work that computes for long, or waits on its thread, then holds up nobody else, because the operating
    /// system lets the others have their turn. What is awaited in an item comes back to those threads. Where everything runs on one thread, this executor itself.
    /// </summary>
    /// <remarks>
    /// On Linux an item that computes for more than some 5 ms goes on at low priority, and so does a <see cref="IRecurringWorkItem"/> from its start the next time; there are as many threads again for these.
    /// They have what others leave of the processors, so they come to a stand while others take all of it.
    /// </remarks>
    /// <param name="name">What the threads are called.</param>
    /// <param name="count">1 to 1,024. A thread begins when there is work for it and ends when there was none for a while.</param>
    public virtual HostExecutor WithThreads(string name, int count)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 1_024);
        return this;
    }

    /// <summary>
    /// The processor time that the current thread has spent, in nanoseconds; only differences on one thread mean something. On a machine by the operating system's account, where it keeps one for each thread, else the time that
    /// passed, an upper bound; in simulated time what <see cref="DeterministicHost.Compute"/> has said. By default 0: it is not measured.
    /// </summary>
    public virtual long ProcessorTimeNs() => 0;

    /// <summary>
    /// Whether the current thread is one that this executor has lowered, because what it runs computes for long. What others wait for should not be done on it: <see cref="Task.Yield"/> goes on at ordinary
    /// priority.
    /// </summary>
    public virtual bool IsThreadLowered => false;

    /// <summary>
    /// Whether an item that ends may do another one's work right then instead of posting it, which saves the trip through the queue. By default not: what runs when is the executor's to choose, as in simulated time.
    /// </summary>
    public virtual bool ItemsMayGoOn => false;

    /// <summary>What the process and the executor's machinery have spent so far; the default where that is not measured.</summary>
    internal virtual ExecutorUse Use() => default;

    /// <summary>Starts <paramref name="work"/> on the executor and gives its outcome. Ambient values flow into it.</summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        await new ExecutorHop(this);
        return await work();
    }

    /// <inheritdoc cref="RunAsync{T}(Func{Task{T}})"/>
    public async Task RunAsync(Func<Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        await new ExecutorHop(this);
        await work();
    }
}

/// <summary>What a process has spent of processor time so far, in nanoseconds.</summary>
/// <param name="ProcessNs">In all.</param>
/// <param name="OverheadNs">Of that, what the executor's own machinery spent: timers, the compiler, the collector; nobody's work.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ExecutorUse(long ProcessNs, long OverheadNs);

/// <summary>Awaiting it continues as a new item on the executor.</summary>
internal readonly struct ExecutorHop(HostExecutor executor) : ICriticalNotifyCompletion
{
    public bool IsCompleted => false;

    public ExecutorHop GetAwaiter() => this;

    public void GetResult()
    {
    }

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation) => executor.Post(static state => ((Action)state!)(), continuation);
}
