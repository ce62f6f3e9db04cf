namespace Sirsi.Hypervisor.Agents;

/// <summary>Where an agent is in its life.</summary>
public enum AgentStatus
{
    /// <summary>It is being made, or made anew after a failure.</summary>
    Starting,

    /// <summary>It waits for a message.</summary>
    Idle,

    /// <summary>It has a turn, or one is due.</summary>
    Running,

    /// <summary>Somebody has paused it; its mailbox fills.</summary>
    Suspended,

    /// <summary>It has left memory and comes back with the next message.</summary>
    Hibernated,

    /// <summary>It is ending: its children first, then its last turns.</summary>
    Stopping,

    /// <summary>It has ended as it was asked to.</summary>
    Stopped,

    /// <summary>It has ended because it could not go on.</summary>
    Failed,

    /// <summary>It failed too often: it takes nothing more, and its mailbox and last error are kept for a person.</summary>
    Quarantined,
}

/// <summary>One step of an agent's life.</summary>
/// <param name="Status">What it became.</param>
/// <param name="At">When.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record StatusChange(AgentStatus Status, DateTimeOffset At, string Reason);
