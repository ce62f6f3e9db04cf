using System.Runtime.CompilerServices;
using Sirsi.Core.Hosting;
using StackExchange.Redis;

namespace Sirsi.Bus.Redis;

/// <summary>
/// Connections to a server: one for publications, and one for all else, so that beats do not stand in line behind them. They reconnect by themselves; while there is no
/// connection publications fail at once, and other commands after the time-out. Safe for any number of threads.
/// </summary>
internal sealed class RedisServer(RedisBusOptions options, HostEnvironment environment) : IAsyncDisposable
{
    private const int FirstReconnectMilliseconds = 50;
    private const int LastReconnectMilliseconds = 2_000;

    private readonly Lock _lock = new();
    private Task<Connections>? _connecting;
    private bool _disposed;

    public RedisBusOptions Options => options;

    public HostEnvironment Environment => environment;

    /// <summary>Connects, unless there are connections already.</summary>
    /// <exception cref="BusException">The server cannot be reached or does not let us in.</exception>
    public Task<Connections> ConnectAsync()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_connecting is null || _connecting.IsFaulted || _connecting.IsCanceled) _connecting = ConnectBothAsync();
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
        Task<Connections>? connecting;
        lock (_lock)
        {
            _disposed = true;
            connecting = _connecting;
        }

        if (connecting is null) return;
        try
        {
            Connections connections = await connecting;
            await connections.Publishing.DisposeAsync();
            await connections.Other.DisposeAsync();
        }
        catch (BusException)
        {
            // There is nothing to close.
        }
    }

    private BusException Failure(Exception problem) => problem switch
    {
        RedisServerException refusal => new BusException(
            BusErrors.Refused, $"{options} refuses a command: {refusal.Message}", refusal),
        TimeoutException => new BusException(
            BusErrors.Unavailable, $"{options} has not answered within {options.AnswerTimeout.TotalSeconds:0.##} s.", problem),
        _ => new BusException(BusErrors.Unavailable, $"{options} cannot be reached.", problem),
    };

    private async Task<Connections> ConnectBothAsync()
    {
        // Publications that waited for a connection would stand in a queue without a bound; of the other commands there are few.
        ConnectionMultiplexer publishing = await ConnectOneAsync("publishing", BacklogPolicy.FailFast);
        try
        {
            return new Connections(publishing, await ConnectOneAsync("reading", BacklogPolicy.Default));
        }
        catch
        {
            await publishing.DisposeAsync();
            throw;
        }
    }

    private async Task<ConnectionMultiplexer> ConnectOneAsync(string purpose, BacklogPolicy backlog)
    {
        var configuration = new ConfigurationOptions
        {
            ClientName = $"{options.Prefix}-bus-{purpose}",
            User = options.User,
            Password = options.Password,
            Ssl = options.UseTls,
            SslHost = options.TlsHost,
            ConnectTimeout = (int)options.ConnectTimeout.TotalMilliseconds,
            AsyncTimeout = (int)options.AnswerTimeout.TotalMilliseconds,
            SyncTimeout = (int)options.AnswerTimeout.TotalMilliseconds,
            AbortOnConnectFail = true,
            ConnectRetry = 1,
            BacklogPolicy = backlog,
            ReconnectRetryPolicy = new ExponentialRetry(FirstReconnectMilliseconds, LastReconnectMilliseconds),
            HeartbeatInterval = TimeSpan.FromMilliseconds(Math.Clamp(options.AnswerTimeout.TotalMilliseconds / 4, 50, 1_000)),
            IncludeDetailInExceptions = false,
            TieBreaker = "",
            ConfigurationChannel = "",
        };
        foreach (string address in options.Addresses) configuration.EndPoints.Add(address);
        if (options.TlsAuthorityFile is { } file) configuration.TrustIssuer(file);
        try
        {
            ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(configuration);
            await CheckUserAsync(connection);
            return connection;
        }
        catch (RedisConnectionException problem) when (problem.FailureType == ConnectionFailureType.AuthenticationFailure)
        {
            throw new BusException(BusErrors.Refused, $"{options} does not accept the user or the password.", problem);
        }
        catch (Exception problem) when (problem is RedisException or TimeoutException)
        {
            throw new BusException(BusErrors.Unavailable, $"{options} cannot be reached.", problem);
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

    /// <param name="Publishing">For publications.</param>
    /// <param name="Other">For all else.</param>
    internal sealed record Connections(ConnectionMultiplexer Publishing, ConnectionMultiplexer Other)
    {
        public bool IsCluster { get; } = Other.GetServers().Any(static server => server.ServerType == ServerType.Cluster);

        public IDatabase Database { get; } = Other.GetDatabase();

        public IDatabase PublishingDatabase { get; } = Publishing.GetDatabase();

        public ISubscriber Subscriber { get; } = Other.GetSubscriber();
    }
}
