using System.CommandLine;
using Sirsi.Hypervisor.Agents;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Agents;

/// <summary><c>sirsi agent watch</c>: hosts the agents and shows what they do.</summary>
internal static class WatchVerb
{
    public static Verb Create(HostVerb hosts)
    {
        var id = new Argument<string?>("AGENT") { HelpName = "ID", Description = "Show only this agent; all of them run.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> length = Durations.Option("--for", "End after this time; without it, when interrupted.");
        var verb = new Verb("watch", "Lets the agents run, schedules too, and shows what happens, until it is interrupted.", "sirsi agent watch", "sirsi agent watch 3gwxyz --for 10s --json") { id, length };
        return hosts.Create(verb, () => new WatchSight(hosts.Environment.Time), async (sight, host, call) =>
        {
            Agent? only = call.Parsed.GetValue(id) is { } text ? host.Agent(text) : null;
            using CancellationTokenSource time = call.Get(length) is { } given ? new(Durations.Read(given), hosts.Environment.Time) : new();
            using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation, time.Token);
            await foreach (Sighting seen in sight.ReadAsync(over.Token))
            {
                if (only is null || seen.Agent == only.Id) await call.Terminal.Output.WriteLineAsync(call.Json ? seen.Document() : seen.Line());
            }

            if (sight.Missed > 0) call.Terminal.Messages.MarkupLineInterpolated($"[yellow]not shown[/]: {sight.Missed} more that came too quickly.");
        });
    }
}
