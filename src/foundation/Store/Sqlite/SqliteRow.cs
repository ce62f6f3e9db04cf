using SQLitePCL;

namespace Sirsi.Store.Sqlite;

internal sealed class SqliteRow(sqlite3_stmt statement) : DatabaseRow
{
    public override int Count => raw.sqlite3_column_count(statement);

    public override bool IsNull(int column) => TypeOf(column) == raw.SQLITE_NULL;

    public override long Integer(int column)
    {
        Expect(column, raw.SQLITE_INTEGER);
        return raw.sqlite3_column_int64(statement, column);
    }

    public override string Text(int column)
    {
        Expect(column, raw.SQLITE_TEXT);
        return raw.sqlite3_column_text(statement, column).utf8_to_string();
    }

    public override byte[] Bytes(int column)
    {
        Expect(column, raw.SQLITE_BLOB);
        return raw.sqlite3_column_blob(statement, column).ToArray();
    }

    public override Guid Uuid(int column)
    {
        Expect(column, raw.SQLITE_BLOB);
        return new Guid(raw.sqlite3_column_blob(statement, column), bigEndian: true);
    }

    internal override string NameOf(int column) => raw.sqlite3_column_name(statement, column).utf8_to_string();

    internal override object? Value(int column) => TypeOf(column) switch
    {
        raw.SQLITE_NULL => null,
        raw.SQLITE_INTEGER => raw.sqlite3_column_int64(statement, column),
        raw.SQLITE_FLOAT => raw.sqlite3_column_double(statement, column),
        raw.SQLITE_TEXT => raw.sqlite3_column_text(statement, column).utf8_to_string(),
        _ => raw.sqlite3_column_blob(statement, column).ToArray(),
    };

    private int TypeOf(int column) => raw.sqlite3_column_type(statement, column);

    /// <summary>SQLite would convert silently; PostgreSQL would not.</summary>
    private void Expect(int column, int type)
    {
        if (TypeOf(column) != type) throw new InvalidCastException($"Column {column} ('{NameOf(column)}') holds a value of another type.");
    }
}
