using System.Runtime.InteropServices;

namespace Sirsi.Hypervisor.Turns;

/// <summary>What a turn is about.</summary>
public enum TurnKind
{
    /// <summary>The agent begins.</summary>
    Start,

    /// <summary>A message came.</summary>
    Message,

    /// <summary>The host had something to say (<see cref="Agents.HostEvents"/>).</summary>
    Event,

    /// <summary>The agent ends.</summary>
    Stop,

    /// <summary>An attempt of a task (<see cref="Tasks.TaskAttempt"/>).</summary>
    Task,
}

/// <summary>How a turn ended.</summary>
/// <param name="Message">The number of the message it was about.</param>
/// <param name="Kind">What it was about.</param>
/// <param name="Type">The message's type, or the task's; empty for the first and the last turn.</param>
/// <param name="From">Who sent it; empty when it came from outside of any agent or from the host.</param>
/// <param name="Attempt">Which time it was tried, from 1.</param>
/// <param name="Error">What the turn died of, in words; null when it ended well.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct TurnEnd(long Message, TurnKind Kind, string Type, AgentId From, int Attempt, string? Error);
