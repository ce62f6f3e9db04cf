using Sirsi.Hypervisor.Durability;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>How tasks are ended, or begun again, by others than those who do them.</summary>
internal sealed partial class TaskDispatcher
{
    /// <inheritdoc cref="SessionTask.CancelAsync"/>
    public async ValueTask<bool> CancelAsync(SessionTask task, string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        bool hasEndedAny = await EndAsync(task, TaskState.Cancelled, "cancelled", reason);
        foreach (SessionTask below in Below(task))
            hasEndedAny |= await EndAsync(below, TaskState.Cancelled, "cancelled", $"What '{task.Spec.DisplayName}' ({task.Id}) submitted was cancelled: {reason}");
        return hasEndedAny;
    }

    /// <summary>The tasks that it submitted and that are known, with those that these submitted.</summary>
    private List<SessionTask> Below(SessionTask task)
    {
        var below = new List<SessionTask>();
        lock (_gate)
        {
            below.AddRange(task.Children ?? []);
            for (int place = 0; place < below.Count; place++) below.AddRange(below[place].Children ?? []);
        }

        return below;
    }

    /// <inheritdoc cref="SessionTask.RetryAsync"/>
    public async ValueTask<bool> RetryAsync(SessionTask task, string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        lock (_gate)
        {
            if (task.State is not (TaskState.Failed or TaskState.Cancelled or TaskState.Skipped) || task.IsSettling || !_tasks.ContainsKey(task.Id)) return false;
            task.IsSettling = true;
        }

        await StoreSettlingAsync(task, TaskFacts.WriteReset(new FactWriter(), task.Id));
        lock (_gate)
        {
            task.IsSettling = false;
            if (!_tasks.ContainsKey(task.Id)) return false;
            SessionQueue queue = QueueOf(task.Session);
            (task.Failed, task.Lost, task.EndedAt, task.Due) = (0, 0, null, null);
            queue.Open++;
            queue.PayloadBytes += task.Spec.Payload.Length;
            task.Become(TaskState.Blocked, reason);
            Connect(queue, task);
        }

        Pump(task.Session);
        return true;
    }

    /// <summary>The session ends: so do its tasks. One whose end is on the way to the disk ends as that says.</summary>
    public void Close(SessionId session)
    {
        lock (_gate)
        {
            if (!_sessions.TryGetValue(session, out SessionQueue? queue)) return;
            foreach (SessionTask task in queue.Tasks.InOrder())
            {
                SetRetrying(task, false);
                EndAttempt(task);
                task.Timer?.Cancel();
                task.DeadlineTimer?.Cancel();
                _tasks.Remove(task.Id);
                if (!task.IsSettling) EndWithSession(task);
            }

            queue.Tenant.Sessions.Leave(queue);
            _sessions.Remove(session);
        }
    }

    private void EndWithSession(SessionTask task)
    {
        if (!task.HasEnded) End(task, TaskState.Cancelled, "Its session was closed.");
    }

    private async Task<bool> EndAsync(SessionTask task, TaskState state, string kind, string text)
    {
        TaskError error;
        lock (_gate)
        {
            if (task.HasEnded || task.IsSettling || !_tasks.ContainsKey(task.Id)) return false;
            task.IsSettling = true;
            error = new TaskError(task.Attempt, Time.GetUtcNow(), kind, text);
        }

        TaskAttempt? attempt = task.Current;
        var facts = new FactWriter();
        TaskFacts.WriteEnded(facts, task.Id, state, error, default, error.At);
        await StoreSettlingAsync(task, facts);
        lock (_gate)
        {
            task.Add(error);
            Settle(task, state, text);
        }

        attempt?.Worker.Agent.CancelTurnOf(attempt);
        Pump(task.Session);
        return true;
    }
}
