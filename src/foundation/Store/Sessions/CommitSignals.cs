using System.Runtime.InteropServices;
using Sirsi.Core.Hosting;

namespace Sirsi.Store;

/// <summary>What a unit changed that somebody may wait for.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SignalKey(string Kind, ProjectScope Scope, string Name);

/// <summary>
/// Wakes those of this process who wait for a change, when the unit that made it is on disk. Only a hint: changes of other
/// processes make no signal, so who waits also looks by itself from time to time. Thread-safe.
/// </summary>
internal sealed class CommitSignals(HostEnvironment environment)
{
    private readonly HostEnvironment _environment = environment;
    private readonly Lock _lock = new();
    private readonly Dictionary<SignalKey, List<CommitWait>> _waiting = [];

    /// <summary>A task that completes at the next commit that signals <paramref name="key"/>. Take it before looking.</summary>
    public CommitWait Next(SignalKey key)
    {
        var wait = new CommitWait(this, key);
        lock (_lock)
        {
            ref List<CommitWait>? waiting = ref CollectionsMarshal.GetValueRefOrAddDefault(_waiting, key, out _);
            (waiting ??= []).Add(wait);
        }

        return wait;
    }

    public void Raise(IReadOnlyList<SignalKey> keys)
    {
        foreach (SignalKey key in keys)
        {
            List<CommitWait>? waiting;
            lock (_lock) _waiting.Remove(key, out waiting);
            foreach (CommitWait wait in waiting ?? []) wait.Wake();
        }
    }

    private void Forget(CommitWait wait)
    {
        lock (_lock)
        {
            if (_waiting.TryGetValue(wait.Key, out List<CommitWait>? waiting) && waiting.Remove(wait) && waiting.Count == 0)
                _waiting.Remove(wait.Key);
        }
    }

    /// <summary>One wait for one signal; dispose of it in any case.</summary>
    internal sealed class CommitWait(CommitSignals signals, SignalKey key) : IDisposable
    {
        private readonly TaskCompletionSource _woken = new();

        public SignalKey Key => key;

        /// <summary>Returns at the signal, or after <paramref name="patience"/>.</summary>
        public async Task WaitAsync(TimeSpan patience, CancellationToken cancellation)
        {
            // Signal, time and cancellation complete the same source: a combinator over tasks would leave the executor.
            await using ITimer timer = signals._environment.Time.CreateTimer(
                static state => ((CommitWait)state!).Wake(), this, patience, Timeout.InfiniteTimeSpan);
            await using CancellationTokenRegistration registration = cancellation.UnsafeRegister(static state => ((CommitWait)state!).Wake(), this);
            await _woken.Task;
            cancellation.ThrowIfCancellationRequested();
        }

        public void Wake() => signals._environment.Executor.Post(static state => ((CommitWait)state!)._woken.TrySetResult(), this);

        public void Dispose() => signals.Forget(this);
    }
}
