using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus;

/// <summary>
/// Wakes one waiter: a <see cref="Set"/> with nobody waiting wakes the next who comes. The waiter resumes through the executor, never inside
/// <see cref="Set"/>. Allocates nothing. Any number of threads may set; one at a time waits.
/// </summary>
internal sealed class Signal(HostExecutor executor) : IValueTaskSource, IThreadPoolWorkItem
{
    private const int Idle = 0, IsSet = 1, IsWaiting = 2;

    private ManualResetValueTaskSourceCore<bool> _source;
    private int _state;

    /// <summary>Completes at once when the signal is set, else with the next <see cref="Set"/>, and takes it back.</summary>
    public ValueTask WaitAsync()
    {
        _source.Reset();
        int before = Interlocked.CompareExchange(ref _state, IsWaiting, Idle);
        if (before == Idle) return new ValueTask(this, _source.Version);
        if (before == IsWaiting) throw new InvalidOperationException("Somebody waits already: one call at a time.");
        Volatile.Write(ref _state, Idle);
        return default;
    }

    /// <summary>As <see cref="WaitAsync()"/>, given up when cancelled.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WaitAsync(CancellationToken cancellation)
    {
        await using CancellationTokenRegistration registration = cancellation.UnsafeRegister(static signal => ((Signal)signal!).Set(), this);
        await WaitAsync();
        cancellation.ThrowIfCancellationRequested();
    }

    public void Set()
    {
        while (true)
        {
            int state = Volatile.Read(ref _state);
            if (state == IsSet) return;
            if (Interlocked.CompareExchange(ref _state, state == IsWaiting ? Idle : IsSet, state) != state) continue;
            if (state == IsWaiting) executor.Post(this);
            return;
        }
    }

    void IThreadPoolWorkItem.Execute() => _source.SetResult(true);

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
