using System.Collections.Immutable;
using Sirsi.Core.Hosting;
using Sirsi.Store.Postgres;
using Sirsi.Store.Sqlite;

namespace Sirsi.Store;

/// <summary>
/// A relational database: SQLite inside this process, or a PostgreSQL or CockroachDB server. Work is handed in as delegates; each is a
/// serializable transaction, and when the task returned completes, the work is on disk. Thread-safe. Dispose of it when done.
/// </summary>
/// <remarks>
/// A component brings a <see cref="MigrationSeries"/> for its tables and a class whose methods take a <see cref="UnitOfWork"/> or a
/// <see cref="ReadSession"/>, as <see cref="KeyValues"/>, <see cref="Leases"/>, <see cref="WorkQueue"/> and <see cref="Outbox"/> do; so whatever
/// belongs together goes into one unit.
/// </remarks>
public abstract class Database : IAsyncDisposable
{
    private protected Database(SqlDialect dialect, DatabaseLimits limits, HostEnvironment environment)
    {
        Dialect = dialect;
        Limits = limits;
        Environment = environment;
        Signals = new CommitSignals(environment);
    }

    /// <summary>Which words its SQL has.</summary>
    public SqlDialect Dialect { get; }

    /// <summary>Where it is, for messages; holds no secret.</summary>
    public abstract string Place { get; }

    /// <summary>What has been done so far.</summary>
    public abstract DatabaseStatistics Statistics { get; }

    internal DatabaseLimits Limits { get; }

    internal HostEnvironment Environment { get; }

    internal CommitSignals Signals { get; }

    /// <summary>Opens a database and applies the migrations it lacks, those of the store's own building blocks first.</summary>
    /// <param name="options"><see cref="SqliteOptions"/> or <see cref="PostgresOptions"/>.</param>
    /// <param name="components">Whose tables are needed, in order of dependency.</param>
    /// <param name="environment">Clock, executor, randomness and ids.</param>
    /// <param name="cancellation">Gives up; what was already applied stays.</param>
    /// <exception cref="StoreException">
    /// It cannot be reached or is in use, is newer than this program, or a migration differs or fails (<see cref="StoreErrors"/>).
    /// </exception>
    public static async Task<Database> OpenAsync(
        DatabaseOptions options, IEnumerable<MigrationSeries> components, HostEnvironment environment, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(components);
        ImmutableArray<MigrationSeries> all = [StoreSchema.Series, .. components];
        if (all.DistinctBy(static series => series.Component, StringComparer.Ordinal).Count() != all.Length)
            throw new ArgumentException("Two components have the same name.", nameof(components));
        Database database = await OpenAsIsAsync(options, environment, cancellation);
        try
        {
            await new Migrator(database, all, environment).RunAsync(cancellation);
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a database without changing its tables, to look at it or to back it up.</summary>
    /// <inheritdoc cref="OpenAsync" path="/param"/>
    /// <exception cref="StoreException">It cannot be reached or is in use.</exception>
    public static async Task<Database> OpenAsIsAsync(DatabaseOptions options, HostEnvironment environment, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(environment);
        options.Validate();
        return options switch
        {
            SqliteOptions sqlite => await SqliteDatabase.OpenAsync(sqlite, environment),
            PostgresOptions postgres => await PostgresDatabase.OpenAsync(postgres, environment, cancellation),
            _ => throw new ArgumentException($"{options.GetType().Name} names no kind of database.", nameof(options)),
        };
    }

    /// <summary>Does a unit of work. When the task completes it is on disk; when it fails nothing of it is kept.</summary>
    /// <param name="work">
    /// May be run more than once when units collide, so it changes nothing but the database and uses only its unit. It awaits nothing but
    /// the unit's statements: on SQLite anything else fails with <see cref="InvalidOperationException"/>, because others wait for their turn meanwhile.
    /// </param>
    /// <param name="cancellation">Heeded until the unit begins to commit; on SQLite until it begins.</param>
    /// <exception cref="StoreException">It could not be done; <see cref="StoreErrors.OutcomeUnknown"/> alone leaves open whether it was.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing of it is kept.</exception>
    public Task<T> RunAsync<T>(Func<UnitOfWork, ValueTask<T>> work, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(work);
        return RunWithinAsync(work, Limits.SessionTimeMax, cancellation);
    }

    /// <inheritdoc cref="RunAsync{T}(Func{UnitOfWork, ValueTask{T}}, CancellationToken)"/>
    public Task RunAsync(Func<UnitOfWork, ValueTask> work, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(work);
        return RunWithinAsync(async unit =>
        {
            await work(unit);
            return true;
        }, Limits.SessionTimeMax, cancellation);
    }

    /// <summary>Reads from one consistent view that holds all units acknowledged before the call. Writers are not held up.</summary>
    /// <exception cref="StoreException">It could not be read.</exception>
    public Task<T> ReadAsync<T>(Func<ReadSession, ValueTask<T>> read, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(read);
        return ReadWithinAsync(read, Limits.SessionTimeMax, cancellation);
    }

    /// <summary>Ends it: units that were handed in are still done, later ones are refused.</summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>What may take as long as it takes: migrations, restores.</summary>
    internal Task<T> RunLongAsync<T>(Func<UnitOfWork, ValueTask<T>> work, CancellationToken cancellation) =>
        RunWithinAsync(work, Timeout.InfiniteTimeSpan, cancellation);

    internal Task<T> ReadLongAsync<T>(Func<ReadSession, ValueTask<T>> read, CancellationToken cancellation) =>
        ReadWithinAsync(read, Timeout.InfiniteTimeSpan, cancellation);

    private protected abstract Task<T> RunWithinAsync<T>(Func<UnitOfWork, ValueTask<T>> work, TimeSpan timeMax, CancellationToken cancellation);

    private protected abstract Task<T> ReadWithinAsync<T>(Func<ReadSession, ValueTask<T>> read, TimeSpan timeMax, CancellationToken cancellation);
}
