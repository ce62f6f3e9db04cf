using System.Text;
using Sirsi.Bus.Events;

namespace Sirsi.Bus.Publishing;

/// <summary>Whether a message keeps the rules of its parts. What breaks them is a mistake of the caller.</summary>
internal static class EventCheck
{
    public const int SubjectLengthMax = 180;
    public const int TextBytesMax = 255;
    public const int TraceStateBytesMax = 512;
    public const int HeadersMax = 64;

    /// <exception cref="ArgumentException">A part breaks its rule; the message tells which and how.</exception>
    public static void ThrowUnlessValid(EventMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Scope.Tenant is null) throw new ArgumentException("The event has no scope.", nameof(message));
        if (!IsSubject(message.Subject)) ThrowForSubject(message.Subject);
        ThrowIfLong(message.Key, TextBytesMax, "key");
        ThrowIfLong(message.Schema, TextBytesMax, "schema's name");
        ThrowIfLong(message.Correlation, TextBytesMax, "correlation");
        ThrowIfLong(message.TraceParent, TextBytesMax, "trace parent");
        ThrowIfLong(message.TraceState, TraceStateBytesMax, "trace state");
        if (message.Priority is < EventPriority.Low or > EventPriority.Critical)
            throw new ArgumentException($"There is no priority {(int)message.Priority}.", nameof(message));
        if (message.SchemaVersion < 0) throw new ArgumentException("A schema's version is not negative.", nameof(message));
        if (message.Headers.Count > HeadersMax)
            throw new ArgumentException($"The event has {message.Headers.Count} headers, and {HeadersMax} are allowed.", nameof(message));
    }

    private static bool IsSubject(string subject)
    {
        if (subject is null || subject.Length is 0 or > SubjectLengthMax) return false;
        int part = 0, parts = 1;
        foreach (char c in subject)
        {
            if (c == '.')
            {
                if (part == 0) return false;
                part = 0;
                parts++;
            }
            else if (char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_')
            {
                part++;
                if (part > TopicParts.PartLengthMax) return false;
            }
            else
            {
                return false;
            }
        }

        return part > 0 && parts <= TopicParts.PartsMax - 2;
    }

    private static void ThrowForSubject(string subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        string problem = TopicParts.ProblemOf(subject, wildcards: false)
            ?? $"it has {subject.Length} characters in {subject.Count(static c => c == '.') + 1} parts, and {SubjectLengthMax} in {TopicParts.PartsMax - 2} are allowed";
        throw new ArgumentException($"'{subject}' is no subject: {problem}.", nameof(subject));
    }

    private static void ThrowIfLong(string text, int bytesMax, string what)
    {
        ArgumentNullException.ThrowIfNull(text, what);
        if (text.Length * 3 > bytesMax && Encoding.UTF8.GetByteCount(text) > bytesMax)
            throw new ArgumentException($"The event's {what} is longer than {bytesMax} bytes.", what);
    }
}
