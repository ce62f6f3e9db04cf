using System.Text;
using System.Text.Json;
using Sirsi.Core.Documents;

namespace Sirsi.Cli.Output;

/// <summary>Writes JSON to the terminal, or to the program behind it.</summary>
internal static class JsonOutput
{
    /// <summary>Writes the one document a command answers with: an object that begins with its schema, indented, and a line end.</summary>
    public static void WriteJson(this Terminal terminal, string schema, Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream();
        SchemaDocument.Write(buffer, schema, members);
        terminal.Output.Write(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    /// <summary>Writes a value that is somebody else's, indented, and a line end.</summary>
    public static void WriteJson(this Terminal terminal, JsonElement value)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, SchemaDocument.Layout)) value.WriteTo(json);
        terminal.Output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }
}
