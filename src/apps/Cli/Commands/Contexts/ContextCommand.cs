using System.CommandLine;
using Sirsi.Cli.Commands.Agents;
using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Contexts;

namespace Sirsi.Cli.Commands.Contexts;

/// <summary><c>sirsi context</c>: what the agents of a session know together.</summary>
internal static class ContextCommand
{
    /// <summary>The verb and what is below it.</summary>
    public static Verb Create(Terminal terminal, HostEnvironment environment)
    {
        var hosts = new HostVerb(terminal, environment);
        return new Verb("context", "Reads and writes the keys that the agents of a session share, on this machine.")
        {
            Get(hosts), Put(hosts), List(hosts), History(hosts), Delete(hosts), ContextWatchVerb.Create(hosts),
        };
    }

    /// <summary>The argument that takes the beginning of keys.</summary>
    public static Argument<string> Prefix() => new("PREFIX") { Description = "Only keys that begin with this.", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = static _ => "" };

    private static Verb Get(HostVerb hosts)
    {
        Argument<string> session = SessionCommand.Reference(), key = Key();
        var verb = new Verb("get", "Writes what a key holds, as it is.", "sirsi context get demo plan/waves", "sirsi context get demo plan/waves --json") { session, key };
        return hosts.Create(verb, async (host, call) =>
        {
            SessionContext context = host.Session(call.Get(session)).Context;
            await host.RestAsync(call.Cancellation);
            if (context.Get(call.Get(key)) is not { } entry) throw new CliException(CliErrors.NotFound, $"There is no key '{PlainText.Of(call.Get(key))}'. 'sirsi context list {call.Get(session)}' lists those there are.");
            ContextReport.Show(call, entry);
        });
    }

    private static Verb Put(HostVerb hosts)
    {
        Argument<string> session = SessionCommand.Reference(), key = Key();
        var value = new Argument<string>("VALUE") { HelpName = "TEXT|@FILE|-", Description = "What it is to hold; @FILE takes it from a file, - from standard input." };
        Option<long?> expected = Expected("The version that the key must have, 0 for a key that must not exist; without it, whichever.", 0);
        var verb = new Verb("put", "Sets a key.",
            "sirsi context put demo plan/approved yes", "sirsi context put demo plan/waves @waves.json --expect 3", "sirsi context put demo lock mine --expect 0")
        {
            session, key, value, expected,
        };
        return hosts.Create(verb, async (host, call) =>
        {
            SessionContext context = host.Session(call.Get(session)).Context;
            byte[] bytes = InputBytes.Read(call.Terminal, call.Get(value) is "-" ? "@-" : call.Get(value));
            ContextWrite write = await context.PutAsync(call.Get(key), bytes, call.Get(expected), call.Cancellation);
            write.ThrowIfConflict();
            ContextReport.Show(call, write, "Set");
        });
    }

    private static Verb Delete(HostVerb hosts)
    {
        Argument<string> session = SessionCommand.Reference(), key = Key();
        Option<long?> expected = Expected("The version that the key must have; without it, whichever, also none.", 1);
        var verb = new Verb("delete", "Deletes a key.", "sirsi context delete demo plan/approved", "sirsi context delete demo plan/waves --expect 4 --json") { session, key, expected };
        return hosts.Create(verb, async (host, call) =>
        {
            ContextWrite write = await host.Session(call.Get(session)).Context.DeleteAsync(call.Get(key), call.Get(expected), call.Cancellation);
            write.ThrowIfConflict();
            ContextReport.Show(call, write, write.Revision > 0 ? "Deleted" : "Was not there:");
        });
    }

    private static Verb List(HostVerb hosts)
    {
        Argument<string> session = SessionCommand.Reference(), prefix = Prefix();
        var after = new Option<string?>("--after") { Description = "Only keys behind this one: for the next page, the last key of this one.", HelpName = "KEY" };
        Option<int> limit = Limit("Keys at most.", 100);
        var verb = new Verb("list", "Lists keys, in their order.", "sirsi context list demo", "sirsi context list demo plan/ --limit 10 --after plan/b --json") { session, prefix, after, limit };
        return hosts.Create(verb, async (host, call) =>
        {
            SessionContext context = host.Session(call.Get(session)).Context;
            await host.RestAsync(call.Cancellation);
            ContextReport.List(call, context, context.List(call.Get(prefix), call.Get(after), call.Get(limit)));
        });
    }

    private static Verb History(HostVerb hosts)
    {
        Argument<string> session = SessionCommand.Reference(), key = Key();
        Option<int> limit = Limit("The last so many.", SessionContext.ListMax);
        var verb = new Verb("history", "Shows what a key held, as far as that is kept, the oldest first.", "sirsi context history demo plan/waves", "sirsi context history demo plan/waves --limit 3 --json") { session, key, limit };
        return hosts.Create(verb, async (host, call) =>
        {
            SessionContext context = host.Session(call.Get(session)).Context;
            await host.RestAsync(call.Cancellation);
            ContextReport.History(call, call.Get(key), context.History(call.Get(key), call.Get(limit)));
        });
    }

    private static Argument<string> Key() => new("KEY") { Description = "The key: printable ASCII without blank, comma, quotes, backslash and '*'." };

    private static Option<int> Limit(string description, int byDefault)
    {
        var limit = new Option<int>("--limit") { Description = description, HelpName = "N", DefaultValueFactory = _ => byDefault };
        limit.Bound(static number => number is >= 1 and <= SessionContext.ListMax, $"--limit is 1 to {SessionContext.ListMax}.");
        return limit;
    }

    private static Option<long?> Expected(string description, long least)
    {
        var expected = new Option<long?>("--expect") { Description = description, HelpName = "VERSION" };
        expected.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && long.TryParse(token.Value, System.Globalization.CultureInfo.InvariantCulture, out long version) && version < least) result.AddError($"--expect is {least} or more.");
        });
        return expected;
    }
}
