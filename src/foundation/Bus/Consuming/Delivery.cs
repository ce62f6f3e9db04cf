using System.Runtime.InteropServices;
using Sirsi.Bus.Events;

namespace Sirsi.Bus.Consuming;

/// <summary>
/// An event handed to a member of a group, to be answered with <see cref="EventConsumer.Acknowledge(in Delivery)"/> or
/// <see cref="EventConsumer.Reject"/>. <see cref="Event"/> is valid until then, or until its visibility time-out is over, and no longer: copy what is needed after.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public readonly struct Delivery
{
    internal Delivery(EventView view, int partition, long position, int attempt, int slot, int generation) =>
        (Event, Partition, Position, Attempt, Slot, Generation) = (view, partition, position, attempt, slot, generation);

    /// <summary>The event.</summary>
    public EventView Event { get; }

    /// <summary>Its partition.</summary>
    public int Partition { get; }

    /// <summary>Its position in the log.</summary>
    public long Position { get; }

    /// <summary>Which delivery of it this is, from 1.</summary>
    public int Attempt { get; }

    internal int Slot { get; }

    internal int Generation { get; }
}

/// <summary>What a member of a group has done and has before it.</summary>
/// <param name="Delivered">Deliveries so far.</param>
/// <param name="Acknowledged">Deliveries answered well.</param>
/// <param name="Rejected">Deliveries answered badly.</param>
/// <param name="TimedOut">Deliveries not answered in time.</param>
/// <param name="Dead">Events written to the dead letters.</param>
/// <param name="InFlight">Deliveries unanswered now.</param>
/// <param name="Waiting">Events fetched and not settled, those in flight among them.</param>
/// <param name="LastProblem">What the log or its server last refused, until it works again; null when all is well.</param>
public sealed record ConsumerStatistics(
    long Delivered, long Acknowledged, long Rejected, long TimedOut, long Dead, int InFlight, int Waiting, string? LastProblem);
