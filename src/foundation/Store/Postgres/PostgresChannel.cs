using Npgsql;
using NpgsqlTypes;

namespace Sirsi.Store.Postgres;

/// <summary>Statements in one transaction of one connection.</summary>
internal sealed class PostgresChannel(
    NpgsqlConnection connection, NpgsqlTransaction transaction, TimeProvider? hostClock, int timeMaxSeconds, string place, CancellationToken cancellation) : SqlChannel
{
    public override SqlDialect Dialect => SqlDialect.Postgres;

    /// <summary>What made the transaction unusable, even when the delegate caught it: the server would take its COMMIT for a ROLLBACK.</summary>
    public Exception? Failure { get; private set; }

    public override ValueTask<int> ExecuteAsync(string sql, ReadOnlySpan<object?> values) => ExecuteAsync(Command(sql, values));

    public override async ValueTask<int> ExecuteEachAsync(string sql, IReadOnlyList<object?[]> rows)
    {
        await using var batch = new NpgsqlBatch(connection, transaction) { Timeout = timeMaxSeconds };
        foreach (object?[] values in rows)
        {
            var command = new NpgsqlBatchCommand(sql);
            Add(command.Parameters, values);
            batch.BatchCommands.Add(command);
        }

        try
        {
            return await batch.ExecuteNonQueryAsync(cancellation);
        }
        catch (Exception failure) when (IsServers(failure))
        {
            throw Noted(failure);
        }
    }

    public override ValueTask VisitAsync(string sql, Func<DatabaseRow, bool> visit, ReadOnlySpan<object?> values) => VisitAsync(Command(sql, values), visit);

    public override async ValueTask ExecuteScriptAsync(string sql) => await ExecuteAsync(Command(sql, []));

    public override async ValueTask<DateTimeOffset> NowAsync()
    {
        if (hostClock is not null) return hostClock.GetUtcNow();
        long microseconds = 0;
        await VisitAsync(Command("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS INT8)", []), row =>
        {
            microseconds = row.Integer(0);
            return false;
        });
        return Instants.FromMicroseconds(microseconds);
    }

    private async ValueTask VisitAsync(NpgsqlCommand command, Func<DatabaseRow, bool> visit)
    {
        try
        {
            await using (command)
            {
                await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
                var row = new PostgresRow(reader);
                while (await reader.ReadAsync(cancellation))
                {
                    if (!visit(row)) return;
                }
            }
        }
        catch (Exception failure) when (IsServers(failure))
        {
            throw Noted(failure);
        }
    }

    private async ValueTask<int> ExecuteAsync(NpgsqlCommand command)
    {
        try
        {
            await using (command) return await command.ExecuteNonQueryAsync(cancellation);
        }
        catch (Exception failure) when (IsServers(failure))
        {
            throw Noted(failure);
        }
    }

    private static bool IsServers(Exception failure) => failure is NpgsqlException or IOException or OperationCanceledException;

    private Exception Noted(Exception failure)
    {
        Failure ??= failure;
        return PostgresFailures.Of(failure, place);
    }

    private NpgsqlCommand Command(string sql, ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlCommand(sql, connection, transaction) { CommandTimeout = timeMaxSeconds };
        Add(command.Parameters, values);
        return command;
    }

    private static void Add(NpgsqlParameterCollection parameters, ReadOnlySpan<object?> values)
    {
        for (int index = 0; index < values.Length; index++)
        {
            parameters.Add(values[index] switch
            {
                null => new NpgsqlParameter { Value = DBNull.Value },
                long number => new NpgsqlParameter<long> { TypedValue = number },
                int number => new NpgsqlParameter<long> { TypedValue = number },
                string text => new NpgsqlParameter<string> { TypedValue = text, NpgsqlDbType = NpgsqlDbType.Text },
                byte[] bytes => new NpgsqlParameter<byte[]> { TypedValue = bytes },
                ReadOnlyMemory<byte> bytes => new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = bytes, NpgsqlDbType = NpgsqlDbType.Bytea },
                Guid uuid => new NpgsqlParameter<Guid> { TypedValue = uuid },
                DateTimeOffset instant => new NpgsqlParameter<long> { TypedValue = Instants.ToMicroseconds(instant) },
                double number => new NpgsqlParameter<double> { TypedValue = number },
                var other => throw new ArgumentException($"Value ${index + 1} is a {other.GetType().Name}, which the database has no type for.", nameof(values)),
            });
        }
    }
}
