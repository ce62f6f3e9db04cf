using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Sirsi.Store;

/// <summary>Reads backups back, checked whole before anything is changed, and in one unit of work.</summary>
public static class DatabaseRestore
{
    private const int RowsPerStatement = 500;

    /// <summary>Of byte strings; a row alone may have more.</summary>
    private const long BytesPerStatement = 4 << 20;

    /// <summary>Checks that a backup is whole and says what it holds, without a database.</summary>
    /// <param name="backup">The backup, from its present position to its end.</param>
    /// <exception cref="StoreException"><see cref="StoreErrors.BackupInvalid"/>.</exception>
    public static BackupSummary Inspect(Stream backup)
    {
        ArgumentNullException.ThrowIfNull(backup);
        if (!backup.CanSeek) throw new ArgumentException("A backup is read from something that can be sought in, such as a file.", nameof(backup));
        long begin = backup.Position;
        long content = backup.Length - begin - BackupFormat.DigestBytes;
        if (content < BackupFormat.FirstLine.Length) throw BackupFormat.Invalid("too short");
        byte[] digest = VerifiedDigest(backup, content);
        backup.Position = begin;
        using var reader = new BackupReader(backup);
        var tables = ImmutableArray.CreateBuilder<(string, long)>();
        while (reader.NextTable())
        {
            long rows = 0;
            while (reader.NextRow() is not null) rows++;
            tables.Add((reader.Table, rows));
        }

        return new BackupSummary(reader.TakenAt, reader.Dialect, reader.Migrations, tables.DrainToImmutable(), Convert.ToHexStringLower(digest));
    }

    /// <summary>Restores a backup into a database that was opened with the same components.</summary>
    /// <param name="database">Into which; empty, unless its data may be replaced.</param>
    /// <param name="backup">The backup, from its present position to its end.</param>
    /// <param name="replace">Whether what the database holds is removed first, in the same unit of work.</param>
    /// <param name="cancellation">Gives up; nothing is changed then.</param>
    /// <exception cref="StoreException">The backup is invalid, of other migrations, or the database is not empty.</exception>
    public static async Task<BackupSummary> ReadAsync(Database database, Stream backup, bool replace, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(database);
        long begin = backup?.Position ?? throw new ArgumentNullException(nameof(backup));
        BackupSummary summary = Inspect(backup);
        await database.RunLongAsync(async unit =>
        {
            ThrowIfUnlike(summary, await Migrator.AppliedAsync(unit), unit.Dialect, database.Place);
            ImmutableArray<TableDescription> tables = await TableCatalogue.ReadAsync(unit);
            await MakeRoomAsync(unit, tables, replace, database.Place);
            backup.Position = begin;
            await LoadAsync(unit, tables, backup, cancellation);
            return true;
        }, cancellation);
        return summary;
    }

    private static byte[] VerifiedDigest(Stream backup, long content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 16];
        while (content > 0)
        {
            int read = backup.Read(buffer, 0, (int)Math.Min(buffer.Length, content));
            if (read == 0) throw BackupFormat.Invalid("cut off");
            hash.AppendData(buffer, 0, read);
            content -= read;
        }

        byte[] stored = new byte[BackupFormat.DigestBytes];
        backup.ReadExactly(stored);
        byte[] digest = hash.GetHashAndReset();
        return digest.AsSpan().SequenceEqual(stored) ? digest : throw BackupFormat.Invalid("its content does not have the checksum it ends with");
    }

    private static void ThrowIfUnlike(BackupSummary backup, ImmutableArray<AppliedMigration> there, SqlDialect dialect, string place)
    {
        static IEnumerable<string> Lines(IEnumerable<AppliedMigration> migrations, bool checksums) => migrations
            .Select(migration => $"{migration.Component} {migration.Number}" + (checksums ? " " + migration.Checksum : "")).Order(StringComparer.Ordinal);
        bool checksums = backup.Dialect == dialect.Name;
        string[] only = [.. Lines(backup.Migrations, checksums).Except(Lines(there, checksums), StringComparer.Ordinal)];
        string[] missing = [.. Lines(there, checksums).Except(Lines(backup.Migrations, checksums), StringComparer.Ordinal)];
        if (only.Length == 0 && missing.Length == 0) return;
        throw new StoreException(StoreErrors.RestoreRefused,
            $"The backup was taken of a database with other migrations than {place} has: {string.Join(", ", only.Select(static line => "+ " + line).Concat(missing.Select(static line => "− " + line)))}.");
    }

    private static async ValueTask MakeRoomAsync(UnitOfWork unit, ImmutableArray<TableDescription> tables, bool replace, string place)
    {
        foreach (TableDescription table in tables.Reverse())
        {
            string name = TableCatalogue.Quoted(table.Name);
            if (replace) await unit.ExecuteAsync($"DELETE FROM {name}");
            else if (await unit.QueryFirstAsync($"SELECT 1 FROM {name} LIMIT 1", static _ => true))
                throw new StoreException(StoreErrors.RestoreRefused, $"{place} is not empty: table {table.Name} has rows.");
        }
    }

    private static async ValueTask LoadAsync(UnitOfWork unit, ImmutableArray<TableDescription> tables, Stream backup, CancellationToken cancellation)
    {
        using var reader = new BackupReader(backup);
        var rows = new List<object?[]>(RowsPerStatement);
        long bytes = 0;
        while (reader.NextTable())
        {
            TableDescription table = tables.FirstOrDefault(table => table.Name == reader.Table)
                ?? throw new StoreException(StoreErrors.RestoreRefused, $"The backup has a table {reader.Table} that the database lacks.");
            bool[] uuids = [.. reader.Columns.Select(column => table.Columns.FirstOrDefault(there => there.Name == column).IsUuid)];
            string sql = $"INSERT INTO {TableCatalogue.Quoted(table.Name)} ({string.Join(", ", reader.Columns.Select(TableCatalogue.Quoted))}) "
                + $"VALUES ({string.Join(", ", uuids.Select(static (_, index) => $"${index + 1}"))})";
            while (reader.NextRow() is { } values)
            {
                for (int column = 0; column < values.Length; column++)
                {
                    if (values[column] is not byte[] value) continue;
                    bytes += value.Length;
                    if (uuids[column]) values[column] = new Guid(value, bigEndian: true);
                }

                rows.Add(values);
                if (rows.Count == RowsPerStatement || bytes >= BytesPerStatement) await InsertAsync();
            }

            await InsertAsync();
            await ContinueNumberingAsync(unit, table);

            async ValueTask InsertAsync()
            {
                cancellation.ThrowIfCancellationRequested();
                await unit.ExecuteEachAsync(sql, rows);
                rows.Clear();
                bytes = 0;
            }
        }
    }

    /// <summary>A server that numbers rows by itself has to go on after those that were put in with their numbers; SQLite does.</summary>
    private static async ValueTask ContinueNumberingAsync(UnitOfWork unit, TableDescription table)
    {
        if (table.Identity is not { } column) return;
        string name = TableCatalogue.Quoted(table.Name);
        await unit.QueryFirstAsync(
            $"SELECT setval(pg_get_serial_sequence($1, $2), (SELECT COALESCE(MAX({TableCatalogue.Quoted(column)}), 0) + 1 FROM {name}), false)",
            static row => row.Integer(0), name, column);
    }
}
