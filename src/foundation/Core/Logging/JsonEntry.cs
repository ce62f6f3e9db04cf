using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sirsi.Core.Logging;

/// <summary>An entry for machines: one line of JSON. Members come in a fixed order; fields in that of the template.</summary>
internal static class JsonEntry
{
    private static readonly JsonWriterOptions Compact = new()
    {
        // Lines are read by machines, never embedded in HTML: quotes and umlauts stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    public static void Write(IBufferWriter<byte> output, in LogEntry entry, DateTimeOffset now, LogOptions options)
    {
        using (var json = new Utf8JsonWriter(output, Compact))
        {
            json.WriteStartObject();
            json.WriteString("time", now.UtcDateTime);
            json.WriteString("level", entry.LevelWord);
            json.WriteString("category", entry.Category);
            if (entry.Event.Id != 0) json.WriteNumber("event", entry.Event.Id);
            if (entry.Event.Name is { } name) json.WriteString("name", name);
            json.WriteString("message", MaskedMessage.Shown(entry.Message, options.TextMax));
            Fields(json, "fields", entry.Fields, options.TextMax);
            Scopes(json, entry.Scopes, options.TextMax);
            if (entry.Exception is { } exception) json.WriteString("exception", MaskedMessage.Shown(exception.ToString(), options.TextMax));
            json.WriteEndObject();
        }
        output.Write("\n"u8);
    }

    private static void Scopes(Utf8JsonWriter json, IReadOnlyList<object> scopes, int textMax)
    {
        if (scopes.Count == 0) return;
        json.WriteStartArray("scopes");
        foreach (object scope in scopes)
        {
            if (scope is not IEnumerable<KeyValuePair<string, object?>> fields)
            {
                json.WriteStringValue(MaskedMessage.Shown(MaskedMessage.Text(scope), textMax));
                continue;
            }
            json.WriteStartObject();
            foreach ((string name, object? value) in fields)
                if (!MaskedMessage.IsTemplate(name)) Field(json, name, value, textMax);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Fields(Utf8JsonWriter json, string member, IEnumerable<KeyValuePair<string, object?>> fields, int textMax)
    {
        bool any = false;
        foreach ((string name, object? value) in fields)
        {
            if (MaskedMessage.IsTemplate(name)) continue;
            if (!any) json.WriteStartObject(member);
            any = true;
            Field(json, name, value, textMax);
        }
        if (any) json.WriteEndObject();
    }

    /// <summary>
    /// Numbers and truth values stay what they are, for they can be summed and counted; numbers under a secret name are masked too.
    /// </summary>
    private static void Field(Utf8JsonWriter json, string name, object? value, int textMax)
    {
        string shown = MaskedMessage.Shown(name, value, textMax);
        bool isMasked = shown == Secrets.SecretDetector.Replacement;
        switch (value)
        {
            case null:
                json.WriteNull(name);
                break;
            case bool truth:
                json.WriteBoolean(name, truth);
                break;
            case int or long or short or byte or uint or ulong or ushort or sbyte when !isMasked:
                json.WritePropertyName(name);
                json.WriteRawValue(shown);
                break;
            case double number when !isMasked && double.IsFinite(number):
                json.WriteNumber(name, number);
                break;
            case decimal number when !isMasked:
                json.WriteNumber(name, number);
                break;
            default:
                json.WriteString(name, shown);
                break;
        }
    }
}
