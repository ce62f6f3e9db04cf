using System.Collections.Immutable;

namespace Sirsi.Store;

/// <summary>One thing that was looked at.</summary>
/// <param name="Subject">What.</param>
/// <param name="Problem">What is wrong with it; null when nothing is.</param>
public sealed record CheckedFact(string Subject, string? Problem);

/// <summary>What a check found.</summary>
/// <param name="Facts">All that was looked at, in order.</param>
public sealed record DatabaseCheckReport(ImmutableArray<CheckedFact> Facts)
{
    /// <summary>Whether nothing is wrong.</summary>
    public bool IsSound => Facts.All(static fact => fact.Problem is null);
}

/// <summary>Looks whether a database is whole; changes nothing.</summary>
public static class DatabaseCheck
{
    private const int ProblemsMax = 20;

    /// <summary>Checks the file's structure (SQLite), the migrations, and what the store's building blocks keep true.</summary>
    /// <param name="database">Which; as it is, migrated or not.</param>
    /// <param name="components">Whose migrations to compare, beside the store's own.</param>
    /// <param name="cancellation">Gives up.</param>
    public static Task<DatabaseCheckReport> RunAsync(Database database, IEnumerable<MigrationSeries> components, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(components);
        ImmutableArray<MigrationSeries> all = [StoreSchema.Series, .. components];
        return database.ReadLongAsync(async session =>
        {
            var facts = ImmutableArray.CreateBuilder<CheckedFact>();
            if (session.Dialect == SqlDialect.Sqlite) await CheckFileAsync(session, facts);
            ImmutableArray<AppliedMigration> applied = await Migrator.AppliedAsync(session);
            foreach (MigrationSeries series in all) facts.Add(CheckSeries(series, applied, session.Dialect));
            bool isOurs = applied.Count(static migration => migration.Component == StoreSchema.Series.Component) == StoreSchema.Series.Migrations.Length;
            if (isOurs) await CheckRulesAsync(session, facts);
            return new DatabaseCheckReport(facts.DrainToImmutable());
        }, cancellation);
    }

    private static async ValueTask CheckFileAsync(ReadSession session, ImmutableArray<CheckedFact>.Builder facts)
    {
        ImmutableArray<string> words = await session.QueryAsync($"PRAGMA integrity_check({ProblemsMax})", static row => row.Text(0));
        facts.Add(new CheckedFact("structure of the file", words is ["ok"] ? null : string.Join("; ", words)));
        ImmutableArray<string> orphans = await session.QueryAsync("PRAGMA foreign_key_check", static row => row.Text(0));
        facts.Add(new CheckedFact("references between tables", orphans.IsEmpty ? null
            : $"{orphans.Length} rows refer to nothing, in {string.Join(", ", orphans.Distinct(StringComparer.Ordinal))}"));
    }

    private static CheckedFact CheckSeries(MigrationSeries series, ImmutableArray<AppliedMigration> applied, SqlDialect dialect)
    {
        var problems = new List<string>();
        var there = applied.Where(migration => migration.Component == series.Component).ToDictionary(static migration => migration.Number);
        foreach (Migration migration in series.Migrations)
        {
            if (!there.Remove(migration.Number, out AppliedMigration? found)) problems.Add($"{migration.Number} is not applied");
            else if (found.Checksum != migration.Checksum(dialect)) problems.Add($"{migration.Number} differs from this program's");
        }

        problems.AddRange(there.Keys.Order().Select(static number => $"{number} is newer than this program"));
        return new CheckedFact($"migrations of {series.Component}", problems.Count == 0 ? null : string.Join("; ", problems));
    }

    private static async ValueTask CheckRulesAsync(ReadSession session, ImmutableArray<CheckedFact>.Builder facts)
    {
        foreach ((string subject, string sql) in Rules)
        {
            long broken = await session.QueryFirstAsync(sql, static row => row.Integer(0));
            facts.Add(new CheckedFact(subject, broken == 0 ? null : $"{broken} rows break the rule"));
        }
    }

    /// <summary>Queries that count what must not be.</summary>
    private static (string Subject, string Sql)[] Rules { get; } =
    [
        ("values are those of the last change",
            """
            SELECT COUNT(*) FROM sirsi_value v JOIN sirsi_space s ON s.tenant = v.tenant AND s.project = v.project AND s.space = v.space
            LEFT JOIN sirsi_change c ON c.tenant = v.tenant AND c.project = v.project AND c.space = v.space AND c.version = v.version
            WHERE v.version > s.revision OR (v.version > s.trimmed AND (c.version IS NULL OR c.key <> v.key OR c.value IS NULL OR c.value <> v.value))
            """),
        ("values belong to a space",
            """
            SELECT COUNT(*) FROM sirsi_value v
            LEFT JOIN sirsi_space s ON s.tenant = v.tenant AND s.project = v.project AND s.space = v.space WHERE s.space IS NULL
            """),
        ("changes are numbered without gaps",
            """
            SELECT COUNT(*) FROM (SELECT s.revision - s.trimmed AS wanted, COUNT(c.version) AS found FROM sirsi_space s
            LEFT JOIN sirsi_change c ON c.tenant = s.tenant AND c.project = s.project AND c.space = s.space
            GROUP BY s.tenant, s.project, s.space, s.revision, s.trimmed) AS counts WHERE wanted <> found
            """),
        ("leases have tokens", "SELECT COUNT(*) FROM sirsi_lease WHERE token < 1"),
    ];
}
