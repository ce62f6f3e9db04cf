using System.Globalization;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;

namespace Sirsi.Bus.Consuming;

/// <summary>
/// What a group could not process, in the log of dead letters: the event with its id, key and payload, the subject <c>dead.GROUP.SUBJECT</c>, and
/// headers that tell why and where it was.
/// </summary>
public static class DeadLetter
{
    /// <summary>The header with the last delivery's reason.</summary>
    public const string ReasonHeader = "sirsi-dead-reason";

    /// <summary>The header with the number of deliveries.</summary>
    public const string AttemptsHeader = "sirsi-dead-attempts";

    /// <summary>The header with the position in the log it came from.</summary>
    public const string PositionHeader = "sirsi-dead-position";

    /// <summary>The header, in an event published again, with the id of the dead letter.</summary>
    public const string ReplayHeader = "sirsi-replay-of";

    /// <summary>The subject of a group's dead letter of an event with <paramref name="subject"/>.</summary>
    public static string SubjectOf(string group, string subject) => $"{LogName.DeadLetterArea}.{group}.{subject}";

    internal static NewEvent Of(in Slot slot, string group, DateTimeOffset now)
    {
        EventMessage message = new EventView(slot.Bytes).ToMessage();
        // The letter keeps the id: written twice, because a crash came between it and its settling, it is recognized as a repetition.
        message.Subject = SubjectOf(group, message.Subject);
        message.Headers =
        [
            .. message.Headers,
            new(ReasonHeader, slot.Reason ?? ""),
            new(AttemptsHeader, slot.Attempts.ToString(CultureInfo.InvariantCulture)),
            new(PositionHeader, slot.Position.ToString(CultureInfo.InvariantCulture)),
        ];
        byte[] framed = new byte[NewEvent.Headroom + EventWriter.LengthMaxOf(message)];
        long time = (message.Time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        int length = EventWriter.Write(message, message.Id.Value, time, framed.AsSpan(NewEvent.Headroom));
        return new NewEvent(0, message.Id.Value, now.ToUnixTimeMilliseconds(), framed.AsMemory(0, NewEvent.Headroom + length));
    }

    /// <summary>The event that a dead letter was, under a new id, to be published again.</summary>
    internal static EventMessage Revive(EventView letter, string group)
    {
        EventMessage message = letter.ToMessage();
        message.Subject = message.Subject[SubjectOf(group, "").Length..];
        message.Headers =
        [
            .. message.Headers.Where(static h => h.Key is not (ReasonHeader or AttemptsHeader or PositionHeader or ReplayHeader)),
            new(ReplayHeader, message.Id.ToString()),
        ];
        message.Id = default;
        return message;
    }
}
