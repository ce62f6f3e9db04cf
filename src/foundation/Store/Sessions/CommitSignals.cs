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
    private readonly Lock _lock = new();
    private readonly Dictionary<SignalKey, List<TaskCompletionSource>> _waiting = [];

    /// <summary>A task that completes at the next commit that signals <paramref name="key"/>. Take it before looking.</summary>
    public CommitWait Next(SignalKey key)
    {
        var source = new TaskCompletionSource();
        lock (_lock)
        {
            ref List<TaskCompletionSource>? waiting = ref CollectionsMarshal.GetValueRefOrAddDefault(_waiting, key, out _);
            (waiting ??= []).Add(source);
        }

        return new CommitWait(this, key, source);
    }

    public void Raise(IReadOnlyList<SignalKey> keys)
    {
        foreach (SignalKey key in keys)
        {
            List<TaskCompletionSource>? waiting;
            lock (_lock) _waiting.Remove(key, out waiting);
            foreach (TaskCompletionSource source in waiting ?? [])
                environment.Executor.Post(static state => ((TaskCompletionSource)state!).TrySetResult(), source);
        }
    }

    private void Forget(SignalKey key, TaskCompletionSource source)
    {
        lock (_lock)
        {
            if (_waiting.TryGetValue(key, out List<TaskCompletionSource>? waiting) && waiting.Remove(source) && waiting.Count == 0)
                _waiting.Remove(key);
        }
    }

    /// <summary>One wait for one signal; dispose of it in any case.</summary>
    internal readonly struct CommitWait(CommitSignals signals, SignalKey key, TaskCompletionSource source) : IDisposable
    {
        /// <summary>Returns at the signal, or after <paramref name="patience"/>.</summary>
        public async Task WaitAsync(TimeSpan patience, CancellationToken cancellation)
        {
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            Task pause = Task.Delay(patience, signals.Time, enough.Token);
            await Task.WhenAny(source.Task, pause);
#pragma warning disable VSTHRD103, CA1849 // CancelAsync leaves the executor; nobody but the delay listens here.
            enough.Cancel();
#pragma warning restore VSTHRD103, CA1849
            cancellation.ThrowIfCancellationRequested();
        }

        public void Dispose() => signals.Forget(key, source);
    }

    private TimeProvider Time => environment.Time;
}
