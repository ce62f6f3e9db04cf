using Sirsi.Core.Errors;

namespace Sirsi.Store;

/// <summary>The one exception of this library: a database, a disk or a network failed us, or the database cannot be used by this program.</summary>
public sealed class StoreException : SirsiException
{
    /// <summary>Fails with a documented code and a message written for the user.</summary>
    public StoreException(ErrorCode code, string message, Exception? cause = null)
        : base(code, message, cause)
    {
    }
}
