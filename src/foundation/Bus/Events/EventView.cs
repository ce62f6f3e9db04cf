using System.Text;
using Sirsi.Core.Identity;

namespace Sirsi.Bus.Events;

/// <summary>
/// An event as it was received: a window on its bytes, which finds a part when it is asked for. Valid as long as whoever gave it says.
/// Immutable; safe for any number of threads while it is valid. Properties that give strings make a new one at each call.
/// </summary>
public readonly struct EventView
{
    private readonly ReadOnlyMemory<byte> _bytes;

    internal EventView(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    /// <summary>The event as the protobuf message <c>sirsi.v1.Event</c>.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>The event's id.</summary>
    public Id<EventKind> Id => IdOf<EventKind>(Scan().Id);

    /// <summary>Whose event it is.</summary>
    public TopicScope Scope
    {
        get
        {
            EventScan scan = Scan();
            return new TopicScope(Text(scan.Tenant), Text(scan.Project));
        }
    }

    /// <summary>What has happened, in UTF-8; does not allocate.</summary>
    public ReadOnlySpan<byte> SubjectUtf8 => Scan().Subject;

    /// <summary>What has happened.</summary>
    public string Subject => Text(Scan().Subject);

    /// <summary>The key, in UTF-8, empty for none; does not allocate.</summary>
    public ReadOnlySpan<byte> KeyUtf8 => Scan().Key;

    /// <summary>The key, empty for none.</summary>
    public string Key => Text(Scan().Key);

    /// <summary>When it happened, to the microsecond.</summary>
    public DateTimeOffset Time => DateTimeOffset.UnixEpoch.AddTicks(Scan().TimeMicroseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>How urgent it is.</summary>
    public EventPriority Priority => Scan().Priority;

    /// <summary>The name of the payload's schema, empty for none.</summary>
    public string Schema => Text(Scan().Schema);

    /// <summary>The version of the payload's schema; 0 for none.</summary>
    public int SchemaVersion => Scan().SchemaVersion;

    /// <summary>The session it belongs to; default for none.</summary>
    public Id<SessionKind> Session => IdOf<SessionKind>(Scan().Session);

    /// <summary>The agent that published it; default for none.</summary>
    public Id<AgentKind> SourceAgent => IdOf<AgentKind>(Scan().SourceAgent);

    /// <summary>The agent it is meant for; default for none.</summary>
    public Id<AgentKind> TargetAgent => IdOf<AgentKind>(Scan().TargetAgent);

    /// <summary>What belongs together across events; empty for none.</summary>
    public string Correlation => Text(Scan().Correlation);

    /// <summary>The event that caused this one; default for none.</summary>
    public Id<EventKind> Causation => IdOf<EventKind>(Scan().Causation);

    /// <summary>The W3C <c>traceparent</c> value, empty for none.</summary>
    public string TraceParent => Text(Scan().TraceParent);

    /// <summary>The W3C <c>tracestate</c> value, empty for none.</summary>
    public string TraceState => Text(Scan().TraceState);

    /// <summary>The payload; does not allocate.</summary>
    public ReadOnlySpan<byte> Payload => Scan().Payload;

    /// <summary>The first header of a name, in any case of its letters; null when there is none.</summary>
    public string? Header(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach ((string key, string value) in Headers)
            if (string.Equals(key, name, StringComparison.OrdinalIgnoreCase)) return value;
        return null;
    }

    /// <summary>All headers in their order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers
    {
        get
        {
            List<KeyValuePair<string, string>> headers = [];
            for (ReadOnlySpan<byte> rest = Scan().Headers; EventScan.TryNextHeader(ref rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value);)
                headers.Add(new(Text(name), Text(value)));
            return headers;
        }
    }

    /// <summary>A message with all the same, to publish again; the copy stays valid.</summary>
    public EventMessage ToMessage()
    {
        EventScan scan = Scan();
        return new EventMessage
        {
            Scope = Scope,
            Subject = Text(scan.Subject),
            Key = Text(scan.Key),
            Id = IdOf<EventKind>(scan.Id),
            Time = Time,
            Priority = scan.Priority,
            Schema = Text(scan.Schema),
            SchemaVersion = scan.SchemaVersion,
            Session = IdOf<SessionKind>(scan.Session),
            SourceAgent = IdOf<AgentKind>(scan.SourceAgent),
            TargetAgent = IdOf<AgentKind>(scan.TargetAgent),
            Correlation = Text(scan.Correlation),
            Causation = IdOf<EventKind>(scan.Causation),
            TraceParent = Text(scan.TraceParent),
            TraceState = Text(scan.TraceState),
            Headers = Headers,
            Payload = scan.Payload.ToArray(),
        };
    }

    private EventScan Scan() =>
        EventScan.TryRead(_bytes.Span, out EventScan scan) ? scan : throw new InvalidOperationException("The view is empty: it holds no event.");

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    private static Id<TKind> IdOf<TKind>(ReadOnlySpan<byte> bytes)
        where TKind : IIdKind => bytes.IsEmpty ? default : new Id<TKind>(new Guid(bytes, bigEndian: true));
}
