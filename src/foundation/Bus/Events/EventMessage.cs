using Sirsi.Core.Identity;

namespace Sirsi.Bus.Events;

/// <summary>
/// An event to publish. The bus has taken over all it holds when the call to publish returns, before the event is durable, so one object can be
/// filled and published again and again. Not thread-safe.
/// </summary>
public sealed class EventMessage
{
    /// <summary>Whose event it is. Set by the host from who publishes.</summary>
    public required TopicScope Scope { get; set; }

    /// <summary>What has happened: <c>agent.lifecycle.started</c>. At most 255 characters, 14 parts of 64.</summary>
    public required string Subject { get; set; }

    /// <summary>Events with one key keep their order and are processed one at a time; none by default. At most 255 bytes of UTF-8.</summary>
    public string Key { get; set; } = "";

    /// <summary>The event's id, by which repetitions are recognized; when default, the bus gives it one.</summary>
    public Id<EventKind> Id { get; set; }

    /// <summary>When it happened; when default, the time of publishing. Kept to the microsecond.</summary>
    public DateTimeOffset Time { get; set; }

    /// <summary>How urgent it is; <see cref="EventPriority.Normal"/> by default.</summary>
    public EventPriority Priority { get; set; } = EventPriority.Normal;

    /// <summary>The name of the payload's schema, empty for none.</summary>
    public string Schema { get; set; } = "";

    /// <summary>The version of the payload's schema, from 1; 0 for none.</summary>
    public int SchemaVersion { get; set; }

    /// <summary>The session it belongs to, if any.</summary>
    public Id<SessionKind> Session { get; set; }

    /// <summary>The agent that published it, if any.</summary>
    public Id<AgentKind> SourceAgent { get; set; }

    /// <summary>The agent it is meant for, if any.</summary>
    public Id<AgentKind> TargetAgent { get; set; }

    /// <summary>What belongs together across events; empty for none. At most 255 bytes of UTF-8.</summary>
    public string Correlation { get; set; } = "";

    /// <summary>The event that caused this one, if any.</summary>
    public Id<EventKind> Causation { get; set; }

    /// <summary>The W3C <c>traceparent</c> value, empty for none.</summary>
    public string TraceParent { get; set; } = "";

    /// <summary>The W3C <c>tracestate</c> value, empty for none. At most 512 bytes.</summary>
    public string TraceState { get; set; } = "";

    /// <summary>Names and values of the publisher's own, at most 64; names need not be unique.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; set; } = [];

    /// <summary>The payload.</summary>
    public ReadOnlyMemory<byte> Payload { get; set; }
}
