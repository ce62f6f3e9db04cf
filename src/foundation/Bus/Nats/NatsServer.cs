using System.Net.Sockets;
using System.Runtime.CompilerServices;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.KeyValueStore;
using Sirsi.Bus.Drivers;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Nats;

/// <summary>
/// Connections to NATS: one for publications, and one for all else, so that beats do not stand in line behind them. They reconnect by themselves. Safe for any
/// number of threads.
/// </summary>
internal sealed class NatsServer : IAsyncDisposable
{
    private static readonly TimeSpan FirstReconnect = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastReconnect = TimeSpan.FromSeconds(2);

    private readonly SharedOpening<Connections> _connections;

    public NatsServer(NatsBusOptions options, HostEnvironment environment)
    {
        (Options, Environment) = (options, environment);
        _connections = new SharedOpening<Connections>(ConnectBothAsync, static _ => true, CloseAsync);
    }

    /// <summary>What was on its way to this process may be lost: the connection is a new one, or the client threw something away.</summary>
    public event EventHandler? DeliveriesLost;

    public NatsBusOptions Options { get; }

    public HostEnvironment Environment { get; }

    /// <summary>Connects, unless there are connections already.</summary>
    /// <exception cref="BusException">The server cannot be reached or does not let us in.</exception>
    public Task<Connections> ConnectAsync() => _connections.GetAsync();

    /// <summary>Asks, and says in our own words what went wrong.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<T> AskAsync<T>(ValueTask<T> asking, CancellationToken cancellation = default)
    {
        try
        {
            return await asking;
        }
        catch (Exception problem) when (IsOfTheServer(problem) && !cancellation.IsCancellationRequested)
        {
            throw Failure(problem);
        }
    }

    /// <summary>Whether an exception tells of the server or the way to it.</summary>
    public static bool IsOfTheServer(Exception problem) =>
        problem is NatsException or TimeoutException or OperationCanceledException or ObjectDisposedException or IOException or SocketException;

    public BusException Failure(Exception problem) => ServerTrust.FailureOf(Options, problem) ?? problem switch
    {
        NatsJSApiException { Error: { } error } => new BusException(BusErrors.Refused, $"{Options} refuses: {error.Description} ({error.ErrCode}).", problem),
        NatsServerException { IsAuthError: true } => new BusException(BusErrors.Refused, $"{Options} does not let us in.", problem),
        _ => new BusException(BusErrors.Unavailable, $"{Options} cannot be reached, or has not answered within {Options.AnswerTimeout.TotalSeconds:0.##} s.", problem),
    };

    public ValueTask DisposeAsync() => _connections.DisposeAsync();

    private static async ValueTask CloseAsync(Connections connections)
    {
        await connections.Publishing.DisposeAsync();
        await connections.Other.DisposeAsync();
    }

    private async Task<Connections> ConnectBothAsync()
    {
        NatsConnection publishing = await ConnectOneAsync("publishing");
        NatsConnection? other = null;
        try
        {
            other = await ConnectOneAsync("reading");
            INatsKVStore groups = await AskAsync(new NatsKVContext(new NatsJSContext(other)).CreateOrUpdateStoreAsync(new NatsKVConfig($"{Options.Prefix}-groups")
            {
                History = 1,
                Storage = NatsKVStorageType.File,
                NumberOfReplicas = Options.Replicas,
            }));
            return new Connections(publishing, other, groups);
        }
        catch
        {
            await publishing.DisposeAsync();
            if (other is not null) await other.DisposeAsync();
            throw;
        }
    }

    private async Task<NatsConnection> ConnectOneAsync(string purpose)
    {
        var trust = new ServerTrust(Options.TlsAuthorityFile);
        var connection = new NatsConnection(new NatsOpts
        {
            Url = string.Join(',', Options.Addresses.Select(static address => $"nats://{address}")),
            Name = $"{Options.Prefix}-bus-{purpose}",
            AuthOpts = new NatsAuthOpts { Username = Options.User, Password = Options.Password, Token = Options.Token, CredsFile = Options.CredentialsFile },
            TlsOpts = new NatsTlsOpts
            {
                Mode = Options.UseTls ? TlsMode.Require : TlsMode.Prefer,
                ConfigureClientAuthentication = how =>
                {
                    how.RemoteCertificateValidationCallback = trust.Check;
                    return default;
                },
            },
            ConnectTimeout = Options.ConnectTimeout,
            RequestTimeout = Options.AnswerTimeout,
            CommandTimeout = Options.AnswerTimeout,
            PublishTimeoutOnDisconnected = true,
            ReconnectWaitMin = FirstReconnect,
            ReconnectWaitMax = LastReconnect,
            PingInterval = TimeSpan.FromSeconds(5),
            // A server that was started anew with other users may refuse twice and still be right later.
            IgnoreAuthErrorAbort = true,
        });
        connection.ConnectionOpened += (_, _) => TellLossAsync();
        connection.MessageDropped += (_, _) => TellLossAsync();
        try
        {
            await connection.ConnectAsync();
            return connection;
        }
        catch (Exception problem) when (IsOfTheServer(problem))
        {
            await connection.DisposeAsync();
            throw problem.InnerException is NatsServerException { IsAuthError: true } refusal ? Failure(refusal) : Failure(problem);
        }
    }

    private ValueTask TellLossAsync()
    {
        DeliveriesLost?.Invoke(this, EventArgs.Empty);
        return default;
    }

    /// <param name="Publishing">For publications.</param>
    /// <param name="Other">For all else.</param>
    /// <param name="Groups">The bucket of the groups' cells.</param>
    internal sealed record Connections(NatsConnection Publishing, NatsConnection Other, INatsKVStore Groups)
    {
        public NatsJSContext Events { get; } = new(Other);

        public NatsJSContext Publications { get; } = new(Publishing);
    }
}
