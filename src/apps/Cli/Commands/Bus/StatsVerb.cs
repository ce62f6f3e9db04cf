using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sirsi.Bus.Embedded;
using Sirsi.Bus.Events;
using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;
using Sirsi.Journal;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Bus;

/// <summary><c>sirsi bus stats</c>: what each log holds and how far its groups are.</summary>
internal static class StatsVerb
{
    public static Verb Create(Terminal terminal, HostEnvironment environment)
    {
        Argument<string> folder = BusCommand.FolderArgument();
        Option<bool> json = BusCommand.JsonOption();
        var verb = new Verb("stats", "Shows what each log holds and how far its groups are.", "sirsi bus stats ./data/bus", "sirsi bus stats ./data/bus --json") { folder, json };
        verb.SetAction(async (parsed, cancellation) =>
        {
            List<LogReport> reports = [];
            foreach ((LogName name, EmbeddedLogFolder log) in BusCommand.Logs(environment, parsed.GetRequiredValue(folder)))
                reports.Add(new LogReport(name, await log.InspectEventsAsync(cancellation), await log.ReadGroupsAsync(cancellation)));
            if (parsed.GetValue(json)) WriteJson(terminal, reports);
            else WriteTables(terminal, reports);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static void WriteTables(Terminal terminal, List<LogReport> reports)
    {
        var logs = new Listing("Log", ">Events", ">MiB", ">Segments", "From", "To");
        foreach (LogReport report in reports)
            logs.Row(report.Name.ToString(), Number(report.Events), (report.Bytes / 1048576.0).ToString("N1", CultureInfo.InvariantCulture),
                Number(report.Journal.Segments.Count), Instant(report.From), Instant(report.To));
        logs.WriteTo(terminal.Results);
        if (reports.TrueForAll(static report => report.Groups.Count == 0)) return;
        terminal.Results.WriteLine();
        var groups = new Listing("Group", "Log", ">Not done");
        foreach (LogReport report in reports)
            foreach (GroupProgress group in report.Groups) groups.Row(group.Name, report.Name.ToString(), Number(group.Lag));
        groups.WriteTo(terminal.Results);
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Instant(DateTimeOffset? time) => time?.ToString("u", CultureInfo.InvariantCulture) ?? "–";

    private static void WriteJson(Terminal terminal, List<LogReport> reports) => terminal.WriteJson("sirsi.bus-stats/1", json =>
    {
        json.WriteStartArray("logs");
        foreach (LogReport report in reports) Write(json, report);
        json.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter json, LogReport report)
    {
        json.WriteStartObject();
        json.WriteString("log", report.Name.ToString());
        json.WriteNumber("events", report.Events);
        json.WriteNumber("bytes", report.Bytes);
        json.WriteNumber("segments", report.Journal.Segments.Count);
        if (report.From is { } from) json.WriteString("from", from);
        if (report.To is { } to) json.WriteString("to", to);
        json.WriteStartArray("groups");
        foreach (GroupProgress group in report.Groups)
        {
            json.WriteStartObject();
            json.WriteString("group", group.Name);
            json.WriteNumber("lag", group.Lag);
            json.WriteStartArray("floors");
            foreach (long floor in group.Floors) json.WriteNumberValue(floor);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private sealed record LogReport(LogName Name, JournalInspection Journal, IReadOnlyList<GroupProgress> Groups)
    {
        public long Events => Journal.Segments.Sum(static segment => (long)segment.Records);

        public long Bytes => Journal.Segments.Sum(static segment => segment.DataBytes);

        public DateTimeOffset? From => Journal.Segments.Select(static segment => segment.FirstTime).FirstOrDefault(static time => time is not null);

        public DateTimeOffset? To => Journal.Segments.Select(static segment => segment.LastTime).LastOrDefault(static time => time is not null);
    }
}
