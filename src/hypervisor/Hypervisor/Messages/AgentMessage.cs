using System.Text;
using Sirsi.Hypervisor.Scheduling;

namespace Sirsi.Hypervisor.Messages;

/// <summary>What an agent is given in a turn. Immutable to behaviours; belongs to one mailbox at a time.</summary>
public sealed class AgentMessage
{
    /// <summary>The longest name of a message's type, in characters.</summary>
    public const int TypeLengthMax = 128;

    internal AgentMessage(long number, AgentId from, string type, ReadOnlyMemory<byte> payload, TraceContext trace)
    {
        Number = number;
        From = from;
        Type = type;
        Payload = payload;
        Trace = trace;
    }

    /// <summary>Tells messages of a host apart; greater than that of every message made before, also over restarts.</summary>
    public long Number { get; }

    /// <summary>Who sent it; empty when it came from outside of any agent.</summary>
    public AgentId From { get; }

    /// <summary>What kind of message it is, in the words of those who exchange it.</summary>
    public string Type { get; }

    /// <summary>Its content. Whoever sent it has given it away and does not change it any more.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary><see cref="Payload"/> read as UTF-8, anew each time; what is none becomes U+FFFD.</summary>
    public string Text => Encoding.UTF8.GetString(Payload.Span);

    /// <summary>The trace this message is a part of.</summary>
    public TraceContext Trace { get; }

    /// <summary>Which time it is tried, from 1.</summary>
    public int Attempt { get; internal set; } = 1;

    /// <summary>Whether somebody waits for <see cref="Turns.AgentTurn.Reply"/>.</summary>
    public bool IsAsked => Asker is not null && Kind is not MessageKind.Task;

    /// <summary>Where the reply goes.</summary>
    internal IAsker? Asker { get; init; }

    /// <summary>The schedule it is an occurrence of; null as a rule.</summary>
    internal AgentSchedule? Schedule { get; init; }

    /// <summary>Whether the journal has it, so that its end has to be told there too.</summary>
    internal bool IsStored { get; set; }

    /// <summary>Whether its turn may have been under way when the process before this one ended, and so may have ended it.</summary>
    internal bool IsSuspect { get; set; }

    /// <summary>What it is to the host: the agents' own, or one of the host's.</summary>
    internal MessageKind Kind { get; init; }

    /// <summary>What a mailbox counts for it, in bytes.</summary>
    internal int Weight => Payload.Length + WeightOfAnother;

    /// <summary>The next in the mailbox; kept here so that a mailbox needs no storage of its own.</summary>
    internal AgentMessage? Next { get; set; }

    private const int WeightOfAnother = 128;
}

/// <summary>Who is to be called with a message.</summary>
internal enum MessageKind : byte
{
    /// <summary>One of the agents': <c>OnMessageAsync</c>.</summary>
    Message,

    /// <summary>The host's word of something that happened: <c>OnEventAsync</c>.</summary>
    Event,

    /// <summary>The agent begins: <c>OnStartAsync</c>.</summary>
    Start,

    /// <summary>The agent is asked to end: <c>OnStopAsync</c>.</summary>
    Stop,

    /// <summary>A task is to be done: <c>OnTaskAsync</c>. Its attempt is the asker.</summary>
    Task,

    /// <summary>No turn, but work of the host between two turns: an <see cref="AgentVisit"/>.</summary>
    Visit,
}
