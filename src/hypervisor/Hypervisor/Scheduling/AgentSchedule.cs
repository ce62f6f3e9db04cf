using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;

namespace Sirsi.Hypervisor.Scheduling;

/// <summary>
/// A message to an agent from itself, later, once or again and again. At most one occurrence is under way: the next is set when the turn about the last has ended, so a slow agent is
/// not buried, and times that were missed are made up for once.
/// </summary>
internal sealed class AgentSchedule(Agent agent, long number, DateTimeOffset due, TimeSpan? period, string type, ReadOnlyMemory<byte> payload) : TimerEntry
{
    public long Number => number;

    public DateTimeOffset Due { get; private set; } = due;

    public TimeSpan? Period => period;

    public string Type => type;

    public ReadOnlyMemory<byte> Payload => payload;

    /// <summary>Sets it for its due time.</summary>
    public void Arm() => agent.Host.Timers.Add(this, Due - agent.Host.Environment.Time.GetUtcNow());

    /// <summary>When it would be due next; null when it was for once.</summary>
    public DateTimeOffset? DueAfter(DateTimeOffset now)
    {
        if (period is not { } time) return null;
        long missed = Math.Max(0, (now - Due).Ticks / time.Ticks);
        return Due + time * (missed + 1);
    }

    /// <summary>Its occurrence has been handled: sets the next one; false when there is none.</summary>
    public bool Advance(DateTimeOffset? next)
    {
        if (next is not { } due || IsCancelled) return false;
        Due = due;
        Arm();
        return true;
    }

    public override void Fire()
    {
        long messageNumber = agent.Host.NextNumber();
        agent.Deliver(new AgentMessage(messageNumber, agent.Id, type, payload, default) { Schedule = this });
    }
}
