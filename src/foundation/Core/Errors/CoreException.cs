namespace Sirsi.Core.Errors;

/// <summary>The one exception of this library: a key, a file or a machine failed us.</summary>
public sealed class CoreException : SirsiException
{
    /// <summary>Fails with a documented code and a message written for the user.</summary>
    public CoreException(ErrorCode code, string message, Exception? cause = null)
        : base(code, message, cause)
    {
    }
}
