using System.Globalization;
using Sirsi.Cli.Output;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Approvals;
using Sirsi.Hypervisor.Capabilities;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Agents;

/// <summary>Shows agents to people.</summary>
internal static class AgentReport
{
    public static string Word(AgentStatus status) => status.ToString().ToLowerInvariant();

    /// <summary>The end of a sentence: its status, why when it rests, and what waits for it.</summary>
    public static string State(Agent agent)
    {
        string why = Why(agent) is { Length: > 0 } reason ? ": " + reason.TrimEnd('.') : "";
        int count = agent.HasEnded ? 0 : agent.MailboxCount;
        string waiting = count == 0 ? "" : $"; {Amounts.Count(count, "message")} {(count == 1 ? "waits" : "wait")}";
        return $"{Word(agent.Status)}{why}{waiting}.";
    }

    /// <summary>What one change left behind.</summary>
    public static void Show(CommandCall call, Agent agent, string done)
    {
        if (call.Json) call.Terminal.WriteJson(AgentDocument.Schema, json => AgentDocument.Write(json, agent, values: false));
        else call.Terminal.Results.MarkupLineInterpolated($"{done} [bold]{agent.Id}[/] ({agent.Type.Name}), which is {State(agent)}");
    }

    public static void List(CommandCall call, IReadOnlyList<Agent> agents)
    {
        if (call.Json) call.Terminal.WriteJson("sirsi.agent-list/1", json => AgentDocument.WriteList(json, agents));
        else if (agents.Count == 0) call.Terminal.Results.WriteLine("There is no such agent. 'sirsi agent spawn TYPE --session ID' makes one.");
        else WriteTable(call.Terminal.Results, agents);
    }

    public static void WriteTable(IAnsiConsole console, IReadOnlyList<Agent> agents)
    {
        var table = new Listing("Agent", "Type", "Status", ">Waiting", "Session", "Why");
        foreach (Agent agent in agents)
            table.Row(agent.Id.ToString(), agent.Type.Name, Word(agent.Status), Amounts.Count(agent.MailboxCount), SessionReport.Label(agent.Session), SessionReport.Text(Why(agent)));
        table.WriteTo(console);
    }

    public static void Explain(CommandCall call, Agent agent, bool values)
    {
        if (call.Json)
        {
            call.Terminal.WriteJson(AgentDocument.Schema, json => AgentDocument.Write(json, agent, values));
            return;
        }

        IAnsiConsole console = call.Terminal.Results;
        console.MarkupLineInterpolated($"[bold]{agent.Id}[/] ({agent.Type.Name}) is {State(agent)}");
        WriteFacts(console, agent);
        WriteChanges(console, agent);
        WriteVariables(console, agent, values);
        WriteCapabilities(console, agent);
        if (agent.Approvals() is not { Length: > 0 } approvals) return;
        console.WriteLine();
        WriteApprovals(console, approvals);
    }

    public static void WriteApprovals(IAnsiConsole console, IEnumerable<ApprovalRequest> approvals)
    {
        var table = new Listing(">Request", "Agent", "Asks for", "Until", "Details");
        foreach (ApprovalRequest request in approvals)
            table.Row(request.Number.ToString(CultureInfo.InvariantCulture), request.Agent.ToString(), PlainText.Of(request.Kind), SessionReport.Instant(request.ExpiresAt), PlainText.Of(request.Details.Span));
        table.WriteTo(console);
    }

    /// <summary>Why it rests; empty when it does not.</summary>
    private static string Why(Agent agent) =>
        agent.Status is AgentStatus.Suspended or AgentStatus.Quarantined ? PlainText.Of(agent.Changes().LastOrDefault()?.Reason ?? "")
        : agent.Approvals() is { Length: > 0 } approvals ? $"It asks a person: {PlainText.Of(approvals[0].Kind)}"
        : "";

    private static void WriteFacts(IAnsiConsole console, Agent agent)
    {
        var facts = new Listing("", "");
        facts.Row("Session", $"{agent.Session.Id}{(agent.Session.Options.Name.Length > 0 ? $" ({agent.Session.Options.Name})" : "")}");
        facts.Row("Parent", SessionReport.Text(agent.ParentId.ToString()));
        facts.Row("Children", SessionReport.Text(string.Join(", ", agent.Children().Select(static child => child.Id.ToString()))));
        facts.Row("Mailbox", Amounts.Count(agent.MailboxCount, "message"));
        facts.Row("Last error", PlainText.Of(agent.LastError ?? "–"));
        if (agent.UnknownStep is { } step) facts.Row("Unknown step", $"{step.Name} ({step.Key}): nobody knows what came of it");
        facts.WriteTo(console);
    }

    private static void WriteChanges(IAnsiConsole console, Agent agent)
    {
        if (agent.Changes() is not { Length: > 0 } changes) return;
        console.WriteLine();
        var table = new Listing("Became", "At", "Why");
        foreach (StatusChange change in changes) table.Row(Word(change.Status), SessionReport.Instant(change.At), PlainText.Of(change.Reason));
        table.WriteTo(console);
    }

    private static void WriteVariables(IAnsiConsole console, Agent agent, bool values)
    {
        IReadOnlyDictionary<string, ReadOnlyMemory<byte>> variables = agent.CopyVariables();
        if (variables.Count == 0) return;
        console.WriteLine();
        Listing table = values ? new("Variable", ">Bytes", "Value") : new("Variable", ">Bytes");
        foreach ((string name, ReadOnlyMemory<byte> value) in variables)
        {
            if (values) table.Row(name, Amounts.Count(value.Length), PlainText.Of(value.Span));
            else table.Row(name, Amounts.Count(value.Length));
        }

        table.WriteTo(console);
    }

    private static void WriteCapabilities(IAnsiConsole console, Agent agent)
    {
        if (agent.Grant?.Snapshot() is not { } grant) return;
        console.WriteLine();
        var table = new Listing("May", ">Used", "Until");
        foreach (CapabilityUse use in grant.Uses)
        {
            string until = grant.IsRevoked || grant.Revoked.Any(taken => taken.Covers(use.Capability)) ? "revoked" : grant.ExpiresAt is { } end ? SessionReport.Instant(end) : "–";
            table.Row(use.Capability.ToString(), use.Count.ToString("N0", CultureInfo.InvariantCulture), until);
        }

        table.WriteTo(console);
        if (grant.Revoked.Count > 0) console.WriteLine($"Taken from it: {string.Join(", ", grant.Revoked)}");
        if (grant.Refused > 0) console.WriteLine($"Refused: {grant.Refused.ToString("N0", CultureInfo.InvariantCulture)}");
    }
}
