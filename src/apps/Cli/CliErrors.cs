using Sirsi.Core.Errors;

namespace Sirsi.Cli;

/// <summary>The codes of this program: 6000 to 6099.</summary>
internal static class CliErrors
{
    /// <summary>The command line makes no sense.</summary>
    public static readonly ErrorCode Usage = new(6001, "Wrong use of the command line",
        "Compare with the examples that --help shows.");

    /// <summary>Something that was asked for by name is not there.</summary>
    public static readonly ErrorCode NotFound = new(6002, "No such thing",
        "Check the spelling; where something comes near, the message lists it.");

    /// <summary>A WebAssembly module was refused.</summary>
    public static readonly ErrorCode ModuleRefused = new(6010, "WebAssembly module cannot be used",
        "See what is wrong at the place the message names; 'sirsi wasm inspect' shows what a module asks for.");

    /// <summary>A text is no WebAssembly module.</summary>
    public static readonly ErrorCode TextMalformed = new(6011, "Text is not a WebAssembly module",
        "Mend the text at every line and column the message names.");

    /// <summary>A WebAssembly program was stopped.</summary>
    public static readonly ErrorCode GuestStopped = new(6012, "WebAssembly program was stopped",
        "The innermost function comes first. Where a limit stopped it, raise --fuel, --timeout or --memory-max-mib.");

    /// <summary>A plug-in reported an error or was stopped.</summary>
    public static readonly ErrorCode PluginFailed = new(6013, "Plug-in failed",
        "The message is the plug-in's own where it gave one. Where a limit stopped it, raise --fuel, --timeout or --memory-max-mib.");

    /// <summary>An agent did not take a message.</summary>
    public static readonly ErrorCode MessageNotTaken = new(6020, "Message was not taken",
        "Do what the message says, and send it again; with --key it is handled once, however often it is sent.");

    /// <summary>A question has no answer.</summary>
    public static readonly ErrorCode NoReply = new(6021, "Agent gave no answer",
        "See what the message says; 'sirsi agent show' tells what became of the agent.");

    /// <summary>An agent is not in a state for what was asked.</summary>
    public static readonly ErrorCode AgentStateWrong = new(6022, "Agent's state does not allow this",
        "See 'sirsi agent show' for its state, and do first what the message says.");

    /// <summary>A task has not succeeded while the command waited.</summary>
    public static readonly ErrorCode TaskNotDone = new(6023, "Task has not succeeded",
        "See 'sirsi task show' for what became of it; what waits or runs goes on with the next command, or in 'sirsi agent watch'.");

    /// <summary>A task is not in a state for what was asked.</summary>
    public static readonly ErrorCode TaskStateWrong = new(6024, "Task's state does not allow this",
        "See 'sirsi task show' for its state.");

    /// <summary>A file of tasks was refused; nothing of it was submitted.</summary>
    public static readonly ErrorCode TasksRefused = new(6025, "File of tasks cannot be used",
        "Mend the file at every place the message names; nothing of it was submitted.");
}
