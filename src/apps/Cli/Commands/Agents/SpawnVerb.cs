using System.CommandLine;
using System.Text;
using Sirsi.Hypervisor.Agents;

namespace Sirsi.Cli.Commands.Agents;

/// <summary><c>sirsi agent spawn</c>.</summary>
internal static class SpawnVerb
{
    public static Verb Create(HostVerb hosts)
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
            Agent agent = await host.Session(call.Get(session)!).SpawnAsync(wanted, new SpawnOptions
            {
                Capabilities = CapabilityOption.Read(call.Get(capabilities)),
                Variables = Pairs.Read(call.Get(variables)).ToDictionary(static pair => pair.Key, static pair => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(pair.Value)), StringComparer.Ordinal),
            }, call.Cancellation);
            await host.RestAsync(call.Cancellation);
            AgentReport.Show(call, agent, "Spawned");
        });
    }
}
