namespace Sirsi.Core.Errors;

public static partial class CoreErrors
{
    /// <summary>An operation that touches the system was asked for in a sandbox.</summary>
    public static ErrorCode SandboxRefused { get; } = new(
        1010, "Operation refused by the sandbox", "Run it outside sandbox mode, or let it work on what it is given instead of the system.");

    /// <summary>More operations wait than may.</summary>
    public static ErrorCode GovernorQueueFull { get; } = new(
        1011, "Too many operations are waiting", "Try again later, submit less at once, or raise the governor's WaitingMax.");

    /// <summary>The governor has been closed.</summary>
    public static ErrorCode GovernorClosed { get; } = new(
        1012, "Governor is closed", "What it governed has ended; start the work again in something that runs.");

    /// <summary>A reservation would exceed a memory limit.</summary>
    public static ErrorCode MemoryLimitReached { get; } = new(
        1013, "Memory limit reached", "Release memory, work on less at once, or raise the governor's MemoryBytesMax.");

    /// <summary>Options of a governor break rules.</summary>
    public static ErrorCode GovernorOptionsInvalid { get; } = new(
        1014, "Limits of a governor are not valid", "Mend every setting the message names.");
}
