using System.Collections.Immutable;
using System.Text.Json;
using Sirsi.Hypervisor.LanguageModels;
using Sirsi.Hypervisor.Turns;
using Sirsi.Wasm;

namespace Sirsi.Hypervisor.Modules;

/// <summary>The <c>model_complete</c> of guests: JSON in, JSON out, as <c>docs/guides/write-an-agent.md</c> says. While the guest's thread waits the request runs elsewhere.</summary>
internal static class GuestModel
{
    public static byte[] Complete(GuestTurn guest, WasmCall call, byte[] json)
    {
        AgentTurn turn = guest.Turn;
        ModelRequest request = Read(json);
        return Write(call.Await(over =>
        {
            Task<ModelAnswer> asking = turn.ExecutorForWaiters.RunAsync(() => turn.CompleteAsync(request, over));
            guest.Sending = asking;
            return asking;
        }));
    }

    private static ModelRequest Read(byte[] json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            ImmutableArray<ModelMessage> messages = [.. root.GetProperty("messages").EnumerateArray().Select(static message => new ModelMessage(
                message.GetProperty("role").GetString() switch
                {
                    "user" => ModelRole.User,
                    "assistant" => ModelRole.Assistant,
                    _ => throw new FormatException(),
                },
                message.GetProperty("text").GetString()!))];
            var request = new ModelRequest(root.GetProperty("model").GetString()!, messages);
            if (root.TryGetProperty("system", out JsonElement system)) request = request with { System = system.GetString()! };
            if (root.TryGetProperty("max_tokens", out JsonElement most)) request = request with { OutputTokensMax = most.GetInt32() };
            if (root.TryGetProperty("temperature", out JsonElement temperature)) request = request with { Temperature = temperature.GetDouble() };
            if (root.TryGetProperty("stop", out JsonElement stop)) request = request with { Stop = [.. stop.EnumerateArray().Select(static text => text.GetString()!)] };
            return request;
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw new InvalidOperationException("A request to a model is JSON with model and messages, each with role (user or assistant) and text; system, max_tokens, temperature and stop may be there.", wrong);
        }
    }

    private static byte[] Write(ModelAnswer answer)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("outcome", WordOf(answer.Outcome));
            writer.WriteString("text", answer.Text);
            writer.WriteString("stop", WordOf(answer.Stop));
            writer.WriteNumber("tokens_in", answer.TokensIn);
            writer.WriteNumber("tokens_out", answer.TokensOut);
            writer.WriteNumber("money", answer.Money);
            writer.WriteString("reason", answer.Reason);
            writer.WriteEndObject();
        }

        return bytes.ToArray();
    }

    /// <summary>As <c>timed-out</c>.</summary>
    private static string WordOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
