using System.CommandLine;
using Sirsi.Cli.Commands.Agents;
using Sirsi.Hypervisor.Contexts;

namespace Sirsi.Cli.Commands.Contexts;

/// <summary><c>sirsi context watch</c>: hosts the agents and shows what they write.</summary>
internal static class ContextWatchVerb
{
    public static Verb Create(HostVerb hosts)
    {
        Argument<string> session = SessionCommand.Reference(), prefix = ContextCommand.Prefix();
        var from = new Option<long?>("--from") { Description = "Begin with this revision; without it, with what comes.", HelpName = "REVISION" };
        from.Validators.Add(static result =>
        {
            if (result.Tokens is [var token] && long.TryParse(token.Value, System.Globalization.CultureInfo.InvariantCulture, out long revision) && revision < 1) result.AddError("--from is 1 or more.");
        });
        Option<string?> length = Durations.Option("--for", "End after this time; without it, when interrupted.");
        var verb = new Verb("watch", "Lets the agents run and shows what is written to the context, until it is interrupted.", "sirsi context watch demo", "sirsi context watch demo plan/ --from 1 --for 10s --json")
        {
            session, prefix, from, length,
        };
        return hosts.Create(verb, async (host, call) =>
        {
            SessionContext context = host.Session(call.Get(session)).Context;
            using CancellationTokenSource time = call.Get(length) is { } given ? new(Durations.Read(given), hosts.Environment.Time) : new();
            using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation, time.Token);
            try
            {
                await foreach (ContextEntry entry in context.WatchAsync(call.Get(prefix), call.Get(from), over.Token))
                    await call.Terminal.Output.WriteLineAsync(call.Json ? ContextReport.Document(entry) : ContextReport.Line(entry));
            }
            catch (OperationCanceledException)
            {
                // That is how it ends.
            }
        });
    }
}
