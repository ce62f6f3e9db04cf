using System.CommandLine;
using System.Text;
using Sirsi.Hypervisor.Agents;

namespace Sirsi.Cli.Commands.Agents;

/// <summary>What makes agents: <c>sirsi agent spawn</c> and <c>fork</c>.</summary>
internal static class SpawnVerbs
{
    public static Verb Spawn(HostVerb hosts)
    {
        var type = new Argument<string>("TYPE") { Description = "The agent type: what an active module supplies, as a rule the module's name." };
        Option<string?> session = AgentCommand.SessionOption("The session it lives in.");
        session.Required = true;
        Option<string[]> capabilities = CapabilityOption.Create("What it may do, of what its session and its module may; any number of times. Nothing by default.");
        Option<string[]> variables = Pairs.Option("--variable", "A variable it begins with; any number of times.");
        var verb = new Verb("spawn", "Makes an agent of an active module.",
            "sirsi agent spawn counter --session demo", "sirsi agent spawn lead --session demo --capability agent.spawn:counter --variable goal=tidy")
        {
            type, session, capabilities, variables,
        };
        return hosts.Create(verb, async (host, call) =>
        {
            string wanted = call.Get(type);
            host.Modules.ThrowUnlessThere(wanted);
            Agent agent = await host.Session(call.Get(session)!).SpawnAsync(wanted, Options(call.Get(capabilities), call.Get(variables)), call.Cancellation);
            await host.RestAsync(call.Cancellation);
            AgentReport.Show(call, agent, "Spawned");
        });
    }

    public static Verb Fork(HostVerb hosts)
    {
        Argument<string> id = AgentCommand.Reference();
        Option<string[]> capabilities = CapabilityOption.Create("What the fork may do, of what its session and its module may; any number of times. Nothing by default.");
        Option<string[]> variables = Pairs.Option("--variable", "A variable that differs from the agent's; any number of times.");
        var verb = new Verb("fork", "Makes another agent that is what this one is now, with an empty mailbox, and goes its own way from there: for trying out.",
            "sirsi agent fork 3gwxyz", "sirsi agent fork 3gwxyz --variable goal=cheaper")
        {
            id, capabilities, variables,
        };
        return hosts.Create(verb, async (host, call) =>
        {
            Agent agent = host.Agent(call.Get(id));
            host.Modules.ThrowUnlessThere(agent.Type.Name);
            Agent fork = await agent.ForkAsync(Options(call.Get(capabilities), call.Get(variables)), call.Cancellation);
            await host.RestAsync(call.Cancellation);
            AgentReport.Show(call, fork, "Forked");
        });
    }

    private static SpawnOptions Options(string[]? capabilities, string[]? variables) => new()
    {
        Capabilities = CapabilityOption.Read(capabilities),
        Variables = Pairs.Read(variables).ToDictionary(static pair => pair.Key, static pair => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(pair.Value)), StringComparer.Ordinal),
    };
}
