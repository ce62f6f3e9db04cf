using Sirsi.Store.Tests.Engines;

namespace Sirsi.Store.Tests.Contracts;

public abstract class BackupContract : Contract
{
    protected override MigrationSeries[] Series =>
    [
        new("test", new Migration(1, "parents and children", static d => $"""
            CREATE TABLE b_parent (id {d.Integer} NOT NULL PRIMARY KEY);
            CREATE TABLE a_child (id {d.Integer} NOT NULL PRIMARY KEY, parent {d.Integer} NOT NULL REFERENCES b_parent (id), note {d.Text})
            """)),
    ];

    [Fact]
    public async Task A_restored_database_holds_what_the_backed_up_one_did()
    {
        await FillAsync();
        using var file = new MemoryStream();
        BackupSummary taken = await DatabaseBackup.WriteAsync(Database, file, Cancellation);
        await Database.RunAsync(unit => unit.ExecuteAsync("DELETE FROM a_child"), Cancellation);
        file.Position = 0;
        BackupSummary restored = await DatabaseRestore.ReadAsync(Database, file, replace: true, Cancellation);
        Assert.Equal(taken.Digest, restored.Digest);
        Assert.Equal(taken.Tables, restored.Tables);
        using var again = new MemoryStream();
        Assert.Equal(taken.Tables, (await DatabaseBackup.WriteAsync(Database, again, Cancellation)).Tables);
        Assert.True((await DatabaseCheck.RunAsync(Database, Series, Cancellation)).IsSound);
        // Numbering goes on behind what was restored.
        await FillAsync(from: 1_000);
    }

    [Fact]
    public async Task A_backup_of_one_kind_of_database_is_restored_into_another()
    {
        await FillAsync();
        using var file = new MemoryStream();
        BackupSummary taken = await DatabaseBackup.WriteAsync(Database, file, Cancellation);
        await using var elsewhere = new SqliteEngine();
        await using Database other = await elsewhere.OpenAsync(Series);
        file.Position = 0;
        await DatabaseRestore.ReadAsync(other, file, replace: false, Cancellation);
        using var back = new MemoryStream();
        await DatabaseBackup.WriteAsync(other, back, Cancellation);
        back.Position = 0;
        await DatabaseRestore.ReadAsync(Database, back, replace: true, Cancellation);
        var value = await Database.ReadAsync(session => KeyValues.GetAsync(session, new KeySpace(Scope, "s"), "k3"), Cancellation);
        Assert.Equal([3, 0], value!.Value.ToArray());
        using var last = new MemoryStream();
        Assert.Equal(taken.Tables, (await DatabaseBackup.WriteAsync(Database, last, Cancellation)).Tables);
    }

    [Fact]
    public async Task A_backup_taken_while_others_write_is_one_state()
    {
        // Every unit writes a pair; a backup must never hold half of one.
        using var enough = new CancellationTokenSource();
        Task writing = Task.WhenAll(Enumerable.Range(0, 4).Select(async writer =>
        {
            for (int number = 0; !enough.IsCancellationRequested; number++)
            {
                int id = (writer * 1_000_000) + number;
                await Database.RunAsync(async unit =>
                {
                    await unit.ExecuteAsync("INSERT INTO b_parent (id) VALUES ($1)", id);
                    await unit.ExecuteAsync("INSERT INTO a_child (id, parent) VALUES ($1, $1)", id);
                }, Cancellation);
            }
        }));
        for (int round = 0; round < 5; round++)
        {
            using var file = new MemoryStream();
            BackupSummary taken = await DatabaseBackup.WriteAsync(Database, file, Cancellation);
            Assert.Equal(taken.Tables.Single(static table => table.Table == "b_parent").Rows, taken.Tables.Single(static table => table.Table == "a_child").Rows);
        }

        await enough.CancelAsync();
        await writing;
    }

