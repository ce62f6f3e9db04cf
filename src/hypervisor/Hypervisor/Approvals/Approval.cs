namespace Sirsi.Hypervisor.Approvals;

/// <summary>What became of a request for a person's approval.</summary>
public enum ApprovalDecision
{
    /// <summary>A person says yes.</summary>
    Approved,

    /// <summary>A person says no.</summary>
    Denied,

    /// <summary>Nobody said anything in time.</summary>
    Expired,
}

/// <summary>A request that waits for a person.</summary>
/// <param name="Number">Tells requests of a host apart.</param>
/// <param name="Agent">Who asks.</param>
/// <param name="Kind">What is asked for, in the words of those who answer.</param>
/// <param name="Details">What a person has to see before answering: JSON as a rule.</param>
/// <param name="ExpiresAt">When it expires unanswered.</param>
public sealed record ApprovalRequest(long Number, AgentId Agent, string Kind, ReadOnlyMemory<byte> Details, DateTimeOffset ExpiresAt)
{
    /// <summary>The longest kind, in characters.</summary>
    public const int KindLengthMax = 128;

    /// <summary>The longest details, in bytes.</summary>
    public const int DetailBytesMax = 256 << 10;

    /// <summary>How many may wait for one agent.</summary>
    public const int PendingMax = 100;

    /// <summary>The step of the turn that was put aside for it; null when the answer comes as an event.</summary>
    internal int? Step { get; init; }
}

/// <summary>The answer to a request.</summary>
/// <param name="Decision">Yes, no, or none.</param>
/// <param name="By">Who said so; empty when nobody did.</param>
/// <param name="Comment">In words; may be empty.</param>
public sealed record ApprovalAnswer(ApprovalDecision Decision, string By, string Comment)
{
    /// <summary>Whether a person said yes.</summary>
    public bool IsApproved => Decision is ApprovalDecision.Approved;
}
