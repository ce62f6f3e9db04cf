namespace Sirsi.Store.Sqlite;

/// <summary>Statements on one connection. All of them complete before they return.</summary>
internal sealed class SqliteChannel(SqliteConnection connection, TimeProvider time) : SqlChannel
{
    private bool _revoked;

    public override SqlDialect Dialect => SqlDialect.Sqlite;

    /// <summary>Whether an exception that a delegate may have caught has already ended the unit.</summary>
    public SqliteFailure? Failure { get; private set; }

    public override ValueTask<int> ExecuteAsync(string sql, ReadOnlySpan<object?> values)
    {
        Run(sql, values, visit: null);
        return ValueTask.FromResult(connection.Changes);
    }

    public override ValueTask<int> ExecuteEachAsync(string sql, IReadOnlyList<object?[]> rows)
    {
        int changes = 0;
        for (int index = 0; index < rows.Count; index++)
        {
            Run(sql, rows[index], visit: null);
            changes += connection.Changes;
        }

        return ValueTask.FromResult(changes);
    }

    public override ValueTask VisitAsync(string sql, Func<DatabaseRow, bool> visit, ReadOnlySpan<object?> values)
    {
        Run(sql, values, visit);
        return ValueTask.CompletedTask;
    }

    public override ValueTask ExecuteScriptAsync(string sql)
    {
        try
        {
            connection.RunScript(sql);
        }
        catch (SqliteFailure failure)
        {
            Failure = failure;
            throw failure.Meaning;
        }

        return ValueTask.CompletedTask;
    }

    public override ValueTask<DateTimeOffset> NowAsync() => ValueTask.FromResult(time.GetUtcNow());

    /// <summary>Whoever still holds the unit gets nothing more from it.</summary>
    public void Revoke() => _revoked = true;

    private void Run(string sql, ReadOnlySpan<object?> values, Func<DatabaseRow, bool>? visit)
    {
        if (_revoked) throw new InvalidOperationException("The unit of work has ended.");
        try
        {
            connection.Run(sql, values, visit);
        }
        catch (SqliteFailure failure)
        {
            Failure = failure;
            throw failure.Meaning;
        }
    }
}
