using System.Runtime.CompilerServices;
using Sirsi.Bus.Drivers;
using Sirsi.Core.Hosting;
using StackExchange.Redis;

namespace Sirsi.Bus.Redis;

/// <summary>
/// The connection to a server for all but publications, which have lines of their own (<see cref="RedisLine"/>), so that beats do not stand in line behind them. It reconnects by
/// itself; while there is none, commands fail after the time-out. Safe for any number of threads.
/// </summary>
internal sealed class RedisServer(RedisBusOptions options, HostEnvironment environment) : IAsyncDisposable
{
    /// <summary>How long to wait before connecting anew, first and at most.</summary>
    public static readonly TimeSpan FirstReconnect = TimeSpan.FromMilliseconds(50), LastReconnect = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private Task<Connection>? _connecting;
    private bool _disposed;

    public RedisBusOptions Options => options;

    public HostEnvironment Environment => environment;

    /// <summary>Connects, unless there is a connection already.</summary>
    /// <exception cref="BusException">The server cannot be reached or does not let us in.</exception>
    public Task<Connection> ConnectAsync()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_connecting is null || _connecting.IsFaulted || _connecting.IsCanceled) _connecting = ConnectAnewAsync();
            return _connecting;
        }
    }

    /// <summary>Asks, and says in our own words what went wrong.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<T> AskAsync<T>(Task<T> asking)
    {
        try
        {
            return await asking;
        }
        catch (Exception problem) when (problem is RedisException or TimeoutException or OperationCanceledException or ObjectDisposedException)
        {
            throw Failure(problem);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task<Connection>? connecting;
        lock (_lock)
        {
            _disposed = true;
            connecting = _connecting;
        }

        if (connecting is null) return;
        try
        {
            await (await connecting).Multiplexer.DisposeAsync();
        }
        catch (BusException)
        {
            // There is nothing to close.
        }
    }

    /// <summary>What went wrong, in our own words.</summary>
    public BusException Failure(Exception problem) => ServerTrust.FailureOf(options, problem) ?? problem switch
    {
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } => new BusException(
            BusErrors.Refused, $"{options} does not accept the user or the password.", problem),
        RedisServerException refusal => new BusException(
            BusErrors.Refused, $"{options} refuses a command: {refusal.Message}", refusal),
        TimeoutException => new BusException(
            BusErrors.Unavailable, $"{options} has not answered within {options.AnswerTimeout.TotalSeconds:0.##} s.", problem),
        _ => new BusException(BusErrors.Unavailable, $"{options} cannot be reached.", problem),
    };

    private async Task<Connection> ConnectAnewAsync()
    {
        var configuration = new ConfigurationOptions
        {
            ClientName = $"{options.Prefix}-bus",
            User = options.User,
            Password = options.Password,
            Ssl = options.UseTls,
            SslHost = options.TlsHost,
            ConnectTimeout = (int)options.ConnectTimeout.TotalMilliseconds,
            AsyncTimeout = (int)options.AnswerTimeout.TotalMilliseconds,
            SyncTimeout = (int)options.AnswerTimeout.TotalMilliseconds,
            AbortOnConnectFail = true,
            ConnectRetry = 1,
            ReconnectRetryPolicy = new ExponentialRetry((int)FirstReconnect.TotalMilliseconds, (int)LastReconnect.TotalMilliseconds),
            HeartbeatInterval = TimeSpan.FromMilliseconds(Math.Clamp(options.AnswerTimeout.TotalMilliseconds / 4, 50, 1_000)),
            IncludeDetailInExceptions = false,
            TieBreaker = "",
            ConfigurationChannel = "",
        };
        foreach (string address in options.Addresses) configuration.EndPoints.Add(address);
        configuration.CertificateValidation += new ServerTrust(options.TlsAuthorityFile).Check;
        try
        {
            ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(configuration);
            await CheckUserAsync(connection);
            return new Connection(connection);
        }
        catch (Exception problem) when (problem is RedisException or TimeoutException)
        {
            throw Failure(problem);
        }
    }

    /// <summary>A server whose default user needs no password lets anybody go on as that user after a wrong one: that is not who we were to be.</summary>
    private async Task CheckUserAsync(ConnectionMultiplexer connection)
    {
        if (options.User is null) return;
        string? user;
        try
        {
            user = (string?)await connection.GetDatabase().ExecuteAsync("ACL", "WHOAMI");
        }
        catch (RedisServerException)
        {
            // Not allowed to ask: then the server knows who we are, for the default user is.
            return;
        }

        if (user == options.User) return;
        await connection.DisposeAsync();
        throw new BusException(BusErrors.Refused, $"{options} does not accept the user or the password.");
    }

    /// <param name="Multiplexer">The client's connection.</param>
    internal sealed record Connection(ConnectionMultiplexer Multiplexer)
    {
        public bool IsCluster { get; } = Multiplexer.GetServers().Any(static server => server.ServerType == ServerType.Cluster);

        public IDatabase Database { get; } = Multiplexer.GetDatabase();

        public ISubscriber Subscriber { get; } = Multiplexer.GetSubscriber();
    }
}
