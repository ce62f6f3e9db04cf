using System.CommandLine;
using System.Globalization;
using Sirsi.Bus.Embedded;
using Sirsi.Bus.Events;
using Sirsi.Cli.Output;
using Sirsi.Core.Errors;
using Sirsi.Core.Hosting;
using Sirsi.Journal;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Bus;

/// <summary><c>sirsi bus fsck</c>: reads every journal through and tells all that is wrong.</summary>
internal static class FsckVerb
{
    public static Verb Create(Terminal terminal, HostEnvironment environment)
    {
        Argument<string> folder = BusCommand.FolderArgument();
        Option<bool> json = BusCommand.JsonOption();
        var verb = new Verb("fsck", "Reads every journal through and tells all that is wrong; exit code 1 when something is.",
            "sirsi bus fsck ./data/bus", "sirsi bus fsck ./data/bus/acme.web.task --json") { folder, json };
        verb.SetAction(async (parsed, cancellation) =>
        {
            List<(LogName Log, string Journal, JournalInspection Found)> all = [];
            foreach ((LogName name, EmbeddedLogFolder log) in BusCommand.Logs(environment, parsed.GetRequiredValue(folder)))
            {
                all.Add((name, EmbeddedBusDriver.EventsFolder, await log.InspectEventsAsync(cancellation)));
                all.Add((name, EmbeddedBusDriver.GroupsFolder, await log.InspectGroupsAsync(cancellation)));
            }

            if (parsed.GetValue(json)) WriteJson(terminal, all);
            else WriteTable(terminal, all);
            bool isDamaged = all.Exists(static one => one.Found.Problems.Any(static problem => problem.Severity == DiagnosticSeverity.Error));
            return isDamaged ? ExitCode.Failed : ExitCode.Ok;
        });
        return verb;
    }

    private static void WriteTable(Terminal terminal, List<(LogName Log, string Journal, JournalInspection Found)> all)
    {
        int problems = 0;
        foreach ((LogName log, string journal, JournalInspection found) in all)
        {
            foreach (JournalProblem problem in found.Problems)
            {
                problems++;
                string color = problem.Severity == DiagnosticSeverity.Error ? "red" : "yellow";
                string word = problem.Severity == DiagnosticSeverity.Error ? "error" : "warning";
                terminal.Results.MarkupLine(
                    $"[{color}]{word}[/] {Markup.Escape($"{log}/{journal}/{problem.Segment}, byte {problem.Position.ToString(CultureInfo.InvariantCulture)}: {problem.Message}")}");
            }
        }

        long records = all.Sum(static one => one.Found.Segments.Sum(static segment => (long)segment.Records));
        terminal.Results.WriteLine($"{Amounts.Count(all.Count / 2, "log")}, {records.ToString("N0", CultureInfo.InvariantCulture)} records, {Amounts.Count(problems, "problem")}.");
    }

    private static void WriteJson(Terminal terminal, List<(LogName Log, string Journal, JournalInspection Found)> all) => terminal.WriteJson("sirsi.bus-fsck/1", json =>
    {
        json.WriteStartArray("journals");
        foreach ((LogName log, string journal, JournalInspection found) in all)
        {
            json.WriteStartObject();
            json.WriteString("log", log.ToString());
            json.WriteString("journal", journal);
            json.WriteNumber("segments", found.Segments.Count);
            json.WriteNumber("records", found.Segments.Sum(static segment => (long)segment.Records));
            json.WriteStartArray("problems");
            foreach (JournalProblem problem in found.Problems)
            {
                json.WriteStartObject();
                json.WriteString("segment", problem.Segment);
                json.WriteNumber("position", problem.Position);
                json.WriteString("severity", problem.Severity == DiagnosticSeverity.Error ? "error" : "warning");
                json.WriteString("message", problem.Message);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
