using Sirsi.Core.Errors;

namespace Sirsi.Bus;

public static partial class BusErrors
{
    /// <summary>An event is longer than the bus takes.</summary>
    public static ErrorCode EventTooLong { get; } = new(
        1500, "Event is longer than the bus takes", "Publish a reference to the content instead, or raise EventBytesMax.");

    /// <summary>More logs than the bus may open.</summary>
    public static ErrorCode TooManyLogs { get; } = new(
        1501, "Too many logs are open", "Use fewer areas, the first parts of subjects, or raise LogsMax.");
}
