using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Sirsi.Core.Documents;

namespace Sirsi.Cli.Commands.Agents;

/// <summary>One thing that happened in a host.</summary>
/// <param name="At">When.</param>
/// <param name="Agent">To which agent.</param>
/// <param name="What">What, in a word: <c>status</c>, <c>turn</c>, <c>log</c>.</param>
/// <param name="Details">Its members, as programs get them.</param>
internal sealed record Sighting(DateTimeOffset At, AgentId Agent, string What, (string Name, string Value)[] Details)
{
    /// <summary>A line for people.</summary>
    public string Line() => string.Create(CultureInfo.InvariantCulture, $"{At:HH:mm:ss.fff}  {Agent}  {Said()}");

    /// <summary>A line for programs.</summary>
    public string Document()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, SchemaDocument.Layout with { Indented = false }))
        {
            json.WriteStartObject();
            json.WriteString("schema", "sirsi.agent-sighting/1");
            json.WriteString("at", At);
            json.WriteString("agent", Agent.ToString());
            json.WriteString("what", What);
            foreach ((string name, string value) in Details)
                if (value.Length > 0) json.WriteString(name, value);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private string Said() => What switch
    {
        "log" => $"{Detail("level")}: {PlainText.Of(Detail("text"))}",
        "status" => $"{Detail("agentType")}  became {Detail("status")}: {PlainText.Of(Detail("reason"))}",
        _ => $"{Detail("agentType")}  {Turn()} {(Detail("error") is { Length: > 0 } error ? "failed: " + PlainText.Of(error) : "handled")}",
    };

    private string Turn() => Detail("type") is { Length: > 0 } type ? $"{Detail("kind")} {type}" : Detail("kind");

    private string Detail(string name) => Array.Find(Details, detail => detail.Name == name).Value ?? "";
}
