using System.Collections.Immutable;
using Sirsi.Core.Hosting;

namespace Sirsi.Store;

/// <summary>
/// Brings a database up to what the program needs, one node at a time. The lock is a row with an expiry: a node that dies gives way,
/// and because each migration's own transaction prolongs the lock first, a slow one cannot be overtaken while it runs.
/// </summary>
internal sealed class Migrator(Database database, ImmutableArray<MigrationSeries> components, HostEnvironment environment)
{
    private static readonly TimeSpan LockTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private const int CreationAttemptsMax = 5;

    private readonly Guid _holder = environment.Ids.Next();

    public async Task RunAsync(CancellationToken cancellation)
    {
        if ((await PendingAsync(cancellation)).IsEmpty) return;
        await CreateTablesAsync(cancellation);
        await TakeLockAsync(cancellation);
        try
        {
            // Looked at again: another node may have done it all while we waited for the lock.
            foreach ((MigrationSeries series, Migration migration) in await PendingAsync(cancellation))
                await ApplyAsync(series, migration, cancellation);
        }
        finally
        {
            await database.RunAsync(unit => unit.ExecuteAsync(
                "UPDATE sirsi_migration_lock SET expires_at = 0 WHERE id = 1 AND holder = $1", _holder), CancellationToken.None);
        }
    }

    /// <summary>What a database says was applied; empty for one that was never migrated.</summary>
    public static async ValueTask<ImmutableArray<AppliedMigration>> AppliedAsync(ReadSession session)
    {
        string exists = session.Dialect == SqlDialect.Sqlite
            ? "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = 'sirsi_migrations'"
            : "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'sirsi_migrations'";
        if (await session.QueryFirstAsync(exists, static row => row.Integer(0)) == 0) return [];
        return await session.QueryAsync(
            "SELECT component, number, name, checksum, applied_at FROM sirsi_migrations ORDER BY applied_at, component, number",
            static row => new AppliedMigration(row.Text(0), (int)row.Integer(1), row.Text(2), row.Text(3), row.Instant(4)));
    }

    private async Task<ImmutableArray<(MigrationSeries Series, Migration Migration)>> PendingAsync(CancellationToken cancellation)
    {
        ImmutableArray<AppliedMigration> applied = await database.ReadAsync(AppliedAsync, cancellation);
        var pending = ImmutableArray.CreateBuilder<(MigrationSeries, Migration)>();
        foreach (MigrationSeries series in components)
        {
            var known = applied.Where(migration => migration.Component == series.Component).ToDictionary(static migration => migration.Number);
            foreach (AppliedMigration there in known.Values) ThrowIfUnfit(series, there);
            pending.AddRange(series.Migrations.Where(migration => !known.ContainsKey(migration.Number)).Select(migration => (series, migration)));
        }

        return pending.DrainToImmutable();
    }

    private void ThrowIfUnfit(MigrationSeries series, AppliedMigration there)
    {
        if (there.Number > series.Migrations.Length)
        {
            throw new StoreException(StoreErrors.DatabaseNewer,
                $"{database.Place} has migration {there.Number} ('{there.Name}') of '{series.Component}', applied at {there.AppliedAt:u}; this program knows {series.Migrations.Length}.");
        }

        string ours = series.Migrations[there.Number - 1].Checksum(database.Dialect);
        if (there.Checksum != ours)
        {
            throw new StoreException(StoreErrors.MigrationChanged,
                $"Migration {there.Number} ('{there.Name}') of '{series.Component}' in {database.Place} has the checksum {Short(there.Checksum)}, this program's has {Short(ours)}.");
        }
    }

    private static string Short(string checksum) => checksum.Length > 12 ? checksum[..12] + "…" : checksum;

    private async Task CreateTablesAsync(CancellationToken cancellation)
    {
        SqlDialect d = database.Dialect;
        string sql = $"""
            CREATE TABLE IF NOT EXISTS sirsi_migrations (
              component {d.Text} NOT NULL, number {d.Integer} NOT NULL, name {d.Text} NOT NULL, checksum {d.Text} NOT NULL,
              applied_at {d.Integer} NOT NULL, PRIMARY KEY (component, number)) {d.KeyedTable};
            CREATE TABLE IF NOT EXISTS sirsi_migration_lock (
              id {d.Integer} NOT NULL PRIMARY KEY, holder {d.Uuid} NOT NULL, expires_at {d.Integer} NOT NULL) {d.KeyedTable};
            """;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await database.RunAsync(async unit =>
                {
                    await unit.Channel.ExecuteScriptAsync(sql);
                    await unit.ExecuteAsync(
                        "INSERT INTO sirsi_migration_lock (id, holder, expires_at) VALUES (1, $1, 0) ON CONFLICT (id) DO NOTHING", _holder);
                }, cancellation);
                return;
            }
            catch (StoreException failure) when (attempt < CreationAttemptsMax
                && (failure.Code == StoreErrors.ConstraintViolated || failure.Code == StoreErrors.StatementFailed))
            {
                // Nodes that create the same table at the same moment make PostgreSQL's catalogue refuse one of them.
                await Task.Delay(Pause, environment.Time, cancellation);
            }
        }
    }

    private async Task TakeLockAsync(CancellationToken cancellation)
    {
        long began = environment.Time.GetTimestamp();
        while (!await database.RunAsync(HoldLockAsync, cancellation))
        {
            if (environment.Time.GetElapsedTime(began) > WaitMax)
            {
                throw new StoreException(StoreErrors.MigrationBusy,
                    $"Another node has been migrating {database.Place} for more than {WaitMax.TotalMinutes:0} minutes.");
            }

            await Task.Delay(Pause, environment.Time, cancellation);
        }
    }

    /// <summary>Takes or prolongs the lock; until the transaction ends nobody else can.</summary>
    private async ValueTask<bool> HoldLockAsync(UnitOfWork unit)
    {
        DateTimeOffset now = await unit.NowAsync();
        return await unit.ExecuteAsync(
            "UPDATE sirsi_migration_lock SET holder = $1, expires_at = $2 WHERE id = 1 AND (expires_at <= $3 OR holder = $1)",
            _holder, now + LockTime, now) == 1;
    }

    private async Task ApplyAsync(MigrationSeries series, Migration migration, CancellationToken cancellation)
    {
        try
        {
            await database.RunLongAsync(async unit =>
            {
                if (!await HoldLockAsync(unit))
                    throw new StoreException(StoreErrors.MigrationBusy, $"Another node took over the migration of {database.Place}.");
                await unit.Channel.ExecuteScriptAsync(migration.Sql(unit.Dialect));
                return await unit.ExecuteAsync(
                    "INSERT INTO sirsi_migrations (component, number, name, checksum, applied_at) VALUES ($1, $2, $3, $4, $5)",
                    series.Component, migration.Number, migration.Name, migration.Checksum(unit.Dialect), await unit.NowAsync());
            }, cancellation);
        }
        catch (StoreException failure) when (failure.Code == StoreErrors.StatementFailed || failure.Code == StoreErrors.ConstraintViolated)
        {
            throw new StoreException(StoreErrors.MigrationFailed,
                $"Migration {migration.Number} ('{migration.Name}') of '{series.Component}' failed on {database.Place}: {failure.Message}", failure);
        }
    }
}
