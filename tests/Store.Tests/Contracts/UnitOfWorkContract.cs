using Sirsi.Store.Tests.Engines;

namespace Sirsi.Store.Tests.Contracts;

public abstract class UnitOfWorkContract : Contract
{
    protected override MigrationSeries[] Series =>
    [
        new("test", new Migration(1, "numbers", static d => $"CREATE TABLE IF NOT EXISTS numbers (id {d.Integer} NOT NULL PRIMARY KEY, value {d.Integer} NOT NULL)")),
    ];

    [Fact]
    public async Task What_a_unit_wrote_is_read_afterwards()
    {
        await Database.RunAsync(unit => unit.ExecuteAsync("INSERT INTO numbers (id, value) VALUES ($1, $2)", 1, 10), Cancellation);
        Assert.Equal([(1, 10)], await NumbersAsync());
    }

    [Fact]
    public async Task A_unit_that_fails_leaves_nothing_and_its_exception_comes_out()
    {
        var failure = await Assert.ThrowsAsync<FormatException>(() => Database.RunAsync(async unit =>
        {
            await unit.ExecuteAsync("INSERT INTO numbers (id, value) VALUES (1, 10)");
            throw new FormatException("mine");
        }, Cancellation));
        Assert.Equal("mine", failure.Message);
        Assert.Empty(await NumbersAsync());
    }

    [Fact]
    public async Task A_unit_whose_delegate_hides_a_failed_statement_fails_nevertheless()
    {
        await Assert.ThrowsAnyAsync<StoreException>(() => Database.RunAsync(async unit =>
        {
            await unit.ExecuteAsync("INSERT INTO numbers (id, value) VALUES (1, 10)");
            try
            {
                await unit.ExecuteAsync("INSERT INTO nowhere (id) VALUES (1)");
            }
#pragma warning disable CA1031 // The mistake under test.
            catch (Exception)
            {
            }
#pragma warning restore CA1031
        }, Cancellation));
        Assert.Empty(await NumbersAsync());
    }

    [Fact]
    public async Task Of_many_units_at_once_each_failing_one_fails_alone()
    {
        Task[] units = [.. Enumerable.Range(0, 200).Select(id => Database.RunAsync(async unit =>
        {
            await unit.ExecuteAsync("INSERT INTO numbers (id, value) VALUES ($1, 0)", id);
            if (id % 3 == 0) throw new FormatException();
            if (id % 7 == 0) await unit.ExecuteAsync("INSERT INTO numbers (id, value) VALUES ($1, 1)", id);
        }, Cancellation))];
        for (int id = 0; id < units.Length; id++)
        {
            if (id % 3 == 0) await Assert.ThrowsAsync<FormatException>(() => units[id]);
            else if (id % 7 == 0) Assert.Equal(StoreErrors.ConstraintViolated, (await Assert.ThrowsAsync<StoreException>(() => units[id])).Code);
            else await units[id];
        }

        Assert.Equal(Enumerable.Range(0, 200).Where(static id => id % 3 != 0 && id % 7 != 0).Select(static id => ((long)id, 0L)), await NumbersAsync());
    }

