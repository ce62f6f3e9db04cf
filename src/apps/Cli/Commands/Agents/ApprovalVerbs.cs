using System.CommandLine;
using Sirsi.Cli.Output;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Approvals;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Agents;

/// <summary>What agents ask people: <c>sirsi agent approvals</c>, <c>approve</c> and <c>deny</c>.</summary>
internal static class ApprovalVerbs
{
    public static Verb List(HostVerb hosts)
    {
        Option<string?> session = AgentCommand.SessionOption("Only of agents of this session.");
        var verb = new Verb("approvals", "Lists the requests that wait for a person.", "sirsi agent approvals", "sirsi agent approvals --session demo --json") { session };
        return hosts.Create(verb, async (host, call) =>
        {
            await host.RestAsync(call.Cancellation);
            IReadOnlyList<Agent> agents = call.Get(session) is { } id ? host.Session(id).Agents() : host.AllAgents();
            ApprovalRequest[] waiting = [.. agents.SelectMany(static agent => agent.Approvals()).OrderBy(static request => request.Number)];
            if (call.Json) call.Terminal.WriteJson("sirsi.approval-list/1", json => AgentDocument.WriteApprovals(json, waiting));
            else if (waiting.Length == 0) call.Terminal.Results.WriteLine("Nothing waits for a person.");
            else AgentReport.WriteApprovals(call.Terminal.Results, waiting);
        });
    }

    public static Verb Approve(HostVerb hosts) => Answer(
        hosts, new Verb("approve", "Says yes to a request.", "sirsi agent approve 3gwxyz 17", "sirsi agent approve 3gwxyz 17 --comment \"only today\""), ApprovalDecision.Approved);

    public static Verb Deny(HostVerb hosts) => Answer(
        hosts, new Verb("deny", "Says no to a request.", "sirsi agent deny 3gwxyz 17 --comment \"ask again on Monday\""), ApprovalDecision.Denied);

    private static Verb Answer(HostVerb hosts, Verb verb, ApprovalDecision decision)
    {
        Argument<string> id = AgentCommand.Reference();
        var number = new Argument<long>("REQUEST") { Description = "The request's number, as 'sirsi agent approvals' lists it." };
        var comment = new Option<string>("--comment") { Description = "What the agent is told besides.", HelpName = "TEXT", DefaultValueFactory = static _ => "" };
        verb.Add(id);
        verb.Add(number);
        verb.Add(comment);
        return hosts.Create(verb, async (host, call) =>
        {
            Agent agent = host.Agent(call.Get(id));
            long wanted = call.Get(number);
            if (!await agent.AnswerApprovalAsync(wanted, new ApprovalAnswer(decision, Environment.UserName, call.Get(comment)!)))
                throw new CliException(CliErrors.NotFound, $"No request {wanted} of {agent.Id} waits. {Waiting(agent)}");
            await host.RestAsync(call.Cancellation);
            AgentReport.Show(call, agent, decision is ApprovalDecision.Approved ? $"Approved request {wanted} of" : $"Denied request {wanted} of");
        });
    }

    private static string Waiting(Agent agent) => agent.Approvals() is { Length: > 0 } waiting
        ? $"There {(waiting.Length == 1 ? "is" : "are")}: {string.Join(", ", waiting.Select(static request => request.Number))}."
        : "It has none: it was answered, or has expired.";
}
