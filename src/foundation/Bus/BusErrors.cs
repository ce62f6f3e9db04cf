using Sirsi.Core.Errors;

namespace Sirsi.Bus;

/// <summary>
/// The documented failures of this library, 1500 to 1599. Each part of it lists its own codes beside its code: publishing 1500–1509,
/// consuming 1510–1519, schemas 1520–1539, drivers 1540–1599.
/// </summary>
public static partial class BusErrors
{
    /// <summary>The server or the folder behind the bus does not do what was asked.</summary>
    public static ErrorCode Unavailable { get; } = new(
        1540, "Event bus cannot be reached", "Check that the server or the folder behind the bus is there, and what it says of itself.");

    /// <summary>The server does not let the bus in, or not do what it needs.</summary>
    public static ErrorCode Refused { get; } = new(
        1541, "Event bus is not allowed to do that", "Check the user, its password or token, its permissions, and the server's version.");

    /// <summary>What a server keeps of a group cannot be read.</summary>
    public static ErrorCode GroupRecordBroken { get; } = new(
        1542, "What the server keeps of a consumer group cannot be read", "It was written by another version or another program: delete the group, or give it another name.");

    /// <summary>More publications are under way than the driver lets be.</summary>
    public static ErrorCode TooManyAppends { get; } = new(
        1543, "Too many publications are under way", "Publish smaller batches, wait for earlier ones first, or raise AppendsMax.");

    /// <summary>The server is not shown to be the one that was meant.</summary>
    public static ErrorCode ServerNotTrusted { get; } = new(
        1544, "Event bus does not trust the server",
        "Name the authority that signed the server's certificate in TlsAuthorityFile, call the server by a name its certificate has, and look that this port speaks TLS.");
}
