using System.Text;
using SQLitePCL;

namespace Sirsi.Store.Sqlite;

/// <summary>
/// One connection to SQLite with its prepared statements. For one thread at a time, except for <see cref="Interrupt"/>.
/// </summary>
internal sealed class SqliteConnection : IDisposable
{
    private const int StatementsMax = 256;

    private readonly sqlite3 _handle;
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);

    private SqliteConnection(sqlite3 handle, string place)
    {
        _handle = handle;
        Place = place;
    }

    public string Place { get; }

    /// <summary>Whether a transaction is open; SQLite itself ends one after some failures.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    /// <summary>Rows changed by the last statement.</summary>
    public int Changes => raw.sqlite3_changes(_handle);

    public static SqliteConnection Open(string path, int flags, string place, TimeSpan waitTimeMax)
    {
        SqliteLibrary.Load();
        int result = raw.sqlite3_open_v2(path, out sqlite3 handle, flags | raw.SQLITE_OPEN_NOMUTEX, null);
        if (result != raw.SQLITE_OK)
        {
            string words = raw.sqlite3_errmsg(handle).utf8_to_string();
            raw.sqlite3_close_v2(handle);
            throw SqliteFailures.Of(result, words, place);
        }

        raw.sqlite3_extended_result_codes(handle, 1);
        raw.sqlite3_busy_timeout(handle, (int)waitTimeMax.TotalMilliseconds);
        return new SqliteConnection(handle, place);
    }

    /// <summary>Runs a statement without values.</summary>
    public void Run(string sql)
    {
        sqlite3_stmt statement = Statement(sql).Handle;
        int result;
        while ((result = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
        {
        }

        raw.sqlite3_reset(statement);
        if (result != raw.SQLITE_DONE) throw Failure(result);
    }

    /// <summary>Runs statements separated by semicolons.</summary>
    public void RunScript(string sql)
    {
        byte[] text = Encoding.UTF8.GetBytes(sql);
        ReadOnlySpan<byte> rest = text;
        while (!rest.IsEmpty)
        {
            int result = raw.sqlite3_prepare_v2(_handle, rest, out sqlite3_stmt statement, out rest);
            if (result != raw.SQLITE_OK) throw Failure(result);
            if (statement.IsInvalid) return;
            using (statement)
            {
                while ((result = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
                {
                }
            }

            if (result != raw.SQLITE_DONE) throw Failure(result);
        }
    }

    /// <summary>Runs a statement and shows its rows to <paramref name="visit"/> until that answers false.</summary>
    public void Run(string sql, ReadOnlySpan<object?> values, Func<DatabaseRow, bool>? visit)
    {
        SqliteStatement prepared = Statement(sql);
        sqlite3_stmt statement = prepared.Handle;
        try
        {
            SqliteValues.Bind(this, prepared, values);
            SqliteRow? row = null;
            int result;
            while ((result = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
            {
                if (visit is not null && !visit(row ??= new SqliteRow(statement))) return;
            }

            if (result != raw.SQLITE_DONE) throw Failure(result);
        }
        finally
        {
            raw.sqlite3_reset(statement);
            if (values.Length > 0) raw.sqlite3_clear_bindings(statement);
        }
    }

    /// <summary>Ends what is running with a failure. From any thread while the connection is open.</summary>
    public void Interrupt() => raw.sqlite3_interrupt(_handle);

    public SqliteFailure Failure(int result) => new(result, SqliteFailures.Of(result, raw.sqlite3_errmsg(_handle).utf8_to_string(), Place));

    public void Dispose()
    {
        Forget();
        raw.sqlite3_close_v2(_handle);
        _handle.Dispose();
    }

    private SqliteStatement Statement(string sql)
    {
        if (_statements.TryGetValue(sql, out SqliteStatement? known))
        {
            return raw.sqlite3_stmt_busy(known.Handle) == 0 ? known
                : throw new InvalidOperationException("A delegate that reads a row cannot run the statement it reads from.");
        }

        if (_statements.Count >= StatementsMax) Forget();
        int result = raw.sqlite3_prepare_v2(_handle, sql, out sqlite3_stmt statement, out string tail);
        if (result != raw.SQLITE_OK) throw Failure(result);
        if (statement.IsInvalid || !string.IsNullOrWhiteSpace(tail))
        {
            statement.Dispose();
            throw new ArgumentException($"Exactly one statement is run at a time: {sql}", nameof(sql));
        }

        var prepared = new SqliteStatement(statement);
        _statements.Add(sql, prepared);
        return prepared;
    }

    private void Forget()
    {
        foreach (SqliteStatement statement in _statements.Values) statement.Handle.Dispose();
        _statements.Clear();
    }
}

/// <summary>A failure with SQLite's own result code, on its way to becoming what the caller sees.</summary>
internal sealed class SqliteFailure(int result, StoreException meaning) : Exception(meaning.Message, meaning)
{
    public int Result => result;

    public StoreException Meaning => meaning;
}
