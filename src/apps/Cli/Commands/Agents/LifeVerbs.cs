using System.CommandLine;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Capabilities;

namespace Sirsi.Cli.Commands.Agents;

/// <summary>What changes how an agent lives: <c>sirsi agent suspend</c>, <c>resume</c>, <c>kill</c>, <c>revoke</c>. Each shows the agent it changed.</summary>
internal static class LifeVerbs
{
    public static Verb Suspend(HostVerb hosts)
    {
        Argument<string> id = AgentCommand.Reference();
        Option<string> reason = Reason("Suspended");
        var verb = new Verb("suspend", "Lets an agent rest; its mailbox fills meanwhile.", "sirsi agent suspend 3gwxyz --reason \"until the report is in\"") { id, reason };
        return hosts.Create(verb, async (host, call) =>
        {
            Agent agent = host.Agent(call.Get(id));
            if (!await agent.SuspendAsync(call.Get(reason)!))
                throw new CliException(CliErrors.AgentStateWrong, $"{agent.Id} is {AgentReport.Word(agent.Status)} and cannot be suspended.");
            AgentReport.Show(call, agent, "Suspended");
        });
    }

    public static Verb Resume(HostVerb hosts)
    {
        Argument<string> id = AgentCommand.Reference();
        Option<string> reason = Reason("Resumed");
        var verb = new Verb("resume", "Lets an agent go on that is suspended or in quarantine.", "sirsi agent resume 3gwxyz") { id, reason };
        return hosts.Create(verb, async (host, call) =>
        {
            Agent agent = host.Agent(call.Get(id));
            host.Modules.ThrowUnlessThere(agent.Type.Name);
            if (!await agent.ResumeAsync(call.Get(reason)!))
                throw new CliException(CliErrors.AgentStateWrong, $"{agent.Id} is {AgentReport.Word(agent.Status)}, and so there is nothing to resume.");
            await host.RestAsync(call.Cancellation);
            AgentReport.Show(call, agent, "Resumed");
        });
    }

    public static Verb Kill(HostVerb hosts)
    {
        Argument<string> id = AgentCommand.Reference();
        Option<string> reason = Reason("Ended");
        Option<string> grace = Durations.Option("--grace", "How long it may take to end before it is ended by force.", "10s");
        var verb = new Verb("kill", "Ends an agent: its children first, then what is in its mailbox, then its last turn.", "sirsi agent kill 3gwxyz", "sirsi agent kill 3gwxyz --grace 1m")
        {
            id, reason, grace,
        };
        return hosts.Create(verb, async (host, call) =>
        {
            Agent agent = host.Agent(call.Get(id));
            await agent.StopAsync(call.Get(reason)!, Durations.Read(call.Get(grace)!));
            AgentReport.Show(call, agent, "Ended");
        });
    }

    public static Verb Revoke(HostVerb hosts)
    {
        Argument<string> id = AgentCommand.Reference();
        var capability = new Argument<string?>("CAPABILITY") { Description = "What it may no longer do.", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "Take all capabilities from it." };
        var verb = new Verb("revoke", "Takes a capability from an agent and from all it has given it on to, for good.", "sirsi agent revoke 3gwxyz agent.spawn:counter", "sirsi agent revoke 3gwxyz --all")
        {
            id, capability, all,
        };
        return hosts.Create(verb, async (host, call) =>
        {
            string? text = call.Parsed.GetValue(capability);
            if (text is null != call.Get(all)) throw new CliException(CliErrors.Usage, "Name one capability, or all of them with --all.");
            Agent agent = host.Agent(call.Get(id));
            Capability? taken = null;
            if (text is not null && !Capability.TryParse(text, out taken, out string? problem)) throw new CliException(CliErrors.Usage, problem);
            if (agent.Grant is not { } grant) throw new CliException(CliErrors.AgentStateWrong, $"{agent.Id} was given no capabilities.");
            // What takes nothing away is a slip more likely than a precaution.
            if (taken is not null && !grant.Capabilities.Any(given => given.Covers(taken) || taken.Covers(given)))
                throw new CliException(CliErrors.NotFound, $"{agent.Id} was not given {taken}, but {grant.Capabilities}.");
            await agent.RevokeAsync(taken);
            AgentReport.Show(call, agent, taken is null ? "Revoked all of" : $"Revoked {taken} of");
        });
    }

    private static Option<string> Reason(string done)
    {
        var reason = new Option<string>("--reason") { Description = "Why, for those who look later.", HelpName = "TEXT", DefaultValueFactory = _ => $"{done} by {Environment.UserName}." };
        reason.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<string>() is { Length: 0 or > 1_000 }) result.AddError("--reason is 1 to 1,000 characters.");
        });
        return reason;
    }
}
