using Sirsi.Hypervisor.Sessions;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>How tasks come back with their host.</summary>
internal sealed partial class TaskDispatcher
{
    /// <summary>Tasks as the journal left them; none begins before an agent offers itself. An attempt that was under way ended with its process.</summary>
    public void Restore(TaskImages images, IReadOnlyDictionary<SessionId, Session> sessions)
    {
        foreach (long submission in images.Unended) host.Own(GiveUpPartsAsync(host.Ledger!, submission));
        lock (_gate)
        {
            _tasks = images.All;
            List<SessionTask> tasks = TakeBack(sessions);
            if (!IsInOrder(tasks)) tasks.Sort(static (left, right) => left.Number.CompareTo(right.Number));
            foreach (SessionTask task in tasks)
            {
                Adopt(task);
                SessionQueue queue = QueueOf(task.Session);
                queue.Tasks.Add(task);
                if (task.Spec.IdempotencyKey is { } key) queue.Keyed[key] = task;
                if (task.HasEnded)
                {
                    queue.Ended.Enqueue(task);
                    continue;
                }

                queue.Open++;
                queue.PayloadBytes += task.Spec.Payload.Length;
            }

            foreach (SessionTask task in tasks)
            {
                // Those that end meanwhile end by what they wait for.
                if (task.HasEnded) continue;
                if (task.Lost >= task.Spec.Retry.LossesMax) Settle(task, TaskState.Failed, "It was lost too often; last: its process ended.", "lost");
                else Connect(QueueOf(task.Session), task);
            }
        }
    }

    /// <summary>Puts all into their sessions; those of a session that expired before this moment end with it.</summary>
    private List<SessionTask> TakeBack(IReadOnlyDictionary<SessionId, Session> sessions)
    {
        DateTimeOffset now = Time.GetUtcNow();
        var tasks = new List<SessionTask>(_tasks.Count);
        Session? session = null;
        foreach (SessionTask task in _tasks.Values)
        {
            if (session?.Id != task.SessionId) session = sessions.GetValueOrDefault(task.SessionId);
            if (session is not { Status: SessionStatus.Open })
            {
                _tasks.Remove(task.Id);
                continue;
            }

            task.ComeBack(session, now);
            tasks.Add(task);
        }

        return tasks;
    }

    private static bool IsInOrder(List<SessionTask> tasks)
    {
        for (int i = 1; i < tasks.Count; i++)
        {
            if (tasks[i - 1].Number > tasks[i].Number) return false;
        }

        return true;
    }
}
