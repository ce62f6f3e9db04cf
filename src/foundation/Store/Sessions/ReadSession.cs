using System.Collections.Immutable;

namespace Sirsi.Store;

/// <summary>
/// One consistent view of the database, open while a delegate given to <see cref="Database.ReadAsync{T}"/> runs. For one caller at a time;
/// used afterwards it throws <see cref="InvalidOperationException"/>.
/// </summary>
/// <remarks>
/// Values for placeholders may be null, <see cref="long"/>, <see cref="int"/>, <see cref="string"/>, <c>byte[]</c>,
/// <see cref="ReadOnlyMemory{T}"/> of bytes, <see cref="Guid"/> and <see cref="DateTimeOffset"/>; any other type is refused.
/// </remarks>
public class ReadSession
{
    private readonly int _rowsMax;
    private SqlChannel? _channel;

    internal ReadSession(SqlChannel channel, int rowsMax)
    {
        _channel = channel;
        _rowsMax = rowsMax;
    }

    /// <summary>The dialect to write SQL in.</summary>
    public SqlDialect Dialect => Channel.Dialect;

    internal SqlChannel Channel =>
        _channel ?? throw new InvalidOperationException("The session has ended: it is valid only until the delegate it was given to returns.");

    /// <summary>All rows of a query.</summary>
    /// <param name="sql">
    /// One statement with placeholders <c>$1</c>, <c>$2</c> …, none that begins or ends transactions. Texts are cached, so values never belong into them.
    /// </param>
    /// <param name="read">Makes a result of the row it is shown.</param>
    /// <param name="values">What stands for the placeholders.</param>
    /// <exception cref="StoreException">The database refused it, or there are more than <see cref="DatabaseLimits.RowsMax"/> rows.</exception>
    public async ValueTask<ImmutableArray<T>> QueryAsync<T>(string sql, Func<DatabaseRow, T> read, params object?[] values)
    {
        SqlStatement.ThrowIfWrong(sql);
        ArgumentNullException.ThrowIfNull(read);
        ImmutableArray<T>.Builder rows = ImmutableArray.CreateBuilder<T>();
        await Channel.VisitAsync(sql, row =>
        {
            if (rows.Count == _rowsMax) throw new StoreException(StoreErrors.TooManyRows, $"A query gives more than {_rowsMax:N0} rows.");
            rows.Add(read(row));
            return true;
        }, values);
        return rows.DrainToImmutable();
    }

    /// <summary>The first row of a query, or the default value when there is none.</summary>
    /// <inheritdoc cref="QueryAsync{T}"/>
    public async ValueTask<T?> QueryFirstAsync<T>(string sql, Func<DatabaseRow, T> read, params object?[] values)
    {
        SqlStatement.ThrowIfWrong(sql);
        ArgumentNullException.ThrowIfNull(read);
        T? result = default;
        await Channel.VisitAsync(sql, row =>
        {
            result = read(row);
            return false;
        }, values);
        return result;
    }

    /// <summary>
    /// The present instant by the clock that leases and queues go by: the server's with PostgreSQL, so that nodes need not agree on
    /// theirs, the host environment's with SQLite.
    /// </summary>
    public ValueTask<DateTimeOffset> NowAsync() => Channel.NowAsync();

    internal void End() => _channel = null;
}
