using System.CommandLine;
using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;
using Sirsi.Store;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Store;

/// <summary><c>sirsi store check</c>.</summary>
internal static class CheckVerb
{
    public static Verb Create(Terminal terminal, HostEnvironment environment)
    {
        Option<string?> database = StoreAddress.Option();
        var backup = new Option<string?>("--backup") { Description = "Check a backup instead, and say what it holds.", HelpName = "FILE" };
        Option<bool> json = StoreCommand.JsonOption();
        var verb = new Verb("check", "Looks whether the database, or a backup, is whole; changes nothing.",
            "sirsi store check", "sirsi store check --database ./store.db --json", "sirsi store check --backup sirsi.backup")
        {
            database, backup, json,
        };
        verb.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(backup) is { } file)
            {
                await using FileStream stream = BackupReport.Open(Path.GetFullPath(file));
                BackupReport.Show(terminal, DatabaseRestore.Inspect(stream), "Whole:", stream.Name, parsed.GetValue(json));
                return ExitCode.Ok;
            }

            await using Database source = await Database.OpenAsIsAsync(StoreAddress.Parse(parsed.GetValue(database), write: false), environment, cancellation);
            DatabaseCheckReport report = await DatabaseCheck.RunAsync(source, [], cancellation);
            if (parsed.GetValue(json)) WriteJson(terminal, source.Place, report);
            else WriteTable(terminal, source.Place, report);
            return report.IsSound ? ExitCode.Ok : ExitCode.Failed;
        });
        return verb;
    }

    private static void WriteTable(Terminal terminal, string place, DatabaseCheckReport report)
    {
        var table = new Listing("Result", "Looked at", "Problem");
        foreach (CheckedFact fact in report.Facts)
            table.MarkedRow(fact.Problem is null ? "[green]fine[/]" : "[red]wrong[/]", Markup.Escape(fact.Subject), Markup.Escape(fact.Problem ?? "–"));
        table.WriteTo(terminal.Results);
        terminal.Results.WriteLine($"\n{place} is {(report.IsSound ? "sound" : "not sound")}.");
    }

    private static void WriteJson(Terminal terminal, string place, DatabaseCheckReport report) => terminal.WriteJson("sirsi.store-check/1", json =>
    {
        json.WriteString("database", place);
        json.WriteBoolean("sound", report.IsSound);
        json.WriteStartArray("checked");
        foreach (CheckedFact fact in report.Facts)
        {
            json.WriteStartObject();
            json.WriteString("subject", fact.Subject);
            json.WriteString("problem", fact.Problem);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
