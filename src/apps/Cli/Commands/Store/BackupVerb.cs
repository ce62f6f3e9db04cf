using System.CommandLine;
using Sirsi.Cli.Output;
using Sirsi.Core.Errors;
using Sirsi.Core.Hosting;
using Sirsi.Store;

namespace Sirsi.Cli.Commands.Store;

/// <summary><c>sirsi store backup</c>.</summary>
internal static class BackupVerb
{
    public static Verb Create(Terminal terminal, HostEnvironment environment)
    {
        var file = new Argument<string>("FILE") { Description = "The backup to write." };
        Option<string?> database = StoreAddress.Option();
        var force = new Option<bool>("--force") { Description = "Replace FILE when it exists." };
        Option<bool> json = StoreCommand.JsonOption();
        var verb = new Verb("backup", "Writes one state of all data into a file, while the database is in use.",
            "sirsi store backup sirsi.backup", "sirsi store backup sirsi.backup --database postgres://sirsi@db.example.com/sirsi")
        {
            file, database, force, json,
        };
        verb.SetAction(async (parsed, cancellation) =>
        {
            string path = Path.GetFullPath(parsed.GetRequiredValue(file));
            if (File.Exists(path) && !parsed.GetValue(force)) throw new CliException(CliErrors.Usage, $"{path} exists; --force replaces it.");
            await using Database source = await Database.OpenAsIsAsync(StoreAddress.Parse(parsed.GetValue(database), write: false), environment, cancellation);
            BackupSummary summary = await WriteAsync(source, path, cancellation);
            BackupReport.Show(terminal, summary, "Backed up", path, parsed.GetValue(json));
            return ExitCode.Ok;
        });
        return verb;
    }

    /// <summary>Beside its place first, so that there is never half a backup under the name.</summary>
    private static async Task<BackupSummary> WriteAsync(Database source, string path, CancellationToken cancellation)
    {
        string partial = path + ".partial";
        try
        {
            BackupSummary summary;
            await using (var stream = new FileStream(partial, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16))
            {
                summary = await DatabaseBackup.WriteAsync(source, stream, cancellation);
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
            return summary;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CliException(CoreErrors.FileInaccessible, $"{path}: {failure.Message}");
        }
        finally
        {
            File.Delete(partial);
        }
    }
}
