using Npgsql;
using Sirsi.Core.Hosting;
using Sirsi.Store.Postgres;
using Sirsi.Store.Sqlite;
using Sirsi.Store.Tests.Engines;

namespace Sirsi.Store.Tests.Postgres;

public sealed class PostgresOptionsTests
{
    [Theory]
    [InlineData("db.example.com", PostgresTls.Automatic, SslMode.VerifyFull)]
    [InlineData("127.0.0.1", PostgresTls.Automatic, SslMode.Prefer)]
    [InlineData("localhost", PostgresTls.VerifyFull, SslMode.VerifyFull)]
    [InlineData("db.example.com", PostgresTls.Off, SslMode.Disable)]
    public void Off_this_machine_TLS_is_demanded_unless_switched_off(string host, PostgresTls tls, SslMode expected)
    {
        var options = new PostgresOptions { Host = host, Name = "n", User = "u", Tls = tls };
        Assert.Equal(expected, new NpgsqlConnectionStringBuilder(options.ConnectionString()).SslMode);
    }

    [Fact]
    public void An_address_says_all_but_is_never_shown_with_its_password()
    {
        PostgresOptions options = PostgresOptions.Parse("postgres://me:s%40crt@db.example.com:26257/main?tls=verify-full");
        Assert.Equal(("db.example.com", 26257, "main", "me", "s@crt", PostgresTls.VerifyFull),
            (options.Host, options.Port, options.Name, options.User, options.Password, options.Tls));
        Assert.DoesNotContain("s@crt", options.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mysql://u@h/d")]
    [InlineData("postgres://h/d")]
    [InlineData("postgres://u@h")]
    [InlineData("postgres://u@h/d?tls=maybe")]
    [InlineData("h:5432")]
    public void Another_address_is_misuse(string address) => Assert.Throws<ArgumentException>(() => PostgresOptions.Parse(address));

    [Fact]
    public void A_pooler_is_sent_no_settings_that_it_may_not_know()
    {
        var options = new PostgresOptions { Host = "h", Name = "n", User = "u", PreparedStatementsMax = 0 };
        Assert.Null(new NpgsqlConnectionStringBuilder(options.ConnectionString()).Options);
    }

    [Fact]
    public void Options_out_of_range_are_misuse()
    {
        var fine = new PostgresOptions { Host = "h", Name = "n", User = "u" };
        fine.Validate();
        Assert.ThrowsAny<ArgumentException>((fine with { ConnectionsMax = 0 }).Validate);
        Assert.ThrowsAny<ArgumentException>((fine with { AttemptsMax = 0 }).Validate);
        Assert.ThrowsAny<ArgumentException>((fine with { Port = 70_000 }).Validate);
        Assert.ThrowsAny<ArgumentException>((fine with { Limits = new DatabaseLimits { WaitTimeMax = TimeSpan.Zero } }).Validate);
        Assert.ThrowsAny<ArgumentException>(new SqliteOptions { ReadersMax = 0 }.Validate);
        Assert.ThrowsAny<ArgumentException>(new SqliteOptions { ReadOnly = true }.Validate);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told_by_its_address_within_the_time_allowed()
    {
        var options = new PostgresOptions { Host = "127.0.0.1", Port = 1, Name = "n", User = "u", Password = "s3cret", ReconnectTimeMax = TimeSpan.FromMilliseconds(300) };
        var failure = await Assert.ThrowsAsync<StoreException>(() => Database.OpenAsync(options, [], HostEnvironment.Production, TestContext.Current.CancellationToken));
        Assert.Equal(StoreErrors.Unreachable, failure.Code);
        Assert.Contains("127.0.0.1:1", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", failure.ToString(), StringComparison.Ordinal);
    }
}

[Trait("Suite", "slow")]
public sealed class PostgresServerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Leases_go_by_the_servers_clock_unless_told_otherwise()
    {
        await using PostgresEngine engine = await PostgresEngine.CreateAsync();
        engine.Time.Advance(TimeSpan.FromDays(400));
        await using Database database = await Database.OpenAsync(engine.Postgres with { UseHostClock = false }, [], engine.Environment, Cancellation);
        DateTimeOffset now = await database.ReadAsync(static session => session.NowAsync(), Cancellation);
        Assert.InRange(now, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));
    }

    [Fact]
    public async Task A_server_that_acknowledges_before_it_has_written_is_refused()
    {
        await using PostgresEngine engine = await PostgresEngine.CreateAsync();
        await PostgresEngine.ExecuteAsync($"ALTER DATABASE {engine.Postgres.Name} SET synchronous_commit = off");
        var failure = await Assert.ThrowsAsync<StoreException>(() => engine.OpenAsync());
        Assert.Equal(StoreErrors.NotDurable, failure.Code);
    }

    [Fact]
    public async Task Who_gets_no_connection_in_time_is_told_which_limit_it_was()
    {
        await using PostgresEngine engine = await PostgresEngine.CreateAsync();
        await using Database database = await Database.OpenAsync(
            engine.Postgres with { ConnectionsMax = 1, Limits = new DatabaseLimits { WaitTimeMax = TimeSpan.FromSeconds(1) } }, [], engine.Environment, Cancellation);
        var leave = new TaskCompletionSource();
        Task<bool> first = database.ReadAsync(async session =>
        {
            await session.NowAsync();
            await leave.Task;
            return true;
        }, Cancellation);
        var failure = await Assert.ThrowsAsync<StoreException>(() => database.RunAsync(static _ => ValueTask.CompletedTask, Cancellation));
        Assert.Equal(StoreErrors.Busy, failure.Code);
        Assert.Contains("ConnectionsMax", failure.Message, StringComparison.Ordinal);
        leave.SetResult();
        await first;
    }

    [Fact]
    public async Task A_statement_that_takes_too_long_is_ended()
    {
        await using PostgresEngine engine = await PostgresEngine.CreateAsync();
        await using Database database = await Database.OpenAsync(
            engine.Postgres with { Limits = new DatabaseLimits { SessionTimeMax = TimeSpan.FromSeconds(1) } }, [], engine.Environment, Cancellation);
        var failure = await Assert.ThrowsAsync<StoreException>(() => database.RunAsync(static unit => unit.ExecuteAsync("SELECT pg_sleep(30)"), Cancellation));
        Assert.Equal(StoreErrors.Busy, failure.Code);
    }

    [Fact]
    public async Task The_server_gives_up_a_transaction_whose_client_says_nothing_for_longer_than_a_unit_may_take()
    {
        await using PostgresEngine engine = await PostgresEngine.CreateAsync();
        await using Database database = await Database.OpenAsync(
            engine.Postgres with { Limits = new DatabaseLimits { SessionTimeMax = TimeSpan.FromSeconds(2) } }, [], engine.Environment, Cancellation);
        Assert.Equal("2s", await database.ReadAsync(static session => session.QueryFirstAsync("SHOW idle_in_transaction_session_timeout", static row => row.Text(0)), Cancellation));
    }

    [Fact]
    public async Task A_statement_under_way_is_cancelled_with_its_caller()
    {
        await using PostgresEngine engine = await PostgresEngine.CreateAsync();
        await using Database database = await engine.OpenAsync();
        using var enough = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        Task<int> sleeping = database.RunAsync(static unit => unit.ExecuteAsync("SELECT pg_sleep(60)"), enough.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sleeping.WaitAsync(TimeSpan.FromSeconds(20), Cancellation));
        await database.RunAsync(static unit => unit.ExecuteAsync("SELECT 1"), Cancellation);
    }

    [Fact]
    public async Task Statements_that_are_run_again_are_prepared()
    {
        await using PostgresEngine engine = await PostgresEngine.CreateAsync();
        await using Database database = await Database.OpenAsync(engine.Postgres with { ConnectionsMax = 1 }, [], engine.Environment, Cancellation);
        for (int times = 0; times < 3; times++)
            await database.ReadAsync(static session => session.QueryFirstAsync("SELECT 4711 + $1", static row => row.Integer(0), 1L), Cancellation);
        Assert.Equal(1, await database.ReadAsync(static session => session.QueryFirstAsync(
            "SELECT COUNT(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT 4711%'", static row => row.Integer(0)), Cancellation));
    }

    [Fact]
    public async Task Units_that_collide_more_often_than_allowed_fail_and_say_so()
    {
        await using PostgresEngine engine = await PostgresEngine.CreateAsync();
        await using Database database = await Database.OpenAsync(engine.Postgres with { AttemptsMax = 3 }, [], engine.Environment, Cancellation);
        int begun = 0;
        var failure = await Assert.ThrowsAsync<StoreException>(() => database.RunAsync(async unit =>
        {
            begun++;
            await unit.ExecuteAsync("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$");
        }, Cancellation));
        Assert.Equal(StoreErrors.Contention, failure.Code);
        Assert.Equal(3, begun);
    }
}
