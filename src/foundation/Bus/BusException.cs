using Sirsi.Core.Errors;

namespace Sirsi.Bus;

/// <summary>The one exception of this library: a server, a disk or an event failed us.</summary>
public sealed class BusException : SirsiException
{
    /// <summary>Fails with a documented code and a message written for the user.</summary>
    public BusException(ErrorCode code, string message, Exception? cause = null)
        : base(code, message, cause)
    {
    }
}
