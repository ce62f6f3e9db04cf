using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Sirsi.Bus.Embedded;
using Sirsi.Bus.Events;
using Sirsi.Cli.Output;

namespace Sirsi.Cli.Commands.Bus;

/// <summary>Writes events, one a line: for people with what identifies them, for programs as JSON with everything.</summary>
internal sealed class EventLines(Terminal terminal, SubjectFilter? filter, bool json)
{
    private const int PreviewBytes = 60;

    public bool Wants(EmbeddedLogReader reader) => filter is null || filter.Matches(reader.ReadEvent().SubjectUtf8);

    public bool TryWrite(EmbeddedLogReader reader)
    {
        EventView view = reader.ReadEvent();
        if (filter is not null && !filter.Matches(view.SubjectUtf8)) return false;
        terminal.Output.WriteLine(json ? Document(reader, view) : Line(reader, view));
        return true;
    }

    private static string Line(EmbeddedLogReader reader, EventView view)
    {
        string key = view.Key.Length == 0 ? "–" : view.Key;
        return string.Create(CultureInfo.InvariantCulture,
            $"{reader.Position,10}  {reader.StoredAt:yyyy-MM-dd HH:mm:ss.fff}  {reader.Partition,3}  {view.Subject}  {key}  {Preview(view.Payload)}");
    }

    /// <summary>The payload's beginning where it is text, else its length.</summary>
    private static string Preview(ReadOnlySpan<byte> payload)
    {
        ReadOnlySpan<byte> beginning = payload.Length > PreviewBytes ? payload[..PreviewBytes] : payload;
        bool isText = beginning.IndexOfAnyInRange((byte)0, (byte)31) < 0 && System.Text.Unicode.Utf8.IsValid(beginning);
        string length = $"{payload.Length.ToString("N0", CultureInfo.InvariantCulture)} bytes";
        if (!isText || payload.IsEmpty) return length;
        return payload.Length > PreviewBytes ? $"{Encoding.UTF8.GetString(beginning)}… ({length})" : Encoding.UTF8.GetString(beginning);
    }

    private static string Document(EmbeddedLogReader reader, EventView view)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var document = new Utf8JsonWriter(buffer))
        {
            document.WriteStartObject();
            document.WriteString("schema", "sirsi.bus-event/1");
            document.WriteNumber("position", reader.Position);
            document.WriteNumber("partition", reader.Partition);
            document.WriteString("storedAt", reader.StoredAt);
            WriteParts(document, view);
            document.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteParts(Utf8JsonWriter document, EventView view)
    {
        EventMessage message = view.ToMessage();
        document.WriteString("id", message.Id.ToString());
        document.WriteString("scope", message.Scope.ToString());
        document.WriteString("subject", message.Subject);
        WriteUnlessEmpty(document, "key", message.Key);
        document.WriteString("priority", message.Priority.ToString().ToLowerInvariant());
        document.WriteString("time", message.Time);
        WriteUnlessEmpty(document, "schemaName", message.Schema);
        if (message.SchemaVersion > 0) document.WriteNumber("schemaVersion", message.SchemaVersion);
        WriteUnlessEmpty(document, "session", message.Session.ToString());
        WriteUnlessEmpty(document, "sourceAgent", message.SourceAgent.ToString());
        WriteUnlessEmpty(document, "targetAgent", message.TargetAgent.ToString());
        WriteUnlessEmpty(document, "correlation", message.Correlation);
        WriteUnlessEmpty(document, "causation", message.Causation.ToString());
        WriteUnlessEmpty(document, "traceParent", message.TraceParent);
        WriteUnlessEmpty(document, "traceState", message.TraceState);
        document.WriteStartArray("headers");
        foreach ((string name, string value) in message.Headers)
        {
            document.WriteStartObject();
            document.WriteString("name", name);
            document.WriteString("value", value);
            document.WriteEndObject();
        }

        document.WriteEndArray();
        document.WriteBase64String("payload", message.Payload.Span);
    }

    private static void WriteUnlessEmpty(Utf8JsonWriter document, string name, string value)
    {
        if (value.Length > 0) document.WriteString(name, value);
    }
}
