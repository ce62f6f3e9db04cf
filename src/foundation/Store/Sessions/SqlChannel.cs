namespace Sirsi.Store;

/// <summary>One connection inside one transaction: what the two families of databases have to be able to do.</summary>
internal abstract class SqlChannel
{
    public abstract SqlDialect Dialect { get; }

    /// <summary>Runs a statement and gives the number of rows it changed.</summary>
    public abstract ValueTask<int> ExecuteAsync(string sql, ReadOnlySpan<object?> values);

    /// <summary>Runs a statement once for each row of values, in order, and gives the number of rows changed in all.</summary>
    public abstract ValueTask<int> ExecuteEachAsync(string sql, IReadOnlyList<object?[]> rows);

    /// <summary>Shows each row of a query to <paramref name="visit"/> until that answers false.</summary>
    public abstract ValueTask VisitAsync(string sql, Func<DatabaseRow, bool> visit, ReadOnlySpan<object?> values);

    /// <summary>Runs statements without values that change the schema.</summary>
    public abstract ValueTask ExecuteScriptAsync(string sql);

    /// <summary>The present instant, by the clock that all users of the database share.</summary>
    public abstract ValueTask<DateTimeOffset> NowAsync();
}
