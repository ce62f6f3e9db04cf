using System.Text;
using Sirsi.Core.Identity;

namespace Sirsi.Bus.Events;

/// <summary>Which events somebody wants: all conditions that are set hold. Immutable; evaluated before delivery, without allocating.</summary>
public sealed class EventFilter
{
    private readonly SubjectFilter _subject;
    private readonly byte[]? _schema;
    private readonly Guid _session;
    private readonly Guid _sourceAgent;
    private readonly Guid _targetAgent;
    private readonly (byte[] Name, byte[] Value)[] _headers;

    /// <summary>The events of a scope that fit.</summary>
    /// <param name="scope">Whose events.</param>
    /// <param name="subject">The pattern of their subjects, <c>agent.*.task.&gt;</c>; its first part is literal.</param>
    /// <param name="schema">Only of this schema, if any.</param>
    /// <param name="session">Only of this session, if any.</param>
    /// <param name="sourceAgent">Only from this agent, if any.</param>
    /// <param name="targetAgent">Only for this agent, if any.</param>
    /// <param name="headers">Only with all these headers, names and values equal byte for byte.</param>
    /// <exception cref="ArgumentException">The subject is no pattern.</exception>
    public EventFilter(
        TopicScope scope, string subject, string? schema = null, Id<SessionKind> session = default, Id<AgentKind> sourceAgent = default,
        Id<AgentKind> targetAgent = default, IReadOnlyList<KeyValuePair<string, string>>? headers = null)
    {
        _subject = new SubjectFilter(subject);
        Scope = scope;
        _schema = schema is null ? null : Encoding.UTF8.GetBytes(schema);
        (_session, _sourceAgent, _targetAgent) = (session.Value, sourceAgent.Value, targetAgent.Value);
        _headers = [.. (headers ?? []).Select(static h => (Encoding.UTF8.GetBytes(h.Key), Encoding.UTF8.GetBytes(h.Value)))];
    }

    /// <summary>Whose events.</summary>
    public TopicScope Scope { get; }

    /// <summary>The pattern of subjects.</summary>
    public string Subject => _subject.Pattern;

    /// <summary>The log the events are in.</summary>
    public LogName Log => LogName.Of(Scope, Subject);

    /// <summary>Whether an event of the log fits.</summary>
    public bool Matches(EventView view) => EventScan.TryRead(view.Bytes.Span, out EventScan scan) && Matches(scan);

    internal bool Matches(in EventScan scan) =>
        _subject.Matches(scan.Subject)
        && (_schema is null || scan.Schema.SequenceEqual(_schema))
        && IsAt(_session, scan.Session) && IsAt(_sourceAgent, scan.SourceAgent) && IsAt(_targetAgent, scan.TargetAgent)
        && (_headers.Length == 0 || HasHeaders(scan.Headers));

    private static bool IsAt(Guid wanted, ReadOnlySpan<byte> found) =>
        wanted == Guid.Empty || (!found.IsEmpty && new Guid(found, bigEndian: true) == wanted);

    private bool HasHeaders(ReadOnlySpan<byte> headers)
    {
        foreach ((byte[] wantedName, byte[] wantedValue) in _headers)
        {
            bool has = false;
            for (ReadOnlySpan<byte> rest = headers; !has && EventScan.TryNextHeader(ref rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value);)
                has = name.SequenceEqual(wantedName) && value.SequenceEqual(wantedValue);
            if (!has) return false;
        }

        return true;
    }
}
