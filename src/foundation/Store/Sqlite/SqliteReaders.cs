using System.Threading.Channels;
using Sirsi.Core.Hosting;

namespace Sirsi.Store.Sqlite;

/// <summary>A bounded pool of connections that read. Each is opened when first needed and belongs to one read at a time.</summary>
internal sealed class SqliteReaders : IDisposable
{
    private readonly Func<SqliteConnection> _open;
    private readonly SqliteOptions _options;
    private readonly HostEnvironment _environment;
    private readonly Channel<Reader?> _free;
    private readonly string _place;

    public SqliteReaders(Func<SqliteConnection> open, SqliteOptions options, string place, HostEnvironment environment)
    {
        (_open, _options, _place, _environment) = (open, options, place, environment);
        _free = Channel.CreateBounded<Reader?>(options.ReadersMax);
        for (int index = 0; index < options.ReadersMax; index++) _free.Writer.TryWrite(null);
    }

    public async Task<T> ReadAsync<T>(Func<ReadSession, ValueTask<T>> read, TimeSpan timeMax, CancellationToken cancellation)
    {
        Reader? reader = await TakeAsync(cancellation);
        try
        {
            reader ??= new Reader(_open(), _environment.Time);
            return await reader.ReadAsync(read, timeMax, _options.Limits.RowsMax, _environment.Time, cancellation);
        }
        finally
        {
            if (!_free.Writer.TryWrite(reader)) reader?.Dispose();
        }
    }

    public void Dispose()
    {
        _free.Writer.TryComplete();
        while (_free.Reader.TryRead(out Reader? reader)) reader?.Dispose();
    }

    private async ValueTask<Reader?> TakeAsync(CancellationToken cancellation)
    {
        if (_free.Reader.TryRead(out Reader? free)) return free;
        using var patience = new CancellationTokenSource(_options.Limits.WaitTimeMax, _environment.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            return await _free.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException late) when (patience.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new StoreException(StoreErrors.Busy,
                $"{_place}: all {_options.ReadersMax} connections (ReadersMax) read for longer than {_options.Limits.WaitTimeMax.TotalSeconds:0.#} s (WaitTimeMax).", late);
        }
        catch (ChannelClosedException closed)
        {
            throw new ObjectDisposedException(nameof(Database), closed);
        }
    }

    private sealed class Reader(SqliteConnection connection, TimeProvider time) : IDisposable
    {
        private readonly SessionDeadline _deadline = new(connection, time);

        public async Task<T> ReadAsync<T>(
            Func<ReadSession, ValueTask<T>> read, TimeSpan timeMax, int rowsMax, TimeProvider clock, CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            var channel = new SqliteChannel(connection, clock);
            var session = new ReadSession(channel, rowsMax);
            try
            {
                connection.Run("BEGIN");
                _deadline.Begin(timeMax);
                await using CancellationTokenRegistration registration = cancellation.UnsafeRegister(
                    static state => ((SqliteConnection)state!).Interrupt(), connection);
                return await read(session);
            }
            catch (StoreException) when (cancellation.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellation);
            }
            catch (SqliteFailure failure)
            {
                throw failure.Meaning;
            }
            finally
            {
                _deadline.End();
                channel.Revoke();
                session.End();
                if (connection.InTransaction) connection.Run("ROLLBACK");
            }
        }

        public void Dispose()
        {
            _deadline.Dispose();
            connection.Dispose();
        }
    }
}
