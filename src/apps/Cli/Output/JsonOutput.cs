using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sirsi.Cli.Output;

/// <summary>Writes the one JSON document a command answers with.</summary>
internal static class JsonOutput
{
    /// <summary>Writes an object that begins with its schema, indented, and a line end.</summary>
    public static void WriteJson(this Terminal terminal, string schema, Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream();
        // The document goes to a terminal or a program, not into a web page: what is readable stays as it is.
        var options = new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            json.WriteStartObject();
            json.WriteString("schema", schema);
            members(json);
            json.WriteEndObject();
        }

        terminal.Output.Write(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
        terminal.Output.Write('\n');
    }
}
