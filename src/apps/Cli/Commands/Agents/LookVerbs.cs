using System.CommandLine;
using Sirsi.Hypervisor.Agents;

namespace Sirsi.Cli.Commands.Agents;

/// <summary>What changes nothing: <c>sirsi agent list</c> and <c>show</c>.</summary>
internal static class LookVerbs
{
    public static Verb List(HostVerb hosts)
    {
        Option<string?> session = AgentCommand.SessionOption("Only agents of this session.");
        var status = new Option<string?>("--status") { Description = "Only agents with this status.", HelpName = "STATUS" };
        status.AcceptOnlyFromAmong([.. Enum.GetNames<AgentStatus>().Select(static name => name.ToLowerInvariant())]);
        var verb = new Verb("list", "Lists the agents there are.", "sirsi agent list", "sirsi agent list --session demo --status suspended --json") { session, status };
        return hosts.Create(verb, async (host, call) =>
        {
            await host.RestAsync(call.Cancellation);
            IReadOnlyList<Agent> agents = call.Get(session) is { } id ? host.Session(id).Agents() : host.AllAgents();
            AgentReport.List(call, [.. agents.Where(agent => call.Get(status) is not { } wanted || AgentReport.Word(agent.Status) == wanted)]);
        });
    }

    public static Verb Show(HostVerb hosts)
    {
        Argument<string> id = AgentCommand.Reference();
        var values = new Option<bool>("--values") { Description = "Show what its variables hold." };
        var verb = new Verb("show", "Shows all there is to know of an agent.", "sirsi agent show 3gwxyz", "sirsi agent show 3gwxyz --values --json") { id, values };
        return hosts.Create(verb, async (host, call) =>
        {
            await host.RestAsync(call.Cancellation);
            AgentReport.Explain(call, host.Agent(call.Get(id)), call.Get(values));
        });
    }
}
