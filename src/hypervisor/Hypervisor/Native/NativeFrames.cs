using System.Text.Json;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Hypervisor.Native;

/// <summary>What a native program is told: a line of JSON each, bytes in Base64.</summary>
internal static class NativeFrames
{
    /// <summary>What a process that has just begun is to know: who it is and what the agent has kept.</summary>
    public static byte[] Hello(AgentTurn turn) => Write("hello", writer =>
    {
        writer.WriteString("agent", turn.Self.ToString());
        writer.WriteStartObject("variables");
        foreach ((string name, ReadOnlyMemory<byte> value) in turn.CopyVariables()) writer.WriteBase64String(name, value.Span);
        writer.WriteEndObject();
    });

    public static byte[] Of(string kind, AgentMessage? message) => Write(kind, writer =>
    {
        if (message is null) return;
        writer.WriteNumber("number", message.Number);
        writer.WriteString("type", message.Type);
        writer.WriteString("from", message.From.IsEmpty ? "" : message.From.ToString());
        writer.WriteBoolean("asked", message.IsAsked);
        writer.WriteBase64String("payload", message.Payload.Span);
    });

    private static byte[] Write(string kind, Action<Utf8JsonWriter> members)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("frame", kind);
            members(writer);
            writer.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }
}
