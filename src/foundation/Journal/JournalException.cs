using Sirsi.Core.Errors;

namespace Sirsi.Journal;

/// <summary>The one exception of this library: the disk, or what lies on it, failed us.</summary>
public sealed class JournalException : SirsiException
{
    /// <summary>Fails with a documented code and a message written for the user.</summary>
    public JournalException(ErrorCode code, string message, Exception? cause = null)
        : base(code, message, cause)
    {
    }

    /// <summary>Something stored is not as it was stored.</summary>
    internal static JournalException Damaged(string segment, long position, string what) =>
        new(JournalErrors.Damaged, $"Segment {segment} is damaged at byte {position}: {what}.");
}
