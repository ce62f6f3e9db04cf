using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Capabilities;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>
/// The tasks of a session that ask the same of an agent and are ready, by priority and then by age. Who has waited for long enough counts as more urgent, so none waits for ever.
/// </summary>
internal sealed class WorkClass(TaskSpec example)
{
    private const int Levels = 5;

    /// <summary>Of how many agents that fit the least loaded is taken.</summary>
    private const int Compared = 8;

    private readonly Capability? _capability = example.Capability is null ? null : Capability.Parse(example.Capability);

    private readonly PriorityQueue<SessionTask, long>?[] _queues = new PriorityQueue<SessionTask, long>?[Levels];
    private int _count;

    /// <summary>Whether it has entries; some may be of tasks that are ready no more.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>The version of the session's idle agents none of which fitted.</summary>
    public long NoneFitsAt { get; set; } = -1;

    public void Add(SessionTask task)
    {
        (_queues[(int)task.Spec.Priority] ??= new PriorityQueue<SessionTask, long>()).Enqueue(task, task.Number);
        _count++;
    }

    /// <summary>The most urgent one, and how urgent it is; null when there is none.</summary>
    public SessionTask? Peek(TimeProvider time, TimeSpan ageing, out int urgency)
    {
        SessionTask? best = null;
        urgency = -1;
        for (int level = Levels - 1; level >= 0; level--)
        {
            if (First(level) is not { } first) continue;
            int steps = (int)Math.Min(time.GetElapsedTime(first.ReadySince) / ageing, 1_000);
            if (level + steps < urgency || (level + steps == urgency && best!.Number < first.Number)) continue;
            (best, urgency) = (first, level + steps);
        }

        return best;
    }

    /// <summary>Takes out what <see cref="Peek"/> gave.</summary>
    public void Remove(SessionTask first)
    {
        _queues[(int)first.Spec.Priority]!.Dequeue();
        _count--;
    }

    /// <summary>Of the idle agents that have been idle longest and fit, the one with the fewest messages; null when none fits. Those that cannot work leave the list.</summary>
    public Worker? FindIdle(LinkedList<Worker> idle)
    {
        Worker? best = null;
        int compared = 0;
        for (LinkedListNode<Worker>? place = idle.First, next; place is not null && compared < Compared; place = next)
        {
            next = place.Next;
            Worker worker = place.Value;
            if (!worker.Agent.CanWork)
            {
                idle.Remove(place);
                worker.Place = null;
                continue;
            }

            if (!Fits(worker.Agent)) continue;
            compared++;
            if (best is null || worker.Agent.MailboxCount < best.Agent.MailboxCount) best = worker;
        }

        return best;
    }

    /// <summary>Whether an agent satisfies the constraints.</summary>
    public bool Fits(Agent agent) =>
        (example.AgentType is null || example.AgentType == agent.Type.Name)
        && (example.Agent.IsEmpty || example.Agent == agent.Id)
        && example.Labels.All(label => agent.Type.Labels.Contains(label, StringComparer.Ordinal))
        && (_capability is null || agent.Grant?.Capabilities.Covers(_capability) is true);

    private SessionTask? First(int level)
    {
        if (_queues[level] is not { } queue) return null;
        while (queue.TryPeek(out SessionTask? first, out _))
        {
            if (first.State is TaskState.Ready && first.Class == this && !first.IsSettling) return first;
            queue.Dequeue();
            _count--;
        }

        return null;
    }
}
