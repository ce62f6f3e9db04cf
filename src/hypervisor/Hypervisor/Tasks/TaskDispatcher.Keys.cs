using System.Collections.Immutable;
using Sirsi.Hypervisor.Sessions;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>That there is one task of a key also when two submit it at one time: who comes second waits until it is clear what comes of the first.</summary>
internal sealed partial class TaskDispatcher
{
    private static readonly TimeSpan KeyPatience = TimeSpan.FromSeconds(30);

    /// <summary>The keys of tasks on their way to the disk; with what completes when they are there or will not be, when somebody waits for that.</summary>
    private readonly Dictionary<(SessionId Session, string Key), TaskCompletionSource?> _underWay = [];

    private TaskCompletionSource? UnderWayAmong(Session session, ImmutableArray<TaskSpec> specs)
    {
        if (_underWay.Count == 0) return null;
        foreach (TaskSpec spec in specs)
        {
            if (spec.IdempotencyKey is not { } key || !_underWay.TryGetValue((session.Id, key), out TaskCompletionSource? waiters)) continue;
            _underWay[(session.Id, key)] = waiters ??= new TaskCompletionSource();
            return waiters;
        }

        return null;
    }

    /// <summary>They are on their way no more: what was made is about to be known, or is given up.</summary>
    private void Arrive(Session session, ImmutableArray<SessionTask> tasks)
    {
        if (_underWay.Count == 0) return;
        foreach (SessionTask task in tasks)
        {
            if (task.Spec.IdempotencyKey is not { } key || _tasks.ContainsKey(task.Id) || !_underWay.Remove((session.Id, key), out TaskCompletionSource? waiters)) continue;
            if (waiters is not null) host.Environment.Executor.Post(static source => ((TaskCompletionSource)source!).TrySetResult(), waiters);
        }
    }

    private async ValueTask UntilOverAsync(Task other)
    {
        try
        {
            await other.WaitAsync(KeyPatience, Time);
        }
        catch (TimeoutException)
        {
            throw UnderWay();
        }
    }

    private static HypervisorException UnderWay() => new(HypervisorErrors.StorageBusy, "A task with one of the keys is being submitted by somebody else at this moment.");
}
