using System.CommandLine;
using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;

namespace Sirsi.Cli.Commands.Agents;

/// <summary><c>sirsi agent</c>: agents of the active modules, kept in the data folder from one command to the next.</summary>
internal static class AgentCommand
{
    /// <summary>The verb and what is below it.</summary>
    public static Verb Create(Terminal terminal, HostEnvironment environment)
    {
        var hosts = new HostVerb(terminal, environment);
        return new Verb("agent", "Makes agents of the active modules, writes to them, looks at them and ends them, on this machine.")
        {
            SpawnVerbs.Spawn(hosts),
            SpawnVerbs.Fork(hosts),
            LookVerbs.List(hosts),
            LookVerbs.Show(hosts),
            MessageVerbs.Send(hosts),
            MessageVerbs.Ask(hosts),
            LifeVerbs.Suspend(hosts),
            LifeVerbs.Resume(hosts),
            LifeVerbs.Kill(hosts),
            LifeVerbs.Revoke(hosts),
            ApprovalVerbs.List(hosts),
            ApprovalVerbs.Approve(hosts),
            ApprovalVerbs.Deny(hosts),
            StepVerbs.List(hosts),
            StepVerbs.Settle(hosts),
            DeadVerb.Create(hosts),
            WatchVerb.Create(hosts),
        };
    }

    /// <summary>The argument that names an agent.</summary>
    public static Argument<string> Reference() => new("AGENT") { HelpName = "ID", Description = "The agent: its id, or a beginning or ending of it that no other has." };

    /// <summary>The option that takes a session.</summary>
    public static Option<string?> SessionOption(string description) => new("--session", "-s") { Description = description, HelpName = "ID" };
}
