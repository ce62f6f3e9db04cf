using Sirsi.Core.Errors;

namespace Sirsi.Hypervisor;

/// <summary>The one exception of this library: a quota, a closed session, a disk or a server does not let the host do what was asked.</summary>
public sealed class HypervisorException : SirsiException
{
    /// <summary>Fails with a documented code and a message written for the user.</summary>
    public HypervisorException(ErrorCode code, string message, Exception? cause = null)
        : base(code, message, cause)
    {
    }
}
