using System.Collections.Immutable;

namespace Sirsi.Store;

/// <summary>A table as the database describes it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Columns">Its columns in order, and whether each is of UUIDs.</param>
/// <param name="Identity">The column the database numbers by itself, if any.</param>
internal sealed record TableDescription(string Name, ImmutableArray<(string Name, bool IsUuid)> Columns, string? Identity);

/// <summary>Which tables there are, those that others refer to first.</summary>
internal static class TableCatalogue
{
    public const string Migrations = "sirsi_migrations";
    public const string MigrationLock = "sirsi_migration_lock";

    public static string Quoted(string name) => '"' + name.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';

    public static async ValueTask<ImmutableArray<TableDescription>> ReadAsync(ReadSession session)
    {
        bool sqlite = session.Dialect == SqlDialect.Sqlite;
        ImmutableArray<string> names = await session.QueryAsync(sqlite
            ? "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
            : "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY 1",
            static row => row.Text(0));
        var references = await session.QueryAsync(sqlite
            ? "SELECT s.name, f.\"table\" FROM sqlite_schema s, pragma_foreign_key_list(s.name) f WHERE s.type = 'table'"
            : """
              SELECT CAST(f.table_name AS TEXT), CAST(t.table_name AS TEXT) FROM information_schema.table_constraints f
              JOIN information_schema.referential_constraints r ON r.constraint_schema = f.constraint_schema AND r.constraint_name = f.constraint_name
              JOIN information_schema.table_constraints t ON t.constraint_schema = r.unique_constraint_schema AND t.constraint_name = r.unique_constraint_name
              WHERE f.constraint_type = 'FOREIGN KEY' AND f.table_schema = current_schema()
              """,
            static row => (From: row.Text(0), To: row.Text(1)));
        var ordered = ImmutableArray.CreateBuilder<TableDescription>();
        var placed = new HashSet<string>(StringComparer.Ordinal) { Migrations, MigrationLock };
        var left = new List<string>(names.Where(name => !placed.Contains(name)));
        while (left.Count > 0)
        {
            string next = left.FirstOrDefault(name => references.All(reference => reference.From != name || reference.To == name || placed.Contains(reference.To)))
                ?? left[0]; // A circle of references: any order is as good.
            left.Remove(next);
            placed.Add(next);
            ordered.Add(await DescribeAsync(session, next, sqlite));
        }

        return ordered.DrainToImmutable();
    }

    private static async ValueTask<TableDescription> DescribeAsync(ReadSession session, string table, bool sqlite)
    {
        if (sqlite)
        {
            var columns = await session.QueryAsync("SELECT name FROM pragma_table_info($1) ORDER BY cid", static row => (row.Text(0), false), table);
            return new TableDescription(table, columns, Identity: null);
        }

        var described = await session.QueryAsync(
            """
            SELECT CAST(column_name AS TEXT), CAST(data_type AS TEXT), CAST(is_identity AS TEXT) FROM information_schema.columns
            WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position
            """, static row => (Name: row.Text(0), Type: row.Text(1), Identity: row.Text(2)), table);
        return new TableDescription(table, [.. described.Select(static column => (column.Name, column.Type == "uuid"))],
            described.FirstOrDefault(static column => column.Identity == "YES").Name);
    }
}
