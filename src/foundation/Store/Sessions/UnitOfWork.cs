namespace Sirsi.Store;

/// <summary>
/// Changes that are kept together or not at all, open while a delegate given to <see cref="Database.RunAsync{T}"/> runs. The delegate may
/// run more than once, when units collide, so it changes nothing but the database; and it awaits nothing but this unit's own statements.
/// </summary>
public sealed class UnitOfWork : ReadSession
{
    private List<SignalKey>? _signals;

    internal UnitOfWork(SqlChannel channel, int rowsMax)
        : base(channel, rowsMax)
    {
    }

    /// <summary>What to wake once the unit is on disk.</summary>
    internal IReadOnlyList<SignalKey> Signals => _signals ?? (IReadOnlyList<SignalKey>)[];

    /// <summary>Runs one statement.</summary>
    /// <param name="sql">One statement with placeholders <c>$1</c>, <c>$2</c> …</param>
    /// <param name="values">What stands for the placeholders.</param>
    /// <returns>How many rows it changed.</returns>
    /// <exception cref="StoreException">The database refused it; the unit fails.</exception>
    public ValueTask<int> ExecuteAsync(string sql, params ReadOnlySpan<object?> values)
    {
        SqlStatement.ThrowIfWrong(sql);
        return Channel.ExecuteAsync(sql, values);
    }

    /// <summary>Runs one statement for each row of values, in order: one trip to the server for all.</summary>
    /// <inheritdoc cref="ExecuteAsync"/>
    public ValueTask<int> ExecuteEachAsync(string sql, IReadOnlyList<object?[]> rows)
    {
        SqlStatement.ThrowIfWrong(sql);
        ArgumentNullException.ThrowIfNull(rows);
        return rows.Count == 0 ? ValueTask.FromResult(0) : Channel.ExecuteEachAsync(sql, rows);
    }

    internal void Signal(SignalKey key) => (_signals ??= []).Add(key);
}
