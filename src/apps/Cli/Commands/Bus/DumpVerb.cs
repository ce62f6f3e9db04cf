using System.CommandLine;
using Sirsi.Bus.Embedded;
using Sirsi.Bus.Events;
using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;

namespace Sirsi.Cli.Commands.Bus;

/// <summary><c>sirsi bus dump</c> and <c>sirsi bus tail</c>: the events of a log, one a line.</summary>
internal static class DumpVerb
{
    private const int TailCount = 10;
    private static readonly TimeSpan Wait = TimeSpan.FromMinutes(1);

    public static Verb CreateDump(Terminal terminal, HostEnvironment environment)
    {
        Argument<string> folder = BusCommand.FolderArgument();
        Option<string?> log = LogOption(), subject = SubjectOption();
        var from = new Option<long>("--from") { Description = "The first position to show.", HelpName = "POSITION", DefaultValueFactory = static _ => 1 };
        var since = new Option<DateTimeOffset?>("--since") { Description = "Only events stored at this instant or later.", HelpName = "TIME" };
        var limit = new Option<long?>("--limit", "-n") { Description = "At most so many.", HelpName = "N" };
        var json = new Option<bool>("--json") { Description = "One JSON document a line, with the payload in base 64." };
        var verb = new Verb("dump", "Shows the events of a log.",
            "sirsi bus dump ./data/bus --log acme.web.task --limit 20", "sirsi bus dump ./data/bus --subject 'task.*.failed' --since 2026-11-26T08:00:00Z --json")
        {
            folder, log, subject, from, since, limit, json,
        };
        verb.SetAction(async (parsed, cancellation) =>
        {
            EmbeddedLogFolder source = BusCommand.OneLog(environment, parsed.GetRequiredValue(folder), parsed.GetValue(log));
            var lines = new EventLines(terminal, Filter(parsed.GetValue(subject)), parsed.GetValue(json));
            long left = parsed.GetValue(limit) ?? long.MaxValue;
            using EmbeddedLogReader reader = parsed.GetValue(since) is { } instant ? source.OpenReader(instant) : source.OpenReader(parsed.GetValue(from));
            while (left > 0 && await reader.ReadAsync(cancellation))
                if (lines.TryWrite(reader)) left--;
            return ExitCode.Ok;
        });
        return verb;
    }

    public static Verb CreateTail(Terminal terminal, HostEnvironment environment)
    {
        Argument<string> folder = BusCommand.FolderArgument();
        Option<string?> log = LogOption(), subject = SubjectOption();
        var count = new Option<int>("--lines", "-n") { Description = $"So many of the last events first; {TailCount} by default.", HelpName = "N", DefaultValueFactory = static _ => TailCount };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what is published from now on, until interrupted." };
        var json = new Option<bool>("--json") { Description = "One JSON document a line, with the payload in base 64." };
        var verb = new Verb("tail", "Shows the last events of a log, and with --follow those that come.",
            "sirsi bus tail ./data/bus --log acme.web.task", "sirsi bus tail ./data/bus --follow --subject 'agent.>'")
        {
            folder, log, subject, count, follow, json,
        };
        verb.SetAction(async (parsed, cancellation) =>
        {
            EmbeddedLogFolder source = BusCommand.OneLog(environment, parsed.GetRequiredValue(folder), parsed.GetValue(log));
            var lines = new EventLines(terminal, Filter(parsed.GetValue(subject)), parsed.GetValue(json));
            long start = await PositionOfLastAsync(source, lines, parsed.GetValue(count), cancellation);
            using EmbeddedLogReader reader = source.OpenReader(start);
            do
            {
                while (await reader.ReadAsync(cancellation)) lines.TryWrite(reader);
            }
            while (parsed.GetValue(follow) && await WaitAsync(reader, cancellation));

            return ExitCode.Ok;
        });
        return verb;
    }

    private static Option<string?> LogOption() => new("--log") { Description = "The log, TENANT.PROJECT.AREA, when there are several.", HelpName = "NAME" };

    private static Option<string?> SubjectOption() => new("--subject") { Description = "Only events whose subject fits: * is one part, > at the end the rest.", HelpName = "PATTERN" };

    private static SubjectFilter? Filter(string? pattern)
    {
        try
        {
            return pattern is null ? null : new SubjectFilter(pattern);
        }
        catch (ArgumentException problem)
        {
            throw new CliException(CliErrors.Usage, problem.Message);
        }
    }

    private static async Task<bool> WaitAsync(EmbeddedLogReader reader, CancellationToken cancellation)
    {
        while (!await reader.WaitAsync(Wait, cancellation)) cancellation.ThrowIfCancellationRequested();
        return true;
    }

    private static async Task<long> PositionOfLastAsync(EmbeddedLogFolder source, EventLines lines, int count, CancellationToken cancellation)
    {
        Queue<long> last = new();
        long end = 1;
        using EmbeddedLogReader reader = source.OpenReader();
        while (await reader.ReadAsync(cancellation))
        {
            end = reader.Position + 1;
            if (count <= 0 || !lines.Wants(reader)) continue;
            if (last.Count == count) last.Dequeue();
            last.Enqueue(reader.Position);
        }

        return last.Count > 0 ? last.Peek() : end;
    }
}
