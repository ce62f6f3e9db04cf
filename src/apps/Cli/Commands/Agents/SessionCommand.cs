using System.CommandLine;
using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Sessions;

namespace Sirsi.Cli.Commands.Agents;

/// <summary><c>sirsi session</c>: bounded periods of work that agents live in.</summary>
internal static class SessionCommand
{
    /// <summary>The verb and what is below it.</summary>
    public static Verb Create(Terminal terminal, HostEnvironment environment)
    {
        var hosts = new HostVerb(terminal, environment);
        return new Verb("session", "Opens and closes the sessions that agents live in, on this machine.")
        {
            Open(hosts), List(hosts), Show(hosts), Extend(hosts), Close(hosts),
        };
    }

    /// <summary>The argument that names a session.</summary>
    public static Argument<string> Reference() => new("SESSION") { HelpName = "ID", Description = "The session: its id, a beginning or ending of it that no other has, or its name." };

    private static Verb Open(HostVerb hosts)
    {
        var name = new Option<string>("--name") { Description = "What people call it.", HelpName = "NAME", DefaultValueFactory = static _ => "" };
        Option<string> lifetime = Durations.Option("--lifetime", "When it closes by itself, with all its agents.", "1d");
        var agentsMax = new Option<int>("--agents-max") { Description = "Agents at most.", HelpName = "N", DefaultValueFactory = static _ => new SessionOptions().AgentsMax };
        Option<string[]> capabilities = CapabilityOption.Create("What its agents may be given to do; any number of times. Nothing by default.");
        var verb = new Verb("open", "Opens a session.", "sirsi session open --name demo", "sirsi session open --lifetime 8h --agents-max 50 --capability agent.spawn:counter")
        {
            name, lifetime, agentsMax, capabilities,
        };
        return hosts.Create(verb, async (host, call) =>
        {
            var options = new SessionOptions
            {
                Name = call.Get(name)!,
                Lifetime = Durations.Read(call.Get(lifetime)!),
                AgentsMax = call.Get(agentsMax),
                Capabilities = CapabilityOption.Read(call.Get(capabilities)),
            };
            if (options.Name.Length > 0 && host.Sessions().Any(session => session.Options.Name == options.Name))
                throw new CliException(CliErrors.Usage, $"A session '{options.Name}' is open already: give another name, or close that one.");
            SessionReport.Show(call, await host.OpenSessionAsync(options, call.Cancellation), "Opened");
        });
    }

    private static Verb List(HostVerb hosts)
    {
        var verb = new Verb("list", "Lists the sessions that are open.", "sirsi session list", "sirsi session list --json");
        return hosts.Create(verb, async (host, call) =>
        {
            await host.RestAsync(call.Cancellation);
            SessionReport.List(call, host.Sessions());
        });
    }

    private static Verb Show(HostVerb hosts)
    {
        Argument<string> id = Reference();
        var verb = new Verb("show", "Shows a session, its quotas and its agents.", "sirsi session show demo", "sirsi session show 3gwxyz --json") { id };
        return hosts.Create(verb, async (host, call) =>
        {
            await host.RestAsync(call.Cancellation);
            SessionReport.Explain(call, host.Session(call.Get(id)));
        });
    }

    private static Verb Extend(HostVerb hosts)
    {
        Argument<string> id = Reference();
        Option<string> lifetime = Durations.Option("--lifetime", "When it closes by itself, from now.", "1d");
        var verb = new Verb("extend", "Lets a session last until so long from now.", "sirsi session extend demo --lifetime 7d") { id, lifetime };
        return hosts.Create(verb, async (host, call) =>
        {
            Session session = host.Session(call.Get(id));
            await session.ExtendAsync(Durations.Read(call.Get(lifetime)!));
            SessionReport.Show(call, session, "Extended");
        });
    }

    private static Verb Close(HostVerb hosts)
    {
        Argument<string> id = Reference();
        Option<string> grace = Durations.Option("--grace", "How long each agent may take to end before it is ended by force.", "10s");
        var verb = new Verb("close", "Ends a session and all its agents, children first.", "sirsi session close demo", "sirsi session close demo --grace 1m") { id, grace };
        return hosts.Create(verb, async (host, call) =>
        {
            Session session = host.Session(call.Get(id));
            await session.CloseAsync($"{Environment.UserName} closes it.", Durations.Read(call.Get(grace)!));
            SessionReport.Show(call, session, "Closed");
        });
    }
}
