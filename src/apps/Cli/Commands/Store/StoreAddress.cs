using System.CommandLine;
using Sirsi.Store;
using Sirsi.Store.Postgres;
using Sirsi.Store.Sqlite;

namespace Sirsi.Cli.Commands.Store;

/// <summary>Which database a command means.</summary>
internal static class StoreAddress
{
    /// <summary>The option that names it.</summary>
    public static Option<string?> Option() => new("--database", "-d")
    {
        Description = "A SQLite file, or postgres://USER@HOST:PORT/DATABASE (password: PGPASSWORD). Default: SIRSI_HOME/store/store.db.",
        HelpName = "DATABASE",
    };

    /// <summary>What to open.</summary>
    /// <param name="text">What the option says.</param>
    /// <param name="write">Whether it will be written to; a file is made when absent then.</param>
    /// <param name="source">Where the text was given, for messages.</param>
    /// <exception cref="CliException">The address makes no sense, or there is no such file to read.</exception>
    public static DatabaseOptions Parse(string? text, bool write, string source = "--database")
    {
        if (text is not null && text.Contains("://", StringComparison.Ordinal))
        {
            try
            {
                PostgresOptions options = PostgresOptions.Parse(text);
                return options.Password is null ? options with { Password = Environment.GetEnvironmentVariable("PGPASSWORD") } : options;
            }
            catch (ArgumentException failure)
            {
                throw new CliException(CliErrors.Usage, $"{source}: {failure.Message}");
            }
        }

        string path = Path.GetFullPath(text ?? DataFolder.PathOf(null, Path.Combine(DataFolder.Store, "store.db")));
        if (!write && !File.Exists(path)) throw new CliException(CliErrors.NotFound, $"There is no database {path}; --database names another.");
        return new SqliteOptions { Path = path, ReadOnly = !write };
    }
}
