using System.Globalization;
using System.Text.Json;
using Sirsi.Cli.Output;
using Sirsi.Core.Documents;
using Sirsi.Hypervisor.Sessions;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Agents;

/// <summary>Shows sessions.</summary>
internal static class SessionReport
{
    private const string Schema = "sirsi.session/1";

    /// <summary>What one change left behind.</summary>
    public static void Show(CommandCall call, Session session, string done)
    {
        if (call.Json) call.Terminal.WriteJson(Schema, json => WriteMembers(json, session));
        else call.Terminal.Results.MarkupLineInterpolated($"{done} [bold]{session.Id}[/]{Named(session)}{(session.Status is SessionStatus.Open ? ", until " + Instant(session.ExpiresAt) : "")}");
    }

    public static void List(CommandCall call, IReadOnlyList<Session> sessions)
    {
        if (call.Json)
        {
            call.Terminal.WriteJson("sirsi.session-list/1", json => WriteList(json, sessions));
            return;
        }

        if (sessions.Count == 0)
        {
            call.Terminal.Results.WriteLine("No session is open. 'sirsi session open' opens one.");
            return;
        }

        var table = new Listing("Session", "Name", ">Agents", "Until");
        foreach (Session session in sessions)
            table.Row(session.Id.ToString(), Text(session.Options.Name), Amounts.Count(session.AgentCount), Instant(session.ExpiresAt));
        table.WriteTo(call.Terminal.Results);
    }

    public static void Explain(CommandCall call, Session session)
    {
        if (call.Json)
        {
            Show(call, session, "");
            return;
        }

        IAnsiConsole console = call.Terminal.Results;
        console.MarkupLineInterpolated($"[bold]{session.Id}[/]{Named(session)}");
        new Listing("", "")
            .Row("Until", Instant(session.ExpiresAt))
            .Row("Agents", $"{Amounts.Count(session.AgentCount)} of at most {Amounts.Count(session.Options.AgentsMax)}")
            .Row("Mailboxes", $"{session.MailboxBytes.ToString("N0", CultureInfo.InvariantCulture)} of at most {session.Options.MailboxBytesMax.ToString("N0", CultureInfo.InvariantCulture)} bytes")
            .Row("May give on", Text(session.Options.Capabilities.ToString()))
            .WriteTo(console);
        if (session.AgentCount == 0) return;
        console.WriteLine();
        AgentReport.WriteTable(console, session.Agents());
    }

    /// <summary>The session as tables of agents name it.</summary>
    public static string Label(Session session) => session.Options.Name.Length > 0 ? session.Options.Name : session.Id.ToString();

    public static string Instant(DateTimeOffset instant) => instant.ToString("u", CultureInfo.InvariantCulture);

    /// <summary>A text, or a dash for none.</summary>
    public static string Text(string text) => text.Length > 0 ? text : "–";

    private static string Named(Session session) => session.Options.Name.Length > 0 ? $" ({session.Options.Name})" : "";

    private static void WriteList(Utf8JsonWriter json, IReadOnlyList<Session> sessions)
    {
        json.WriteStartArray("sessions");
        foreach (Session session in sessions)
        {
            json.WriteStartObject();
            WriteMembers(json, session);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteMembers(Utf8JsonWriter json, Session session)
    {
        json.WriteString("id", session.Id.ToString());
        json.WriteString("name", session.Options.Name);
        json.WriteString("status", session.Status.ToString().ToLowerInvariant());
        json.WriteString("expiresAt", session.ExpiresAt);
        json.WriteNumber("agents", session.AgentCount);
        json.WriteNumber("agentsMax", session.Options.AgentsMax);
        json.WriteNumber("mailboxBytes", session.MailboxBytes);
        json.WriteNumber("mailboxBytesMax", session.Options.MailboxBytesMax);
        json.WriteTexts("capabilities", session.Options.Capabilities.Select(static capability => capability.ToString()));
    }
}
