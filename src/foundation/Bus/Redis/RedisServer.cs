using System.Runtime.CompilerServices;
using Sirsi.Bus.Drivers;
using Sirsi.Core.Hosting;
using StackExchange.Redis;

namespace Sirsi.Bus.Redis;

/// <summary>
/// The connection to a server for all but publications, which have lines of their own (<see cref="RedisLine"/>), so that beats do not stand in line behind them. It reconnects by
/// itself; while there is none, commands fail after the time-out. Safe for any number of threads.
/// </summary>
internal sealed class RedisServer : IAsyncDisposable
{
    /// <summary>How long to wait before connecting anew, first and at most.</summary>
    public static readonly TimeSpan FirstReconnect = TimeSpan.FromMilliseconds(50), LastReconnect = TimeSpan.FromSeconds(2);

    private readonly SharedOpening<Connection> _connection;

    public RedisServer(RedisBusOptions options, HostEnvironment environment)
    {
        (Options, Environment) = (options, environment);
        _connection = new SharedOpening<Connection>(ConnectAnewAsync, static _ => true, static connection => connection.Multiplexer.DisposeAsync());
    }

    public RedisBusOptions Options { get; }

    public HostEnvironment Environment { get; }

    /// <summary>Connects, unless there is a connection already.</summary>
    /// <exception cref="BusException">The server cannot be reached or does not let us in.</exception>
    public Task<Connection> ConnectAsync() => _connection.GetAsync();

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

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    /// <summary>What went wrong, in our own words.</summary>
    public BusException Failure(Exception problem) => ServerTrust.FailureOf(Options, problem) ?? problem switch
    {
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } => new BusException(
            BusErrors.Refused, $"{Options} does not accept the user or the password.", problem),
        RedisServerException refusal => new BusException(
            BusErrors.Refused, $"{Options} refuses a command: {refusal.Message}", refusal),
        TimeoutException => new BusException(
            BusErrors.Unavailable, $"{Options} has not answered within {Options.AnswerTimeout.TotalSeconds:0.##} s.", problem),
        _ => new BusException(BusErrors.Unavailable, $"{Options} cannot be reached.", problem),
    };

    private async Task<Connection> ConnectAnewAsync()
    {
        var configuration = new ConfigurationOptions
        {
            ClientName = $"{Options.Prefix}-bus",
            User = Options.User,
            Password = Options.Password,
            Ssl = Options.UseTls,
            SslHost = Options.TlsHost,
            ConnectTimeout = (int)Options.ConnectTimeout.TotalMilliseconds,
            AsyncTimeout = (int)Options.AnswerTimeout.TotalMilliseconds,
            SyncTimeout = (int)Options.AnswerTimeout.TotalMilliseconds,
            AbortOnConnectFail = true,
            ConnectRetry = 1,
            ReconnectRetryPolicy = new ExponentialRetry((int)FirstReconnect.TotalMilliseconds, (int)LastReconnect.TotalMilliseconds),
            HeartbeatInterval = TimeSpan.FromMilliseconds(Math.Clamp(Options.AnswerTimeout.TotalMilliseconds / 4, 50, 1_000)),
            IncludeDetailInExceptions = false,
            TieBreaker = "",
            ConfigurationChannel = "",
        };
        foreach (string address in Options.Addresses) configuration.EndPoints.Add(address);
        configuration.CertificateValidation += new ServerTrust(Options.TlsAuthorityFile).Check;
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
        if (Options.User is null) return;
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

        if (user == Options.User) return;
        await connection.DisposeAsync();
        throw new BusException(BusErrors.Refused, $"{Options} does not accept the user or the password.");
    }

    /// <param name="Multiplexer">The client's connection.</param>
    internal sealed record Connection(ConnectionMultiplexer Multiplexer)
    {
        public bool IsCluster { get; } = Multiplexer.GetServers().Any(static server => server.ServerType == ServerType.Cluster);

        public IDatabase Database { get; } = Multiplexer.GetDatabase();

        public ISubscriber Subscriber { get; } = Multiplexer.GetSubscriber();
    }
}
