using Sirsi.Core.Hosting;

namespace Sirsi.Hypervisor.Contexts;

/// <summary>One who watches a session's context. Changes come in order from one thread at a time; one reads them.</summary>
internal sealed class ContextWatch(string prefix, int waitingMax, HostExecutor executor)
{
    private readonly Lock _lock = new();
    private readonly Queue<ContextEntry> _waiting = new();
    private TaskCompletionSource? _waiter;
    private bool _isOver;
    private long _missed;

    /// <summary>A change; kept when it is one to be watched, and there is room.</summary>
    public void Add(ContextEntry entry)
    {
        if (!entry.Key.StartsWith(prefix, StringComparison.Ordinal)) return;
        lock (_lock)
        {
            if (_isOver || _missed > 0) return;
            if (_waiting.Count < waitingMax) _waiting.Enqueue(entry);
            else _missed = entry.Revision;
        }

        Wake();
    }

    /// <summary>No more changes come.</summary>
    public void End()
    {
        lock (_lock) _isOver = true;
        Wake();
    }

    /// <summary>The next change; null when none comes any more.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.ContextFellBehind"/>.</exception>
    public async ValueTask<ContextEntry?> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task change;
            lock (_lock)
            {
                if (_waiting.TryDequeue(out ContextEntry? entry)) return entry;
                if (_missed > 0) throw new HypervisorException(HypervisorErrors.ContextFellBehind, $"More than {waitingMax} changes (WatchWaitingMax) waited for the watcher; the first that it is not told is revision {_missed}.");
                if (_isOver) return null;
                change = (_waiter ??= new TaskCompletionSource()).Task;
            }

            await change.WaitAsync(cancellation);
        }
    }

    private void Wake()
    {
        TaskCompletionSource? waiter;
        lock (_lock) (waiter, _waiter) = (_waiter, null);
        if (waiter is not null) executor.Post(static source => ((TaskCompletionSource)source!).TrySetResult(), waiter);
    }
}
