using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sirsi.Core.Documents;

/// <summary>
/// How the program's JSON documents look (<c>docs/decisions/0004-schemas.md</c>): an indented object in UTF-8 that begins with its schema's
/// name and version. The same members give the same bytes.
/// </summary>
public static class SchemaDocument
{
    /// <summary>Bytes to hold before what has been written is handed on: a large document is never held as one text.</summary>
    public const int HeldBytesMax = 64 * 1024;

    /// <summary>The layout: indented, line feeds, letters of all languages and quotes as they are, for a document is no part of a web page.</summary>
    public static JsonWriterOptions Layout { get; } = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes a document with a line feed at its end, and leaves the stream open.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="schema">The schema's name and version, for example <c>sirsi.plan/1</c>.</param>
    /// <param name="members">Writes the members behind <c>schema</c>.</param>
    public static void Write(Stream stream, string schema, Action<Utf8JsonWriter> members)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentException.ThrowIfNullOrEmpty(schema);
        ArgumentNullException.ThrowIfNull(members);
        using (var json = new Utf8JsonWriter(stream, Layout))
        {
            json.WriteStartObject();
            json.WriteString("schema", schema);
            members(json);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    /// <summary>Writes a list of texts as a member.</summary>
    public static void WriteTexts(this Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(texts);
        json.WriteStartArray(name);
        foreach (string text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    /// <summary>Hands on what has been written once that is more than <see cref="HeldBytesMax"/>.</summary>
    public static void FlushIfLarge(this Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (json.BytesPending > HeldBytesMax) json.Flush();
    }
}
