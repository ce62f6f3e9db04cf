using System.Globalization;
using Sirsi.Cli.Output;
using Sirsi.Store;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Store;

/// <summary>Shows what a backup holds.</summary>
internal static class BackupReport
{
    /// <summary>Opens a backup to read.</summary>
    /// <exception cref="CliException">There is none.</exception>
    public static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CliException(CliErrors.NotFound, $"The backup cannot be read: {failure.Message}");
        }
    }

    public static void Show(Terminal terminal, BackupSummary summary, string done, string path, bool json)
    {
        if (json)
        {
            WriteJson(terminal, summary, path);
            return;
        }

        var table = new Listing("Table", ">Rows");
        foreach ((string name, long rows) in summary.Tables) table.Row(name, rows.ToString("N0", CultureInfo.InvariantCulture));
        table.WriteTo(terminal.Results);
        terminal.Results.WriteLine(
            $"\n{done} {Amounts.Count(summary.Tables.Length, "table")}, {summary.Rows.ToString("N0", CultureInfo.InvariantCulture)} rows: {path}, state of {summary.TakenAt:u}.");
    }

    private static void WriteJson(Terminal terminal, BackupSummary summary, string path) => terminal.WriteJson("sirsi.store-backup-summary/1", json =>
    {
        json.WriteString("file", path);
        json.WriteString("takenAt", summary.TakenAt);
        json.WriteString("dialect", summary.Dialect);
        json.WriteString("sha256", summary.Digest);
        json.WriteNumber("rows", summary.Rows);
        json.WriteStartArray("tables");
        foreach ((string name, long rows) in summary.Tables)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteNumber("rows", rows);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("migrations");
        foreach (AppliedMigration migration in summary.Migrations)
        {
            json.WriteStartObject();
            json.WriteString("component", migration.Component);
            json.WriteNumber("number", migration.Number);
            json.WriteString("name", migration.Name);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
