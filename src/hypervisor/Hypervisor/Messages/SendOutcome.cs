namespace Sirsi.Hypervisor.Messages;

/// <summary>Whether a message was taken.</summary>
public enum SendOutcome
{
    /// <summary>It is in the mailbox; that of a durable agent keeps it over a restart.</summary>
    Accepted,

    /// <summary>It is in the mailbox already: another with its idempotency key came before.</summary>
    Repeated,

    /// <summary>There is no such agent, or it is not the sender's to see.</summary>
    NoSuchAgent,

    /// <summary>The mailbox is full, and stayed full as long as the sender would wait.</summary>
    MailboxFull,

    /// <summary>The session's mailboxes hold as much as its quota allows.</summary>
    QuotaExceeded,

    /// <summary>The payload is longer than the agent's type takes.</summary>
    TooLarge,

    /// <summary>The agent is ending or has ended.</summary>
    Ended,

    /// <summary>The agent is in quarantine and takes nothing new.</summary>
    Quarantined,

    /// <summary>The sender has no capability for it.</summary>
    Refused,

    /// <summary>The sender's budget does not have it.</summary>
    OverBudget,

    /// <summary>Too much waits for the bus: again in a later turn.</summary>
    Busy,

    /// <summary>The host has more to do than it gets done, and takes nothing from outside: again later, and less.</summary>
    Overloaded,

    /// <summary>The host is stopping.</summary>
    HostStopped,
}
