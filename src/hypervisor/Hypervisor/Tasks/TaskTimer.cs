using Sirsi.Hypervisor.Scheduling;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>Something about a task is due.</summary>
internal sealed class TaskTimer(Action<SessionTask> due, SessionTask task) : TimerEntry
{
    public override void Fire() => due(task);
}
