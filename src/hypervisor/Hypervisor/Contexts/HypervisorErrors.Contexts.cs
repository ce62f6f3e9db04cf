using Sirsi.Core.Errors;

namespace Sirsi.Hypervisor;

public static partial class HypervisorErrors
{
    /// <summary>A key of a session's context does not have the version that was expected.</summary>
    public static ErrorCode ContextConflict { get; } = new(3110, "Context was changed by somebody else",
        "Read the key again, and write with the version that it has now; the message names both.");

    /// <summary>A watcher of a session's context cannot be told every change any more.</summary>
    public static ErrorCode ContextFellBehind { get; } = new(3111, "Watch of a context fell behind",
        "Take the context's revision, list it, and watch again from the revision after that one; read the changes faster, or raise the limit that the message names.");
}