    [Fact]
    public async Task Units_that_read_and_write_the_same_row_lose_no_update()
    {
        await Database.RunAsync(unit => unit.ExecuteAsync("INSERT INTO numbers (id, value) VALUES (1, 0)"), Cancellation);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Database.RunAsync(async unit =>
        {
            long value = await unit.QueryFirstAsync("SELECT value FROM numbers WHERE id = 1", static row => row.Integer(0));
            await unit.ExecuteAsync("UPDATE numbers SET value = $1 WHERE id = 1", value + 1);
        }, Cancellation)));
        Assert.Equal([(1, 100)], await NumbersAsync());
    }

    [Fact]
    public async Task Units_that_read_each_others_rows_behave_as_if_one_came_after_the_other()
    {
        // Write skew: both may see an empty table only if they are not serializable.
        await Task.WhenAll(Enumerable.Range(1, 20).Select(id => Database.RunAsync(async unit =>
        {
            long count = await unit.QueryFirstAsync("SELECT COUNT(*) FROM numbers", static row => row.Integer(0));
            await unit.ExecuteAsync("INSERT INTO numbers (id, value) VALUES ($1, $2)", id, count);
        }, Cancellation)));
        Assert.Equal(Enumerable.Range(0, 20).Select(static count => (long)count), (await NumbersAsync()).Select(static number => number.Value).Order());
    }

    [Fact]
    public async Task A_read_sees_one_state_throughout()
    {
        await Database.RunAsync(unit => unit.ExecuteAsync("INSERT INTO numbers (id, value) VALUES (1, 1)"), Cancellation);
        (long before, long after) = await Database.ReadAsync(async session =>
        {
            long first = await session.QueryFirstAsync("SELECT value FROM numbers WHERE id = 1", static row => row.Integer(0));
            await Database.RunAsync(unit => unit.ExecuteAsync("UPDATE numbers SET value = 2"), Cancellation);
            return (first, await session.QueryFirstAsync("SELECT value FROM numbers WHERE id = 1", static row => row.Integer(0)));
        }, Cancellation);
        Assert.Equal((1, 1), (before, after));
        Assert.Equal([(1, 2)], await NumbersAsync());
    }

    [Fact]
    public async Task A_session_that_has_ended_cannot_be_used()
    {
        UnitOfWork? kept = null;
        await Database.RunAsync(unit =>
        {
            kept = unit;
            return ValueTask.CompletedTask;
        }, Cancellation);
        await Assert.ThrowsAsync<InvalidOperationException>(() => kept!.ExecuteAsync("DELETE FROM numbers").AsTask());
    }

    [Fact]
    public async Task Values_of_every_kind_come_back_as_they_went()
    {
        var uuid = new Guid("00112233-4455-6677-8899-aabbccddeeff");
        var instant = new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero).AddTicks(1_234_560);
        string text = "Größe \0 nought"[..6] + " 日本 🎈";
        await Database.RunAsync(async unit =>
        {
            SqlDialect d = unit.Dialect;
            await unit.ExecuteAsync($"CREATE TABLE things (n {d.Integer}, t {d.Text}, b {d.Bytes}, u {d.Uuid}, i {d.Integer}, e {d.Bytes}, w {d.Text}, z {d.Bytes})");
            await unit.ExecuteAsync("INSERT INTO things (n, t, b, u, i, e, w, z) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                long.MinValue, text, (byte[])[0, 255, 0], uuid, instant, new ReadOnlyMemory<byte>([]), "", null);
        }, Cancellation);
        await Database.ReadAsync(session => session.QueryFirstAsync("SELECT n, t, b, u, i, e, w, z FROM things", row =>
        {
            Assert.Equal(long.MinValue, row.Integer(0));
            Assert.Equal(text, row.Text(1));
            Assert.Equal([0, 255, 0], row.Bytes(2));
            Assert.Equal(uuid, row.Uuid(3));
            Assert.Equal(instant, row.Instant(4));
            Assert.False(row.IsNull(5));
            Assert.Empty(row.Bytes(5));
            Assert.Equal("", row.Text(6));
            Assert.True(row.IsNull(7));
            return true;
        }), Cancellation);
    }

    [Fact]
    public async Task A_value_of_a_type_the_database_does_not_know_is_refused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => Database.RunAsync(unit => unit.ExecuteAsync("INSERT INTO numbers (id, value) VALUES (1, $1)", 'c'), Cancellation));

    [Theory]
    [InlineData("COMMIT")]
    [InlineData("  rollback to unit")]
    [InlineData("Release unit")]
    [InlineData("begin")]
    public async Task A_delegate_that_would_begin_or_end_transactions_is_refused(string sql)
    {
        Task before = Database.RunAsync(unit => unit.ExecuteAsync("INSERT INTO numbers (id, value) VALUES (1, 1)"), Cancellation);
        await Assert.ThrowsAsync<ArgumentException>(() => Database.RunAsync(unit => unit.ExecuteAsync(sql), Cancellation));
        await before;
        Assert.Equal([(1, 1)], await NumbersAsync());
    }

    [Fact]
    public async Task A_statement_the_database_refuses_is_told_with_its_own_words()
    {
        var failure = await Assert.ThrowsAsync<StoreException>(() => Database.RunAsync(unit => unit.ExecuteAsync("SELEKT 1"), Cancellation));
        Assert.Equal(StoreErrors.StatementFailed, failure.Code);
        Assert.Contains("syntax", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_unit_is_not_begun()
    {
        bool begun = false;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Database.RunAsync(unit =>
        {
            begun = true;
            return ValueTask.CompletedTask;
        }, new CancellationToken(canceled: true)));
        Assert.False(begun);
    }

    [Fact]
    public async Task A_query_of_more_rows_than_allowed_fails_instead_of_filling_memory()
    {
        await Database.DisposeAsync();
        Database = await Database.OpenAsync(Engine.Options with { Limits = new DatabaseLimits { RowsMax = 10 } }, Series, Engine.Environment, Cancellation);
        await Database.RunAsync(unit => unit.ExecuteEachAsync("INSERT INTO numbers (id, value) VALUES ($1, 0)",
            [.. Enumerable.Range(0, 11).Select(static id => (object?[])[id])]), Cancellation);
        var failure = await Assert.ThrowsAsync<StoreException>(() => NumbersAsync());
        Assert.Equal(StoreErrors.TooManyRows, failure.Code);
    }

    [Fact]
    public async Task A_database_that_was_disposed_of_refuses_work()
    {
        await Database.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Database.RunAsync(static _ => ValueTask.CompletedTask, Cancellation));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => NumbersAsync());
    }

    [Fact]
    public async Task Statistics_count_what_was_done()
    {
        long before = Database.Statistics.Units;
        await Database.RunAsync(static _ => ValueTask.CompletedTask, Cancellation);
        await Assert.ThrowsAsync<FormatException>(() => Database.RunAsync(static _ => throw new FormatException(), Cancellation));
        Assert.Equal(before + 1, Database.Statistics.Units);
        Assert.Equal(1, Database.Statistics.Failed);
    }

    protected async Task<(long Id, long Value)[]> NumbersAsync() =>
        [.. await Database.ReadAsync(static session => session.QueryAsync(
            "SELECT id, value FROM numbers ORDER BY id", static row => (row.Integer(0), row.Integer(1))), Cancellation)];
}

public sealed class SqliteUnitOfWorkTests : UnitOfWorkContract
{
    protected override ValueTask<Engine> CreateEngineAsync() => ValueTask.FromResult<Engine>(new SqliteEngine());
}

[Trait("Suite", "slow")]
public sealed class PostgresUnitOfWorkTests : UnitOfWorkContract
{
    protected override async ValueTask<Engine> CreateEngineAsync() => await PostgresEngine.CreateAsync();
}
