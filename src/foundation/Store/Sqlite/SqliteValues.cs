using System.Text;
using SQLitePCL;

namespace Sirsi.Store.Sqlite;

/// <summary>How values travel into statements: UUIDs as 16 bytes in their text's order, instants as microseconds.</summary>
internal static class SqliteValues
{
    private const int TextBytesOnStack = 256;
    private const int UuidBytes = 16;

    public static void Bind(SqliteConnection connection, SqliteStatement statement, ReadOnlySpan<object?> values)
    {
        if (statement.Values != values.Length)
            throw new ArgumentException($"The statement has {statement.Values} placeholders and {values.Length} values.", nameof(values));
        for (int place = 0; place < statement.ValueOf.Length; place++)
        {
            int result = Bind(statement.Handle, place + 1, values[statement.ValueOf[place]]);
            if (result != raw.SQLITE_OK) throw connection.Failure(result);
        }
    }

    private static int Bind(sqlite3_stmt statement, int place, object? value)
    {
        switch (value)
        {
            case null: return raw.sqlite3_bind_null(statement, place);
            case long number: return raw.sqlite3_bind_int64(statement, place, number);
            case int number: return raw.sqlite3_bind_int64(statement, place, number);
            case string text: return BindText(statement, place, text);
            case byte[] bytes: return BindBytes(statement, place, bytes);
            case ReadOnlyMemory<byte> bytes: return BindBytes(statement, place, bytes.Span);
            case DateTimeOffset instant: return raw.sqlite3_bind_int64(statement, place, Instants.ToMicroseconds(instant));
            case double number: return raw.sqlite3_bind_double(statement, place, number);
            case Guid uuid:
                Span<byte> buffer = stackalloc byte[UuidBytes];
                uuid.TryWriteBytes(buffer, bigEndian: true, out _);
                return raw.sqlite3_bind_blob(statement, place, buffer);
            default: throw new ArgumentException($"Value ${place} is a {value.GetType().Name}, which the database has no type for.", nameof(value));
        }
    }

    private static int BindText(sqlite3_stmt statement, int place, string text)
    {
        int most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (text.Length == 0 || most > TextBytesOnStack) return raw.sqlite3_bind_text(statement, place, text);
        Span<byte> buffer = stackalloc byte[TextBytesOnStack];
        return raw.sqlite3_bind_text(statement, place, buffer[..Encoding.UTF8.GetBytes(text, buffer)]);
    }

    /// <summary>No bytes are not NULL.</summary>
    private static int BindBytes(sqlite3_stmt statement, int place, ReadOnlySpan<byte> bytes) =>
        bytes.IsEmpty ? raw.sqlite3_bind_zeroblob(statement, place, 0) : raw.sqlite3_bind_blob(statement, place, bytes);
}
