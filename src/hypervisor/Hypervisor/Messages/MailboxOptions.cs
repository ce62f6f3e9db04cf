namespace Sirsi.Hypervisor.Messages;

/// <summary>What happens to a message that finds the mailbox full.</summary>
public enum MailboxPolicy
{
    /// <summary>It is not taken, and its sender is told. Between durable agents as <see cref="Wait"/>: what a turn has stored is not taken back.</summary>
    Reject,

    /// <summary>
    /// The oldest message makes room. Not for durable agents, which lose nothing they have taken.
    /// </summary>
    DropOldest,

    /// <summary>
    /// Its sender waits. From outside the message is taken when there is room. An agent's message is taken at once and the agent held up until there is
    /// room, <see cref="MailboxOptions.HoldMax"/> at most, so that two agents that fill each other's mailbox go on in the end.
    /// </summary>
    Wait,
}

/// <summary>How much waits for an agent, and what happens to more.</summary>
public sealed record MailboxOptions
{
    /// <summary>Messages at most; default 1,000.</summary>
    public int MessagesMax { get; init; } = 1_000;

    /// <summary>Bytes at most, 128 counted for a message besides its payload; default 4 MiB.</summary>
    public int BytesMax { get; init; } = 4 << 20;

    /// <summary>The longest payload of one message, in bytes; default 1 MiB.</summary>
    public int PayloadBytesMax { get; init; } = 1 << 20;

    /// <summary>What happens to a message that finds the mailbox full; default <see cref="MailboxPolicy.Wait"/>.</summary>
    public MailboxPolicy Policy { get; init; } = MailboxPolicy.Wait;

    /// <summary>How long a full mailbox holds up an agent that has sent to it; default a second.</summary>
    public TimeSpan HoldMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Every broken rule, in words for the one who wrote the options; empty when they are valid.</summary>
    public IEnumerable<string> Problems()
    {
        if (MessagesMax is < 1 or > 10_000_000) yield return $"MessagesMax is {MessagesMax}; it must be 1 to 10,000,000.";
        if (BytesMax < 1_024) yield return $"BytesMax is {BytesMax}; it must be at least 1,024.";
        if (PayloadBytesMax < 0 || PayloadBytesMax > BytesMax) yield return $"PayloadBytesMax is {PayloadBytesMax}; it must be 0 to BytesMax.";
        if (!Enum.IsDefined(Policy)) yield return "Policy must be reject, drop oldest or wait.";
        if (HoldMax < TimeSpan.Zero || HoldMax > TimeSpan.FromMinutes(10)) yield return $"HoldMax is {HoldMax}; it must be 0 to 10 minutes.";
    }
}
