using Sirsi.Store.Tests.Engines;

namespace Sirsi.Store.Tests.Contracts;

public abstract class MigrationContract : Contract
{
    protected static MigrationSeries Things(params string[] columns) => new("things",
        columns.Select(static (column, index) => new Migration(index + 1, $"add {column}", d => index == 0
            ? $"CREATE TABLE things ({column} {d.Integer})"
            : $"ALTER TABLE things ADD COLUMN {column} {d.Integer}")));

    [Fact]
    public async Task What_is_missing_is_applied_once_and_in_order()
    {
        await ReopenAsync(Things("a"));
        await ReopenAsync(Things("a", "b", "c"));
        await ReopenAsync(Things("a", "b", "c"));
        await Database.RunAsync(unit => unit.ExecuteAsync("INSERT INTO things (a, b, c) VALUES (1, 2, 3)"), Cancellation);
        var applied = await Database.ReadAsync(Migrator.AppliedAsync, Cancellation);
        Assert.Equal([1, 2, 3], applied.Where(static migration => migration.Component == "things").Select(static migration => migration.Number));
    }

    [Fact]
    public async Task A_database_that_is_newer_is_refused_and_left_alone()
    {
        await ReopenAsync(Things("a", "b"));
        var failure = await Assert.ThrowsAsync<StoreException>(() => ReopenAsync(Things("a")));
        Assert.Equal(StoreErrors.DatabaseNewer, failure.Code);
        Assert.Contains("'things'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("add b", failure.Message, StringComparison.Ordinal);
        await ReopenAsync(Things("a", "b"));
    }

    [Fact]
    public async Task A_migration_that_was_changed_after_it_was_applied_is_refused()
    {
        await ReopenAsync(Things("a"));
        var failure = await Assert.ThrowsAsync<StoreException>(() => ReopenAsync(Things("z")));
        Assert.Equal(StoreErrors.MigrationChanged, failure.Code);
        Assert.Contains("checksum", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_nothing_and_can_be_mended()
    {
        static MigrationSeries Series(string second) => new("things",
            new Migration(1, "good", static d => $"CREATE TABLE things (a {d.Integer})"), new Migration(2, "second", _ => second));
        var failure = await Assert.ThrowsAsync<StoreException>(() => ReopenAsync(Series("CREATE TABLE half (a INTEGER); INSERT INTO nowhere VALUES (1)")));
        Assert.Equal(StoreErrors.MigrationFailed, failure.Code);
        Assert.Contains("nowhere", failure.Message, StringComparison.Ordinal);
        await ReopenAsync(Series("CREATE TABLE half (a INTEGER)"));
    }

    [Fact]
    public async Task The_lock_of_a_node_that_died_gives_way_after_a_minute()
    {
        await Database.RunAsync(unit => unit.ExecuteAsync("UPDATE sirsi_migration_lock SET holder = $1, expires_at = $2",
            Guid.CreateVersion7(), Engine.Time.GetUtcNow() + TimeSpan.FromSeconds(60)), Cancellation);
        await Database.DisposeAsync();
        Task<Database> opening = Engine.OpenAsync(Things("a"));
        await Task.Delay(400, Cancellation);
        Assert.False(opening.IsCompleted);
        Engine.Time.Advance(TimeSpan.FromSeconds(61));
        Database = await opening.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void A_series_with_a_gap_or_a_wrong_name_is_misuse()
    {
        static Migration Number(int number) => new(number, "x", static _ => "SELECT 1");
        Assert.Throws<ArgumentException>(() => new MigrationSeries("x", Number(2)));
        Assert.Throws<ArgumentException>(() => new MigrationSeries("x", Number(1), Number(3)));
        Assert.Throws<ArgumentException>(() => new MigrationSeries("X y", Number(1)));
    }

    private async Task ReopenAsync(MigrationSeries series)
    {
        await Database.DisposeAsync();
        Database = await Engine.OpenAsync(series);
    }
}

public sealed class SqliteMigrationTests : MigrationContract
{
    protected override ValueTask<Engine> CreateEngineAsync() => ValueTask.FromResult<Engine>(new SqliteEngine());
}

[Trait("Suite", "slow")]
public sealed class PostgresMigrationTests : MigrationContract
{
    protected override async ValueTask<Engine> CreateEngineAsync() => await PostgresEngine.CreateAsync();

    [Fact]
    public async Task Nodes_that_start_together_apply_each_migration_once()
    {
        await using Engine fresh = await CreateEngineAsync();
        Database[] nodes = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => fresh.OpenAsync(Things("a", "b", "c", "d"))));
        var applied = await nodes[0].ReadAsync(Migrator.AppliedAsync, Cancellation);
        Assert.Equal(4, applied.Count(static migration => migration.Component == "things"));
        foreach (Database node in nodes) await node.DisposeAsync();
    }
}
