using System.Net;
using Sirsi.Bus.Drivers;
using StackExchange.Redis;

namespace Sirsi.Bus.Redis;

/// <summary>
/// Appends to the streams of one node, in the order of the calls, on a line of its own, which is made anew whenever it ends: until then publications fail at once.
/// Safe for any number of threads.
/// </summary>
internal sealed class RedisAppender : IAsyncDisposable
{
    private readonly RedisServer _server;
    private readonly RedisServer.Connection _connection;
    private readonly RedisCommands _commands;
    private readonly RedisKey _stream;
    private readonly AppendGate _gate;
    private readonly Action _grown;
    private readonly CancellationTokenSource _stopping = new();
    private RedisLine _line;
    private Task _keeping = Task.CompletedTask;

    private RedisAppender(
        RedisServer server, RedisServer.Connection connection, RedisCommands commands, RedisKey stream, AppendGate gate, Action grown)
    {
        (_server, _connection, _commands, _stream, _gate, _grown) = (server, connection, commands, stream, gate, grown);
        _line = null!;
    }

    /// <param name="server">Which server.</param>
    /// <param name="connection">Tells on which node the streams are.</param>
    /// <param name="commands">What is sent.</param>
    /// <param name="stream">One of the streams.</param>
    /// <param name="gate">Is left by each append with its answer.</param>
    /// <param name="grown">Is called when something was appended.</param>
    /// <exception cref="BusException">The server cannot be reached or does not let us in.</exception>
    public static async Task<RedisAppender> OpenAsync(
        RedisServer server, RedisServer.Connection connection, RedisCommands commands, RedisKey stream, AppendGate gate, Action grown)
    {
        var appender = new RedisAppender(server, connection, commands, stream, gate, grown);
        appender._line = await appender.ConnectAsync();
        appender._keeping = server.Environment.Executor.RunAsync(appender.KeepAsync);
        return appender;
    }

    /// <summary>Appends; the bytes are the caller's again when this returns.</summary>
    /// <exception cref="BusException">There are too many under way, or there is no connection.</exception>
    public ValueTask<PublishReceipt> AppendAsync(in NewEvent newEvent)
    {
        _gate.Enter();
        try
        {
            return Volatile.Read(ref _line).AppendAsync(newEvent);
        }
        catch
        {
            _gate.Leave();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _stopping.Cancel();
        _line.End(new ObjectDisposedException(nameof(RedisLog)));
        await _keeping;
        _stopping.Dispose();
    }

    private async Task KeepAsync()
    {
        TimeSpan wait = RedisServer.FirstReconnect;
        while (true)
        {
            Exception problem = await _line.Ended;
            try
            {
                await Task.Delay(wait, _server.Environment.Time, _stopping.Token);
                if (problem is WrongPlaceException) await _server.AskAsync(_connection.Multiplexer.ConfigureAsync());
                Volatile.Write(ref _line, await ConnectAsync());
                wait = RedisServer.FirstReconnect;
            }
            catch (BusException)
            {
                wait = Min(wait * 2, RedisServer.LastReconnect);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task<RedisLine> ConnectAsync()
    {
        EndPoint? place = await _server.AskAsync(_connection.Database.IdentifyEndpointAsync(_stream, CommandFlags.DemandMaster));
        if (place is null) throw _server.Failure(new IOException("No node is known that takes these events."));
        Stream stream = await RedisDoor.EnterAsync(_server, place, _stopping.Token);
        try
        {
            string script = _commands.RecognizesRepetitions ? await RedisDoor.AskAsync(_server, stream, RedisCommands.LoadScript, _stopping.Token) : "";
            return new RedisLine(_server, _commands, stream, RedisCommands.ScriptOf(script), _gate, _grown);
        }
        catch (Exception problem) when (RedisDoor.IsOfTheServer(problem))
        {
            await stream.DisposeAsync();
            throw _server.Failure(problem);
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
