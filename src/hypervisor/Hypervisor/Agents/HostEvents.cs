namespace Sirsi.Hypervisor.Agents;

/// <summary>The types of the messages that <see cref="IAgentBehavior.OnEventAsync"/> is given. Payloads are JSON of the <c>sirsi.agent-event/1</c> form.</summary>
public static class HostEvents
{
    /// <summary>A child has ended, failed or come into quarantine: <c>{"agent", "status", "reason"}</c>.</summary>
    public const string ChildEnded = "sirsi.child-ended";

    /// <summary>A person has answered a request, or it has expired: <c>{"number", "kind", "decision", "by", "comment"}</c>.</summary>
    public const string ApprovalAnswered = "sirsi.approval-answered";

    /// <summary>A message this agent sent was not taken: <c>{"agent", "type", "number", "outcome"}</c>.</summary>
    public const string Undeliverable = "sirsi.undeliverable";
}