    [Fact]
    public async Task A_database_with_data_is_not_overwritten_unless_asked()
    {
        await FillAsync();
        using var file = new MemoryStream();
        await DatabaseBackup.WriteAsync(Database, file, Cancellation);
        file.Position = 0;
        var failure = await Assert.ThrowsAsync<StoreException>(() => DatabaseRestore.ReadAsync(Database, file, replace: false, Cancellation));
        Assert.Equal(StoreErrors.RestoreRefused, failure.Code);
    }

    [Fact]
    public async Task A_backup_with_any_byte_changed_or_missing_is_refused_and_nothing_is_touched()
    {
        await FillAsync();
        using var file = new MemoryStream();
        await DatabaseBackup.WriteAsync(Database, file, Cancellation);
        byte[] bytes = file.ToArray();
        Check.That(seed: 44, runs: 60, random =>
        {
            byte[] damaged = (byte[])bytes.Clone();
            if (random.Next(2) == 0) damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            else damaged = damaged[..random.Next(damaged.Length)];
            using var stream = new MemoryStream(damaged);
            Assert.Equal(StoreErrors.BackupInvalid, Assert.Throws<StoreException>(() => DatabaseRestore.Inspect(stream)).Code);
        });
    }

    [Fact]
    public async Task A_backup_of_other_migrations_is_refused()
    {
        using var file = new MemoryStream();
        await DatabaseBackup.WriteAsync(Database, file, Cancellation);
        await using Engine elsewhere = await CreateEngineAsync();
        await using Database other = await elsewhere.OpenAsync();
        file.Position = 0;
        var failure = await Assert.ThrowsAsync<StoreException>(() => DatabaseRestore.ReadAsync(other, file, replace: true, Cancellation));
        Assert.Equal(StoreErrors.RestoreRefused, failure.Code);
        Assert.Contains("+ test 1", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_finds_what_the_building_blocks_would_never_write()
    {
        await FillAsync();
        Assert.True((await DatabaseCheck.RunAsync(Database, Series, Cancellation)).IsSound);
        await Database.RunAsync(unit => unit.ExecuteAsync("DELETE FROM sirsi_change WHERE version = 2"), Cancellation);
        DatabaseCheckReport report = await DatabaseCheck.RunAsync(Database, Series, Cancellation);
        Assert.Contains(report.Facts, static fact => fact.Subject.Contains("gaps", StringComparison.Ordinal) && fact.Problem is not null);
        DatabaseCheckReport newer = await DatabaseCheck.RunAsync(Database, [new("test")], Cancellation);
        Assert.Contains(newer.Facts, static fact => fact.Problem?.Contains("newer", StringComparison.Ordinal) == true);
    }

    private Task FillAsync(int from = 0) => Database.RunAsync(async unit =>
    {
        for (int id = from; id < from + 10; id++)
        {
            await unit.ExecuteAsync("INSERT INTO b_parent (id) VALUES ($1)", id);
            await unit.ExecuteAsync("INSERT INTO a_child (id, parent, note) VALUES ($1, $1, $2)", id, id % 2 == 0 ? null : $"n{id}");
            await KeyValues.PutAsync(unit, new KeySpace(Scope, "s"), $"k{id}", (byte[])[(byte)id, 0]);
            await Outbox.AppendAsync(unit, Scope, Engine.Environment.Ids.Next(), "t", "", ReadOnlyMemory<byte>.Empty);
            await WorkQueue.EnqueueAsync(unit, new QueueName(Scope, "q"), Engine.Environment.Ids.Next(), (byte[])[1]);
        }

        await Leases.TryAcquireAsync(unit, Scope, $"l{from}", "me", TimeSpan.FromMinutes(1));
    }, Cancellation);
}

public sealed class SqliteBackupTests : BackupContract
{
    protected override ValueTask<Engine> CreateEngineAsync() => ValueTask.FromResult<Engine>(new SqliteEngine());
}

[Trait("Suite", "slow")]
public sealed class PostgresBackupTests : BackupContract
{
    protected override async ValueTask<Engine> CreateEngineAsync() => await PostgresEngine.CreateAsync();
}
