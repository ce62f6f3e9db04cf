using System.Runtime.InteropServices;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Durability;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>What the journal says of a host's tasks. Those of a submission that takes several records come to be with its last.</summary>
internal sealed class TaskImages(Func<SessionId, bool> isOpen, SpecReader specs)
{
    private readonly Dictionary<TaskId, SessionTask> _tasks = [];
    private readonly Dictionary<SessionId, int> _counts = [];
    private readonly SortedDictionary<long, List<SessionTask>> _submissions = [];
    private int _closed;

    /// <summary>By id. Who takes the host on takes it along.</summary>
    public Dictionary<TaskId, SessionTask> All
    {
        get
        {
            RemoveClosed();
            return _tasks;
        }
    }

    /// <summary>The numbers of submissions whose last record is not there.</summary>
    public IReadOnlyCollection<long> Unended => _submissions.Keys;

    /// <summary>The greatest number of a task.</summary>
    public long LastNumber { get; private set; }

    public void Apply(FactKind kind, ref FactReader facts)
    {
        if (kind is FactKind.SubmissionEnded)
        {
            End(facts.Number(), isWhole: facts.Number() != 0);
            return;
        }

        TaskId id = facts.Id<TaskKind>();
        switch (kind)
        {
            case FactKind.TaskSubmitted:
                if (Read(id, ref facts) is { } submitted) Add(submitted);
                break;
            case FactKind.TaskSubmitting:
                long submission = facts.Number();
                if (Read(id, ref facts) is not { } part) break;
                if (!_submissions.TryGetValue(submission, out List<SessionTask>? parts)) _submissions.Add(submission, parts = []);
                parts.Add(part);
                break;
            case FactKind.TaskForgotten:
                if (_tasks.Remove(id, out SessionTask? forgotten) && isOpen(forgotten.SessionId)) _counts[forgotten.SessionId]--;
                break;
            default:
                TaskFacts.Apply(_tasks.GetValueOrDefault(id) ?? new SessionTask(id, default(SessionId), new TaskSpec(""), [], default, 0), kind, ref facts);
                break;
        }
    }

    /// <summary>A session ends, and its tasks with it: when it is time to look at all, which is once for as many as there are.</summary>
    public void Close(SessionId session)
    {
        if (_counts.Remove(session, out int count)) _closed += count;
        if (_closed > _tasks.Count / 2) RemoveClosed();
        foreach ((long submission, List<SessionTask> parts) in _submissions.ToArray())
        {
            if (parts[0].SessionId == session) _submissions.Remove(submission);
        }
    }

    /// <inheritdoc cref="HostImage.Write"/>
    public IEnumerable<FactKind> Write(FactWriter facts)
    {
        foreach (SessionTask task in All.Values)
        {
            TaskFacts.WriteKept(facts, task);
            yield return FactKind.TaskSubmitted;
        }

        foreach ((long submission, List<SessionTask> parts) in _submissions)
        {
            foreach (SessionTask part in parts)
            {
                TaskFacts.WriteSubmitting(facts, submission, part);
                yield return FactKind.TaskSubmitting;
            }
        }
    }

    private void Add(SessionTask task)
    {
        _tasks[task.Id] = task;
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, task.SessionId, out _)++;
    }

    private void RemoveClosed()
    {
        if (_closed is 0) return;
        foreach ((TaskId id, SessionTask task) in _tasks)
        {
            // A dictionary may be removed from while it is enumerated.
            if (!isOpen(task.SessionId)) _tasks.Remove(id);
        }

        _closed = 0;
    }

    /// <summary>Null when its session has ended before it came.</summary>
    private SessionTask? Read(TaskId id, ref FactReader facts)
    {
        SessionTask task = TaskFacts.ReadSubmitted(id, specs, ref facts);
        LastNumber = Math.Max(LastNumber, task.Number);
        return isOpen(task.SessionId) ? task : null;
    }

    private void End(long submission, bool isWhole)
    {
        if (!_submissions.Remove(submission, out List<SessionTask>? parts) || !isWhole) return;
        foreach (SessionTask task in parts) Add(task);
    }
}
