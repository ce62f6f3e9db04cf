using System.CommandLine;
using System.Text.Json;
using Sirsi.Cli.Output;
using Sirsi.Hypervisor.Messages;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Agents;

/// <summary><c>sirsi agent dead</c>: messages that no turn will handle.</summary>
internal static class DeadVerb
{
    public static Verb Create(HostVerb hosts)
    {
        var id = new Argument<string?>("AGENT") { HelpName = "ID", Description = "Only messages to this agent.", Arity = ArgumentArity.ZeroOrOne };
        var verb = new Verb("dead", "Shows the messages that were set aside because no turn could handle them, those of earlier commands too.", "sirsi agent dead", "sirsi agent dead 3gwxyz --json") { id };
        return hosts.Create(verb, async (host, call) =>
        {
            await host.RestAsync(call.Cancellation);
            AgentId? only = call.Parsed.GetValue(id) is { } text ? host.Agent(text).Id : null;
            DeadLetter[] letters = [.. host.DeadLetters().Where(letter => only is null || letter.To == only)];
            if (call.Json) call.Terminal.WriteJson("sirsi.dead-letter-list/1", json => Write(json, letters));
            else if (letters.Length == 0) call.Terminal.Results.WriteLine("No message was set aside.");
            else WriteTable(call, letters);
        });
    }

    private static void WriteTable(CommandCall call, DeadLetter[] letters)
    {
        var table = new Listing("At", "To", "Type", ">Bytes", "Why");
        foreach (DeadLetter letter in letters)
            table.Row(SessionReport.Instant(letter.At), letter.To.ToString(), PlainText.Of(letter.Message.Type), Amounts.Count(letter.Message.Payload.Length), PlainText.Of(letter.Reason));
        table.WriteTo(call.Terminal.Results);
    }

    private static void Write(Utf8JsonWriter json, DeadLetter[] letters)
    {
        json.WriteStartArray("deadLetters");
        foreach (DeadLetter letter in letters)
        {
            json.WriteStartObject();
            json.WriteString("at", letter.At);
            json.WriteString("to", letter.To.ToString());
            json.WriteString("session", letter.Session.ToString());
            json.WriteString("from", letter.Message.From.ToString());
            json.WriteString("type", letter.Message.Type);
            json.WriteBase64String("payload", letter.Message.Payload.Span);
            json.WriteString("reason", letter.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
