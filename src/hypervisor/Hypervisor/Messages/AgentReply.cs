namespace Sirsi.Hypervisor.Messages;

/// <summary>How a question to an agent ended.</summary>
public enum ReplyOutcome
{
    /// <summary>It replied.</summary>
    Replied,

    /// <summary>Its turn ended without a reply.</summary>
    NoReply,

    /// <summary>No reply came in time. The agent may have seen the question, or see it still.</summary>
    TimedOut,

    /// <summary>Its turn failed as often as it is tried.</summary>
    Failed,

    /// <summary>The question was not taken; <see cref="AgentReply.Sent"/> says why.</summary>
    NotSent,

    /// <summary>The agent ended before it came to the question.</summary>
    Ended,
}

/// <summary>An agent's answer, or why there is none.</summary>
/// <param name="Outcome">How the question ended.</param>
/// <param name="Payload">The answer; empty unless it replied.</param>
/// <param name="Sent">Whether the question was taken.</param>
/// <param name="Reason">In words, when there is no answer; else null.</param>
public readonly record struct AgentReply(ReplyOutcome Outcome, ReadOnlyMemory<byte> Payload, SendOutcome Sent = SendOutcome.Accepted, string? Reason = null)
{
    /// <summary>Whether there is an answer.</summary>
    public bool IsReplied => Outcome is ReplyOutcome.Replied;

    internal static AgentReply NotSent(SendOutcome sent) => new(ReplyOutcome.NotSent, default, sent, $"The question was not taken: {sent}.");
}
