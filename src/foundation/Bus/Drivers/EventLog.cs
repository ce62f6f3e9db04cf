using System.Runtime.InteropServices;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Events;

namespace Sirsi.Bus.Drivers;

/// <summary>One log of a driver. Safe for any number of threads.</summary>
public abstract class EventLog : IAsyncDisposable
{
    /// <summary>Which it is.</summary>
    public abstract LogName Name { get; }

    /// <summary>How many partitions it has, from 1; the same for its whole life.</summary>
    public abstract int Partitions { get; }

    /// <summary>
    /// Appends an event; completes when it is as safe as the driver makes it. The event's bytes are the log's until it completes. Waits, or fails as unavailable, while the log can take no more.
    /// </summary>
    public abstract ValueTask<PublishReceipt> AppendAsync(in NewEvent newEvent, CancellationToken cancellation);

    /// <summary>Makes a group, if there is none of its name, without joining it.</summary>
    public abstract ValueTask MakeGroupAsync(GroupOptions group, CancellationToken cancellation);

    /// <summary>Joins a group, which is made when there is none, as a new member.</summary>
    public abstract ValueTask<EventSource> JoinAsync(GroupOptions group, CancellationToken cancellation);

    /// <summary>Reads without a group.</summary>
    /// <exception cref="NotSupportedException">The driver's capabilities do not have it.</exception>
    public abstract ValueTask<EventSource> ReadAsync(ReadOptions read, CancellationToken cancellation);

    /// <summary>What the log holds.</summary>
    public abstract ValueTask<LogStatus> StatusAsync(CancellationToken cancellation);

    /// <summary>How far a group is; null when there is none of that name.</summary>
    public abstract ValueTask<GroupStatus?> StatusAsync(string group, CancellationToken cancellation);

    /// <summary>Closes it.</summary>
    public abstract ValueTask DisposeAsync();
}

/// <summary>An encoded event on its way into a log.</summary>
/// <param name="Partition">Where it goes, from 0.</param>
/// <param name="Id">Its id, for recognizing repetitions; empty when its publisher did not name one, so that there are none.</param>
/// <param name="TimeMilliseconds">When it is published, in milliseconds since 1970.</param>
/// <param name="Framed">The event as <c>sirsi.v1.Event</c> with <see cref="Headroom"/> bytes before it, in which a log may write what it likes.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct NewEvent(int Partition, Guid Id, long TimeMilliseconds, Memory<byte> Framed)
{
    /// <summary>Bytes before the event.</summary>
    public const int Headroom = 2;

    /// <summary>The event as <c>sirsi.v1.Event</c>.</summary>
    public ReadOnlyMemory<byte> Bytes => Framed[Headroom..];
}

/// <summary>What became of a publication.</summary>
/// <param name="Partition">The partition it is in, from 0.</param>
/// <param name="Position">Its place in the log; larger for later events of one partition.</param>
/// <param name="IsRepetition">Whether an event of this id was there already: then nothing was appended and the place is the earlier one's, or 0 where it is not known.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct PublishReceipt(int Partition, long Position, bool IsRepetition);

/// <summary>What a log holds.</summary>
/// <param name="Events">How many events are in it.</param>
/// <param name="Bytes">How many bytes they take, about.</param>
/// <param name="First">The position of the first event in it, or of the next when it is empty.</param>
/// <param name="Next">A position behind the last event.</param>
public sealed record LogStatus(long Events, long Bytes, long First, long Next);

/// <summary>How far a group is.</summary>
/// <param name="Group">Its name.</param>
/// <param name="Lag">Events in the log that it has not settled: waiting, held and in flight.</param>
/// <param name="Members">Members at work now, as far as the driver can tell.</param>
public sealed record GroupStatus(string Group, long Lag, int Members);
