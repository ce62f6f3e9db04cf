using Sirsi.Bus.Events;
using Sirsi.Bus.Publishing;

namespace Sirsi.Bus.Drivers;

/// <summary>
/// What carries the events: a folder, a server, memory. It appends, hands out in order, and remembers what is settled; all else that the bus promises is the
/// <see cref="EventBus"/>'s work. Safe for any number of threads. What the outside world refuses comes out as <see cref="BusException"/>.
/// </summary>
public abstract class BusDriver : IAsyncDisposable
{
    /// <summary>Its name in messages and statistics: <c>memory</c>, <c>embedded</c>, <c>redis</c> …</summary>
    public abstract string Name { get; }

    /// <summary>What it can do beyond what every driver must.</summary>
    public abstract BusCapabilities Capabilities { get; }

    /// <summary>Opens a log, which is made when there is none. Called once for each log of a bus.</summary>
    public abstract ValueTask<EventLog> OpenAsync(LogName name, LogOptions options, CancellationToken cancellation);

    /// <summary>Asks whether the driver works right now.</summary>
    public abstract ValueTask<BusHealth> CheckAsync(CancellationToken cancellation);

    /// <summary>Gives back what it holds; logs and sources are disposed of before.</summary>
    public abstract ValueTask DisposeAsync();
}

/// <summary>What a driver can do beyond what every driver must.</summary>
[Flags]
public enum BusCapabilities
{
    /// <summary>Nothing more.</summary>
    None = 0,

    /// <summary>
    /// A log keeps its events for whoever comes: it can be read from its beginning or from a position, without a group, as often as wanted, and new groups may begin there. Without
    /// this a new group begins with what is published after its making.
    /// </summary>
    ReadFromPosition = 1,

    /// <summary>A log can be read from an instant.</summary>
    ReadFromTime = 2,

    /// <summary>An event whose id was published within the window is not appended again.</summary>
    Deduplication = 4,

    /// <summary>Old events leave by age.</summary>
    RetentionByAge = 8,

    /// <summary>Old events leave by size.</summary>
    RetentionBySize = 16,

    /// <summary>An acknowledged publication survives the loss of power of the machine that keeps it.</summary>
    Durable = 32,

    /// <summary>Groups may have members in several processes.</summary>
    SharedGroups = 64,

    /// <summary>After a change of members attempts count deliveries only; without it, what a member had fetched and not delivered may count too.</summary>
    ExactAttempts = 128,
}

/// <summary>Whether a bus works.</summary>
/// <param name="IsHealthy">Whether events can be published and received.</param>
/// <param name="Description">One line for people: what answers, or what is wrong. Holds no secret.</param>
public sealed record BusHealth(bool IsHealthy, string Description);
