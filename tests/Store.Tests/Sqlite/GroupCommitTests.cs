using Sirsi.Core.Hosting;
using Sirsi.Store.Sqlite;
using Sirsi.Store.Tests.Engines;

namespace Sirsi.Store.Tests.Sqlite;

public sealed class GroupCommitTests : IAsyncLifetime
{
    private static readonly MigrationSeries Series = new("test", new Migration(1, "numbers", static _ => "CREATE TABLE numbers (id INTEGER PRIMARY KEY) STRICT"));

    private readonly SqliteEngine _engine = new();
    private Database _database = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await _engine.OpenAsync(Series);

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _engine.DisposeAsync();
    }

    [Fact]
    public async Task Units_that_wait_together_share_commits()
    {
        long before = _database.Statistics.Commits;
        await Task.WhenAll(Enumerable.Range(0, 500).Select(id => InsertAsync(id)));
        Assert.InRange(_database.Statistics.Commits - before, 1, 250);
        Assert.Equal(500, await CountAsync());
    }

    [Fact]
    public async Task Units_done_before_SQLite_gave_up_the_shared_transaction_are_done_again_and_the_culprit_alone_fails()
    {
        // ON CONFLICT ROLLBACK ends the whole transaction, not the statement.
        await InsertAsync(50);
        Task[] units = [.. Enumerable.Range(0, 100).Select(id => id == 50
            ? _database.RunAsync(static unit => unit.ExecuteAsync("INSERT OR ROLLBACK INTO numbers (id) VALUES (50)"), Cancellation)
            : InsertAsync(id))];
        Assert.Equal(StoreErrors.ConstraintViolated, (await Assert.ThrowsAsync<StoreException>(() => units[50])).Code);
        await Task.WhenAll(units.Where(static (_, id) => id != 50));
        Assert.Equal(100, await CountAsync());
        Assert.True(_database.Statistics.Repeats > 0);
    }

    [Fact]
    public async Task A_unit_that_awaits_anything_else_is_refused_and_holds_nobody_up()
    {
        var never = new TaskCompletionSource();
        Task waiting = _database.RunAsync(async unit =>
        {
            await unit.ExecuteAsync("INSERT INTO numbers (id) VALUES (1)");
            await never.Task;
            await unit.ExecuteAsync("INSERT INTO numbers (id) VALUES (2)");
        }, Cancellation);
        await Assert.ThrowsAsync<InvalidOperationException>(() => waiting);
        await InsertAsync(3);
        never.SetResult(); // What goes on afterwards reaches nothing.
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task A_statement_that_takes_too_long_is_ended_and_the_others_are_done()
    {
        await _database.DisposeAsync();
        _database = await Database.OpenAsync(
            new SqliteOptions { Path = _engine.Path, Limits = new DatabaseLimits { SessionTimeMax = TimeSpan.FromMilliseconds(200) } }, [Series], HostEnvironment.Production, Cancellation);
        Task endless = _database.RunAsync(static unit => unit.ExecuteAsync(
            "INSERT INTO numbers WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT -i FROM n"), Cancellation);
        Task[] others = [.. Enumerable.Range(0, 20).Select(id => InsertAsync(id))];
        Assert.Equal(StoreErrors.Busy, (await Assert.ThrowsAsync<StoreException>(() => endless)).Code);
        await Task.WhenAll(others);
        Assert.Equal(20, await CountAsync());
    }

    [Fact]
    public async Task A_read_that_takes_too_long_or_is_cancelled_is_ended()
    {
        const string forever = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n";
        using var enough = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            _database.ReadAsync(static session => session.QueryFirstAsync(forever, static row => row.Integer(0)), enough.Token));
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task Readers_are_as_many_as_allowed_and_who_waits_too_long_is_told_so()
    {
        await _database.DisposeAsync();
        _database = await Database.OpenAsync(
            new SqliteOptions { Path = _engine.Path, ReadersMax = 1, Limits = new DatabaseLimits { WaitTimeMax = TimeSpan.FromMilliseconds(100) } },
            [Series], HostEnvironment.Production, Cancellation);
        TaskCompletionSource entered = new(), leave = new();
        Task<bool> first = _database.ReadAsync(async _ =>
        {
            entered.SetResult();
            await leave.Task;
            return true;
        }, Cancellation);
        await entered.Task;
        var failure = await Assert.ThrowsAsync<StoreException>(CountAsync);
        Assert.Equal(StoreErrors.Busy, failure.Code);
        Assert.Contains("ReadersMax", failure.Message, StringComparison.Ordinal);
        leave.SetResult();
        await first;
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task A_second_process_that_wants_to_write_is_refused_and_one_that_reads_is_not()
    {
        var failure = await Assert.ThrowsAsync<StoreException>(() => _engine.OpenAsync(Series));
        Assert.Equal(StoreErrors.InUse, failure.Code);
        await InsertAsync(1);
        await using Database reader = await Database.OpenAsIsAsync(new SqliteOptions { Path = _engine.Path, ReadOnly = true }, HostEnvironment.Production, Cancellation);
        Assert.Equal(1, await reader.ReadAsync(static session => session.QueryFirstAsync("SELECT COUNT(*) FROM numbers", static row => row.Integer(0)), Cancellation));
        await Assert.ThrowsAsync<InvalidOperationException>(() => reader.RunAsync(static _ => ValueTask.CompletedTask, Cancellation));
    }

    [Fact]
    public async Task Units_handed_in_before_the_end_are_done()
    {
        Task[] units = [.. Enumerable.Range(0, 200).Select(id => InsertAsync(id))];
        await _database.DisposeAsync();
        await Task.WhenAll(units);
        _database = await _engine.OpenAsync(Series);
        Assert.Equal(200, await CountAsync());
    }

    [Fact]
    public async Task The_file_is_its_owners_alone_and_a_file_that_is_no_database_is_told_apart()
    {
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_engine.Path));
        using var folder = new TemporaryFolder();
        string path = folder.Write("other.db", new string('x', 5000));
        var failure = await Assert.ThrowsAsync<StoreException>(() => Database.OpenAsync(new SqliteOptions { Path = path }, [], HostEnvironment.Production, Cancellation));
        Assert.Equal(StoreErrors.StorageFailed, failure.Code);
        failure = await Assert.ThrowsAsync<StoreException>(() =>
            Database.OpenAsIsAsync(new SqliteOptions { Path = folder.File("absent.db"), ReadOnly = true }, HostEnvironment.Production, Cancellation));
        Assert.Equal(StoreErrors.Unreachable, failure.Code);
    }

    private Task<int> InsertAsync(int id) => _database.RunAsync(unit => unit.ExecuteAsync("INSERT OR IGNORE INTO numbers (id) VALUES ($1)", id), Cancellation);

    private Task<long> CountAsync() =>
        _database.ReadAsync(static session => session.QueryFirstAsync("SELECT COUNT(*) FROM numbers", static row => row.Integer(0)), Cancellation);
}
