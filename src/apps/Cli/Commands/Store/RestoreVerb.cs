using System.CommandLine;
using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Durability;
using Sirsi.Store;

namespace Sirsi.Cli.Commands.Store;

/// <summary><c>sirsi store restore</c>.</summary>
internal static class RestoreVerb
{
    /// <summary>What a backup may hold besides the store's own tables.</summary>
    private static readonly MigrationSeries[] Known = [DatabaseLedger.Tables];

    public static Verb Create(Terminal terminal, HostEnvironment environment)
    {
        var file = new Argument<string>("FILE") { Description = "The backup to read; checked whole before anything is changed." };
        Option<string?> database = StoreAddress.Option();
        var replace = new Option<bool>("--replace") { Description = "Remove what the database holds; without it only an empty one is restored into." };
        Option<bool> json = StoreCommand.JsonOption();
        var verb = new Verb("restore", "Restores a backup, of whatever kind of database, in one unit of work.",
            "sirsi store restore sirsi.backup --replace", "sirsi store restore sirsi.backup --database postgres://sirsi@db.example.com/sirsi")
        {
            file, database, replace, json,
        };
        verb.SetAction(async (parsed, cancellation) =>
        {
            string path = Path.GetFullPath(parsed.GetRequiredValue(file));
            await using FileStream backup = BackupReport.Open(path);
            BackupSummary inside = DatabaseRestore.Inspect(backup);
            backup.Position = 0;
            MigrationSeries[] needed = [.. Known.Where(series => inside.Migrations.Any(migration => migration.Component == series.Component))];
            await using Database target = await Database.OpenAsync(StoreAddress.Parse(parsed.GetValue(database), write: true), needed, environment, cancellation);
            BackupSummary summary = await DatabaseRestore.ReadAsync(target, backup, parsed.GetValue(replace), cancellation);
            BackupReport.Show(terminal, summary, "Restored", path, parsed.GetValue(json));
            return ExitCode.Ok;
        });
        return verb;
    }
}
