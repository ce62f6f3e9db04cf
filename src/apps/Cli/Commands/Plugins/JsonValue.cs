using System.Text.Json;

namespace Sirsi.Cli.Commands.Plugins;

/// <summary>Makes JSON values by writing them.</summary>
internal static class JsonValue
{
    /// <summary>An object with the members that <paramref name="members"/> writes.</summary>
    public static JsonElement Of(Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        using JsonDocument document = JsonDocument.Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
        return document.RootElement.Clone();
    }
}
