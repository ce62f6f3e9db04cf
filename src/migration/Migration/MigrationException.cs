using Sirsi.Core.Errors;

namespace Sirsi.Migration;

/// <summary>The one exception of this library: an input or the output folder failed us.</summary>
public sealed class MigrationException : SirsiException
{
    /// <summary>Fails with a documented code and a message written for the user.</summary>
    public MigrationException(ErrorCode code, string message, Exception? cause = null)
        : base(code, message, cause)
    {
    }
}
