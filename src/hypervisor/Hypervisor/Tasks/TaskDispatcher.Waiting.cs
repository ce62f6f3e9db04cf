using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sirsi.Hypervisor.Sessions;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>Waiting for several tasks.</summary>
internal sealed partial class TaskDispatcher
{
    /// <summary>What agents wait for: one step each.</summary>
    private readonly Dictionary<AgentId, List<SessionTask>> _awaited = [];

    /// <summary>Whether so many of them have ended as the quorum asks for.</summary>
    public bool IsMet(ImmutableArray<SessionTask> tasks, TaskQuorum quorum)
    {
        lock (_gate) return quorum.IsMet(tasks.Length, tasks.Count(static task => task.HasEnded), tasks.Count(static task => task.State is TaskState.Succeeded));
    }

    /// <summary>Has a wait told of every end, those that were before included.</summary>
    public void Begin(TaskWait wait)
    {
        lock (_gate)
        {
            foreach (SessionTask task in wait.Tasks)
            {
                if (task.HasEnded) wait.Note(task);
                else (task.Waits ??= []).Add(wait);
            }
        }
    }

    /// <summary>An agent waits for nothing any more: what came of it may be forgotten.</summary>
    public void Release(Session session, AgentId agent)
    {
        lock (_gate)
        {
            if (!_awaited.Remove(agent, out List<SessionTask>? tasks) || session.Status is not SessionStatus.Open) return;
            foreach (SessionTask task in tasks)
            {
                task.AwaitedBy = default;
                if (task.HasEnded) QueueOf(session).Ended.Enqueue(task);
            }
        }
    }

    private void Await(ImmutableArray<SessionTask> tasks, AgentId agent)
    {
        ref List<SessionTask>? awaited = ref CollectionsMarshal.GetValueRefOrAddDefault(_awaited, agent, out _);
        awaited ??= [];
        foreach (SessionTask task in tasks)
        {
            if (!task.AwaitedBy.IsEmpty) continue;
            task.AwaitedBy = agent;
            awaited.Add(task);
        }
    }
}
