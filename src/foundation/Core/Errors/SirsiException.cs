namespace Sirsi.Core.Errors;

/// <summary>
/// A failure of the outside world: a file, a server, a user's input. Each library derives its one exception type from
/// this. The message is written for the user: what is wrong, where, and what to do; it never holds a secret.
/// </summary>
public abstract class SirsiException : Exception
{
    /// <summary>Fails with a code, a message about this very case, and what caused it, if anything did.</summary>
    protected SirsiException(ErrorCode code, string message, Exception? cause = null)
        : base(message, cause)
    {
        ArgumentNullException.ThrowIfNull(code);
        Code = code;
    }

    /// <summary>Which of the documented failures this is.</summary>
    public ErrorCode Code { get; }
}
