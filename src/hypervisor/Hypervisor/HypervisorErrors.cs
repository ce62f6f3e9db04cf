using Sirsi.Core.Errors;

namespace Sirsi.Hypervisor;

/// <summary>The error codes of this library. What is an outcome and not a failure has none: it is a value.</summary>
public static partial class HypervisorErrors
{
    /// <summary>A session cannot be opened or used.</summary>
    public static ErrorCode SessionClosed { get; } = new(3000, "Session is closed",
        "Open a new session, or resume this one before it expires.");

    /// <summary>A quota does not allow it.</summary>
    public static ErrorCode QuotaExceeded { get; } = new(3001, "Quota is used up",
        "End what is no longer needed, or raise the quota that the message names.");

    /// <summary>Nobody registered the agent type.</summary>
    public static ErrorCode AgentTypeUnknown { get; } = new(3002, "No such agent type",
        "Register the type before agents of it are spawned; the message names the types there are.");

    /// <summary>The host is draining or has stopped.</summary>
    public static ErrorCode HostStopped { get; } = new(3003, "Host takes no more work",
        "It is stopping: send the work to another host, or again when this one runs.");

    /// <summary>The journal has failed, or another host has taken it over: nothing durable goes on until the host is opened again.</summary>
    public static ErrorCode StorageFailed { get; } = new(3004, "Agents' journal cannot be written or read",
        "See what the message says of the disk or the database, mend it, and open the host again: it finds out what is stored.");

    /// <summary>The disk is full; nothing was stored.</summary>
    public static ErrorCode StorageFull { get; } = new(3005, "Disk of the agents' journal is full",
        "Make room on the disk: agents wait for it and go on by themselves.");

    /// <summary>A durable agent needs a host with a folder or a ledger, and a durable parent.</summary>
    public static ErrorCode NotDurable { get; } = new(3006, "Nothing to keep a durable agent in",
        "Open the host with a folder or a ledger, and spawn durable agents from outside or from durable agents.");

    /// <summary>More is to be stored at once than may wait, or the database is out of reach.</summary>
    public static ErrorCode StorageBusy { get; } = new(3007, "Agents' journal takes nothing now",
        "Send less at once, or again later: nothing of it was stored. Agents wait for it and go on by themselves.");

    /// <summary>The agent lives no more.</summary>
    public static ErrorCode AgentEnded { get; } = new(3008, "Agent has ended",
        "Spawn another; what became of this one, its last status says.");

    /// <summary>The turn under way did not end in time.</summary>
    public static ErrorCode AgentBusy { get; } = new(3009, "Agent is in a turn that takes long",
        "Again later, or end the agent: its turn ends at the latest with its time-out.");

    /// <summary>Another host has the folder or the ledger.</summary>
    public static ErrorCode FolderInUse { get; } = new(3010, "Agents' folder or ledger is in use",
        "Wait until the process that the message names has ended, or let it do the work: a folder or a ledger has one host at a time.");

    /// <summary>The host has more to do than it gets done.</summary>
    public static ErrorCode Overloaded { get; } = new(3011, "Host is overloaded",
        "Again later, and less at once: it takes nothing new from outside until it has caught up.");

    /// <summary>What a turn does takes more than one record of the journal.</summary>
    public static ErrorCode TurnTooLarge { get; } = new(3012, "Turn does more than can be stored at once",
        "Do it in several turns: submit fewer tasks in each, or submit from outside, where any number is taken at once, and keep large contents in files.");

    /// <summary>A module that agents cannot be made of.</summary>
    public static ErrorCode ModuleInvalid { get; } = new(3020, "Module cannot be used",
        "See what the message says of it; 'sirsi wasm inspect' shows what it imports and exports.");
}
