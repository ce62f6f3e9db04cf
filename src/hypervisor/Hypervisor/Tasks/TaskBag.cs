namespace Sirsi.Hypervisor.Tasks;

/// <summary>The tasks of one session that are known. Each knows its place here, so that to add one or take one out costs the same however many there are. Guarded by the dispatcher.</summary>
internal sealed class TaskBag
{
    private readonly List<SessionTask> _tasks = [];

    public void Add(SessionTask task)
    {
        task.Place = _tasks.Count;
        _tasks.Add(task);
    }

    /// <summary>Takes out one that is in it; the last one takes its place.</summary>
    public void Remove(SessionTask task)
    {
        SessionTask last = _tasks[^1];
        _tasks[task.Place] = last;
        last.Place = task.Place;
        _tasks.RemoveAt(_tasks.Count - 1);
    }

    /// <summary>All of them, in the order of their submission.</summary>
    public SessionTask[] InOrder()
    {
        SessionTask[] tasks = [.. _tasks];
        Array.Sort(tasks, static (left, right) => left.Number.CompareTo(right.Number));
        return tasks;
    }
}
