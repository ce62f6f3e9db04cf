using Sirsi.Core.Errors;

namespace Sirsi.Hypervisor;

public static partial class HypervisorErrors
{
    /// <summary>The operator has not allowed a native program.</summary>
    public static ErrorCode NativeNotAllowed { get; } = new(3090, "Native program is not allowed",
        "A native program may do all that the host's user may: whoever runs the host allows it by its path in AgentHostOptions.NativePrograms, or not.");

    /// <summary>A native program did not do its turn.</summary>
    public static ErrorCode NativeFailed { get; } = new(3091, "Native program failed",
        "See what the message says of it, and what it wrote to its standard error.");
}
