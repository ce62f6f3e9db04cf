using Sirsi.Hypervisor.Scheduling;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>Something about a task is due.</summary>
internal sealed class TaskTimer(Action<SessionTask> due, SessionTask task) : TimerEntry
{
    public override void Fire() => due(task);
}

/// <summary>An attempt may take too long, or be silent for too long.</summary>
internal sealed class AttemptWatch(TaskDispatcher dispatcher, TaskAttempt attempt) : TimerEntry
{
    public override void Fire() => dispatcher.OnWatch(attempt);
}
