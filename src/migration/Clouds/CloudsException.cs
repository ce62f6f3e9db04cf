using Sirsi.Core.Errors;

namespace Sirsi.Clouds;

/// <summary>The one exception of this library: an input file, a data table or a cloud failed us.</summary>
public sealed class CloudsException : SirsiException
{
    /// <summary>Fails with a documented code and a message written for the user.</summary>
    public CloudsException(ErrorCode code, string message, Exception? cause = null)
        : base(code, message, cause)
    {
    }
}
