using System.Data;
using Npgsql;
using Sirsi.Core.Hosting;

namespace Sirsi.Store.Postgres;

/// <summary>
/// A server. Each unit is one serializable transaction; collisions and lost connections begin it again, within bounds, unless the
/// connection was lost while committing: then nobody can know, and the caller is told so.
/// </summary>
internal sealed class PostgresDatabase : Database
{
    private static readonly TimeSpan RepeatDelayMax = TimeSpan.FromSeconds(1);

    private readonly PostgresOptions _options;
    private readonly NpgsqlDataSource _source;
    private readonly OneAtATime _collided = new();
    private long _units, _failed, _repeats;
    private int _waiting, _disposed;

    private PostgresDatabase(PostgresOptions options, HostEnvironment environment)
        : base(SqlDialect.Postgres, options.Limits, environment)
    {
        _options = options;
        _source = NpgsqlDataSource.Create(options.ConnectionString());
        Place = $"PostgreSQL database {options}";
    }

    public override string Place { get; }

    public override DatabaseStatistics Statistics => new(
        Interlocked.Read(ref _units), Interlocked.Read(ref _failed), Interlocked.Read(ref _units), Interlocked.Read(ref _repeats),
        Math.Max(0, Volatile.Read(ref _waiting) - _options.ConnectionsMax), _options.ConnectionsMax);

    public static async Task<Database> OpenAsync(PostgresOptions options, HostEnvironment environment, CancellationToken cancellation)
    {
        var database = new PostgresDatabase(options, environment);
        try
        {
            foreach (string setting in (string[])["synchronous_commit", "fsync"])
            {
                if (await database.SettingAsync(setting, cancellation) == "off")
                    throw new StoreException(StoreErrors.NotDurable, $"{database.Place} has {setting} = off: what it acknowledges may be lost.");
            }

            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>A setting of the server; null where it has none of that name, as CockroachDB has no fsync.</summary>
    private async Task<string?> SettingAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return await ReadAsync(session => session.QueryFirstAsync($"SHOW {name}", static row => row.Text(0)), cancellation);
        }
        catch (StoreException failure) when (failure.Code == StoreErrors.StatementFailed)
        {
            return null;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) await _source.DisposeAsync();
    }

    private protected override async Task<T> RunWithinAsync<T>(Func<UnitOfWork, ValueTask<T>> work, TimeSpan timeMax, CancellationToken cancellation)
    {
        try
        {
            (T result, UnitOfWork unit) = await RepeatAsync(token => TryAsync(work, timeMax, token), cancellation);
            Interlocked.Increment(ref _units);
            if (unit.Signals.Count > 0) Signals.Raise(unit.Signals);
            return result;
        }
        catch
        {
            Interlocked.Increment(ref _failed);
            throw;
        }
    }

    private protected override Task<T> ReadWithinAsync<T>(Func<ReadSession, ValueTask<T>> read, TimeSpan timeMax, CancellationToken cancellation) =>
        RepeatAsync(async token =>
        {
            await using NpgsqlConnection connection = await _source.OpenConnectionAsync(token);
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.Serializable, token);
            PostgresChannel channel = Channel(connection, transaction, timeMax, token);
            var session = new ReadSession(channel, Limits.RowsMax);
            try
            {
                T result = await read(session);
                return channel.Failure is null ? result : throw channel.Failure;
            }
            catch (StoreException) when (channel.Failure is not null)
            {
                throw channel.Failure;
            }
            finally
            {
                session.End();
            }
        }, cancellation);

    private async Task<(T Result, UnitOfWork Unit)> TryAsync<T>(Func<UnitOfWork, ValueTask<T>> work, TimeSpan timeMax, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await _source.OpenConnectionAsync(cancellation);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(IsolationLevel.Serializable, cancellation);
        PostgresChannel channel = Channel(connection, transaction, timeMax, cancellation);
        var unit = new UnitOfWork(channel, Limits.RowsMax);
        T result;
        try
        {
            result = await work(unit);
            if (channel.Failure is not null) throw channel.Failure;
        }
        catch (StoreException) when (channel.Failure is not null)
        {
            // Whether it is begun again is decided by what the server said, not by what that means to a user.
            throw channel.Failure;
        }
        finally
        {
            unit.End();
        }

        cancellation.ThrowIfCancellationRequested();
        try
        {
            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (Exception failure) when (IsAmbiguous(failure))
        {
            throw new StoreException(StoreErrors.OutcomeUnknown, $"{Place}: the connection was lost while committing; whether the unit was kept is not known.", failure);
        }

        return (result, unit);
    }

    /// <summary>The server had been told to commit, and did not say what came of it.</summary>
    private static bool IsAmbiguous(Exception failure) => failure is PostgresException { SqlState: "40003" }
        || (failure is NpgsqlException and not PostgresException) || failure is IOException
        || PostgresFailures.KindOf(failure) is PostgresFailure.Lost;

    private PostgresChannel Channel(
        NpgsqlConnection connection, NpgsqlTransaction transaction, TimeSpan timeMax, CancellationToken cancellation) => new(
        connection, transaction, _options.UseHostClock ? Environment.Time : null,
        timeMax == Timeout.InfiniteTimeSpan ? 0 : (int)Math.Ceiling(timeMax.TotalSeconds), Place, cancellation);

    private async Task<T> RepeatAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, typeof(Database));
        Interlocked.Increment(ref _waiting);
        try
        {
            long began = Environment.Time.GetTimestamp();
            int collisions = 0;
            for (int repeat = 0; ; repeat++)
            {
                bool alone = collisions > 0;
                if (alone) await _collided.EnterAsync(cancellation);
                try
                {
                    return await attempt(cancellation);
                }
                catch (Exception failure) when (failure is not (OperationCanceledException or StoreException))
                {
                    Exception? final = FinalFailure(failure, ref collisions, began);
                    if (final == failure) throw;
                    if (final is not null) throw final;
                }
                finally
                {
                    if (alone) _collided.Leave();
                }

                Interlocked.Increment(ref _repeats);
                await Task.Delay(PauseBefore(repeat), Environment.Time, cancellation);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>What to fail with, or null to try again.</summary>
    private Exception? FinalFailure(Exception failure, ref int collisions, long began)
    {
        switch (PostgresFailures.KindOf(failure))
        {
            case PostgresFailure.Collision:
                return ++collisions < _options.AttemptsMax ? null : new StoreException(StoreErrors.Contention,
                    $"{Place}: the unit of work collided with others {collisions} times (AttemptsMax).", failure);
            case PostgresFailure.Lost:
                return Environment.Time.GetElapsedTime(began) < _options.ReconnectTimeMax ? null : PostgresFailures.Of(failure, Place);
            default:
                return PostgresFailures.Of(failure, Place);
        }
    }

    private TimeSpan PauseBefore(int repeat)
    {
        double delay = Math.Min(_options.RepeatDelay.TotalMilliseconds * Math.Pow(2, Math.Min(repeat, 20)), RepeatDelayMax.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(delay * (0.5 + (Environment.Random.Ordinary.NextDouble() / 2)));
    }
}
