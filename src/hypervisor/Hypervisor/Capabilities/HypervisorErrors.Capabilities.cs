using Sirsi.Core.Errors;

namespace Sirsi.Hypervisor;

public static partial class HypervisorErrors
{
    /// <summary>A text that should be a capability is none, or a set has too many.</summary>
    public static ErrorCode CapabilityInvalid { get; } = new(3040, "Capability cannot be read",
        "Write an action and, if it is not to be granted whole, a scope: 'net.http:api.example.com', 'context.write:plan/*'.");

    /// <summary>Somebody asked for what they have no capability for.</summary>
    public static ErrorCode CapabilityRefused { get; } = new(3041, "Not allowed",
        "Grant the capability that the message names, to the agent and to those it is derived from.");
}
