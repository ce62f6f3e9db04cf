using Sirsi.Core.Hosting;
using SQLitePCL;

namespace Sirsi.Store.Sqlite;

/// <summary>The embedded database: one writer with group commit, readers beside it.</summary>
internal sealed class SqliteDatabase : Database
{
    private readonly SqliteConnection? _connection;
    private readonly GroupCommit? _writer;
    private readonly SqliteReaders? _readers;
    private readonly IDisposable? _lock;
    private int _disposed;

    private SqliteDatabase(
        SqliteConnection? connection, Func<SqliteConnection>? openReader, IDisposable? @lock, string place, SqliteOptions options, HostEnvironment environment)
        : base(SqlDialect.Sqlite, options.Limits, environment)
    {
        Place = place;
        _connection = connection;
        _lock = @lock;
        if (connection is not null) _writer = new GroupCommit(connection, options, Signals, environment);
        if (openReader is not null) _readers = new SqliteReaders(openReader, options, place, environment);
        WaitingMax = options.UnitsWaitingMax;
    }

    public override string Place { get; }

    public override DatabaseStatistics Statistics => _writer is { } writer
        ? new(writer.Units, writer.Failed, writer.Commits, writer.Repeats, writer.Waiting, WaitingMax)
        : new(0, 0, 0, 0, 0, WaitingMax);

    private int WaitingMax { get; }

    public static async Task<Database> OpenAsync(SqliteOptions options, HostEnvironment environment)
    {
        if (options.Path is null)
        {
            const string memory = "the SQLite database in memory";
            SqliteConnection only = SqliteConnection.Open(":memory:", raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE, memory, options.Limits.WaitTimeMax);
            only.Run("PRAGMA foreign_keys = ON");
            return new SqliteDatabase(only, openReader: null, @lock: null, memory, options, environment);
        }

        string path = Path.GetFullPath(options.Path);
        string place = $"SQLite database {path}";
        SqliteConnection OpenReader() => OpenToRead(path, place, options);
        // Opening reads, and may recover, the log: the caller is not kept waiting for the disk.
        return await environment.Executor.RunAsync(() =>
        {
            if (options.ReadOnly)
            {
                using (OpenReader()) return Task.FromResult(new SqliteDatabase(connection: null, OpenReader, @lock: null, place, options, environment));
            }

            IDisposable @lock = TakeLock(path, place, environment);
            try
            {
                return Task.FromResult(new SqliteDatabase(OpenToWrite(path, place, options), OpenReader, @lock, place, options, environment));
            }
            catch
            {
                @lock.Dispose();
                throw;
            }
        });
    }

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        if (_writer is not null) await _writer.CloseAsync();
        _readers?.Dispose();
        _writer?.Dispose();
        _connection?.Dispose();
        _lock?.Dispose();
    }

    private protected override async Task<T> RunWithinAsync<T>(Func<UnitOfWork, ValueTask<T>> work, TimeSpan timeMax, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, typeof(Database));
        if (_writer is null) throw new InvalidOperationException($"{Place} was opened only to read.");
        cancellation.ThrowIfCancellationRequested();
        var unit = new PendingUnit<T>(work, cancellation) { TimeMax = timeMax };
        await _writer.SubmitAsync(unit, cancellation);
        return await unit.Task;
    }

    private protected override Task<T> ReadWithinAsync<T>(Func<ReadSession, ValueTask<T>> read, TimeSpan timeMax, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, typeof(Database));
        // In memory there is one connection, and reads take their turn on it.
        return _readers is null
            ? RunWithinAsync<T>(read, timeMax, cancellation)
            : Environment.Executor.RunAsync(() => _readers.ReadAsync(read, timeMax, cancellation));
    }

    private static IDisposable TakeLock(string path, string place, HostEnvironment environment)
    {
        try
        {
            return environment.Files.OpenFolder(Path.GetDirectoryName(path)!).TryLock()
                ?? throw new StoreException(StoreErrors.InUse, $"{place}: another process has opened a database in this folder to write.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreErrors.Unreachable, $"{place}: {failure.Message}", failure);
        }
    }

    private static SqliteConnection OpenToWrite(string path, string place, SqliteOptions options)
    {
        MakePrivate(path, place);
        SqliteConnection connection = SqliteConnection.Open(path, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE, place, options.Limits.WaitTimeMax);
        try
        {
            connection.Run("PRAGMA journal_mode = WAL");
            connection.Run("PRAGMA synchronous = FULL");
            connection.Run($"PRAGMA wal_autocheckpoint = {options.LogPagesMax}");
            connection.Run("PRAGMA foreign_keys = ON");
            connection.Run("PRAGMA trusted_schema = OFF");
            connection.Run("PRAGMA cell_size_check = ON");
            return connection;
        }
        catch (SqliteFailure failure)
        {
            connection.Dispose();
            throw failure.Meaning;
        }
    }

    private static SqliteConnection OpenToRead(string path, string place, SqliteOptions options)
    {
        SqliteConnection connection = SqliteConnection.Open(path, raw.SQLITE_OPEN_READWRITE, place, options.Limits.WaitTimeMax);
        try
        {
            connection.Run("PRAGMA query_only = ON");
            connection.Run("PRAGMA trusted_schema = OFF");
            connection.Run("SELECT COUNT(*) FROM sqlite_schema");
            return connection;
        }
        catch (SqliteFailure failure)
        {
            connection.Dispose();
            throw failure.Meaning;
        }
    }

    /// <summary>Makes the file for its owner alone; SQLite gives the files beside it the same rights.</summary>
    private static void MakePrivate(string path, string place)
    {
        try
        {
            if (OperatingSystem.IsWindows() || File.Exists(path)) return;
            new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }).Dispose();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreErrors.Unreachable, $"{place}: {failure.Message}", failure);
        }
    }
}
