using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sirsi.Core.Documents;

namespace Sirsi.Store;

/// <summary>
/// Backups while the database is in use: one consistent view of all tables in one file, which any kind of database can be restored from.
/// Writers are not held up.
/// </summary>
public static class DatabaseBackup
{
    /// <summary>Writes a backup.</summary>
    /// <param name="database">What to back up.</param>
    /// <param name="output">Where to; written from its present position on, neither flushed nor closed.</param>
    /// <param name="cancellation">Gives up; what was written is no backup.</param>
    public static Task<BackupSummary> WriteAsync(Database database, Stream output, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(output);
        if (!output.CanSeek) throw new ArgumentException("A backup is written to something that can be sought in, such as a file.", nameof(output));
        long begin = output.Position;
        return database.ReadLongAsync(async session =>
        {
            output.Position = begin; // A view that was lost is begun anew.
            using var digested = new DigestingStream(output);
            await using var writer = new BinaryWriter(digested, Encoding.UTF8, leaveOpen: true);
            DateTimeOffset takenAt = await session.NowAsync();
            ImmutableArray<AppliedMigration> migrations = await Migrator.AppliedAsync(session);
            writer.Write(Encoding.ASCII.GetBytes(BackupFormat.FirstLine));
            BackupFormat.WriteText(writer, Header(session.Dialect, takenAt, migrations));
            var tables = ImmutableArray.CreateBuilder<(string, long)>();
            foreach (TableDescription table in await TableCatalogue.ReadAsync(session))
            {
                cancellation.ThrowIfCancellationRequested();
                tables.Add((table.Name, await WriteTableAsync(session, writer, table, cancellation)));
            }

            writer.Write(BackupFormat.EndMark);
            writer.Flush();
            byte[] digest = digested.Digest();
            output.Write(digest);
            return new BackupSummary(takenAt, session.Dialect.Name, migrations, tables.DrainToImmutable(), Convert.ToHexStringLower(digest));
        }, cancellation);
    }

    private static async ValueTask<long> WriteTableAsync(ReadSession session, BinaryWriter writer, TableDescription table, CancellationToken cancellation)
    {
        writer.Write(BackupFormat.TableMark);
        BackupFormat.WriteText(writer, table.Name);
        writer.Write(table.Columns.Length);
        foreach ((string name, _) in table.Columns) BackupFormat.WriteText(writer, name);
        string order = table.Identity ?? (session.Dialect == SqlDialect.Sqlite ? table.Columns[0].Name : "");
        string sql = $"SELECT {string.Join(", ", table.Columns.Select(static column => TableCatalogue.Quoted(column.Name)))} FROM {TableCatalogue.Quoted(table.Name)}"
            + (order.Length == 0 ? "" : $" ORDER BY {TableCatalogue.Quoted(order)}");
        long rows = 0;
        await session.Channel.VisitAsync(sql, row =>
        {
            cancellation.ThrowIfCancellationRequested();
            writer.Write(BackupFormat.RowMark);
            for (int column = 0; column < row.Count; column++) BackupFormat.Write(writer, row.Value(column));
            rows++;
            return true;
        }, []);
        return rows;
    }

    private static string Header(SqlDialect dialect, DateTimeOffset takenAt, ImmutableArray<AppliedMigration> migrations)
    {
        using var buffer = new MemoryStream();
        SchemaDocument.Write(buffer, BackupFormat.Schema, json =>
        {
            json.WriteString("dialect", dialect.Name);
            json.WriteString("takenAt", takenAt);
            json.WriteStartArray("migrations");
            foreach (AppliedMigration migration in migrations)
            {
                json.WriteStartObject();
                json.WriteString("component", migration.Component);
                json.WriteNumber("number", migration.Number);
                json.WriteString("name", migration.Name);
                json.WriteString("checksum", migration.Checksum);
                json.WriteString("appliedAt", migration.AppliedAt);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    internal static (string Dialect, DateTimeOffset TakenAt, ImmutableArray<AppliedMigration> Migrations) ParseHeader(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement header = document.RootElement;
            return (header.GetProperty("dialect").GetString()!, header.GetProperty("takenAt").GetDateTimeOffset(),
            [
                .. header.GetProperty("migrations").EnumerateArray().Select(static migration => new AppliedMigration(
                    migration.GetProperty("component").GetString()!, migration.GetProperty("number").GetInt32(), migration.GetProperty("name").GetString()!,
                    migration.GetProperty("checksum").GetString()!, migration.GetProperty("appliedAt").GetDateTimeOffset())),
            ]);
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw BackupFormat.Invalid("its header cannot be read");
        }
    }
}

/// <summary>Passes bytes on and takes their SHA-256.</summary>
internal sealed class DigestingStream(Stream inner) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public byte[] Digest() => _hash.GetHashAndReset();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _hash.AppendData(buffer);
        inner.Write(buffer);
    }

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _hash.Dispose();
        base.Dispose(disposing);
    }
}
