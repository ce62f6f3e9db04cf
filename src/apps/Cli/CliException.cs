using Sirsi.Core.Errors;

namespace Sirsi.Cli;

/// <summary>The one exception of this program: what was asked for can not be done.</summary>
internal sealed class CliException : SirsiException
{
    /// <summary>Fails with a documented code and a message for the user.</summary>
    public CliException(ErrorCode code, string message)
        : base(code, message)
    {
    }
}
