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
internal sealed class NatsServer(NatsBusOptions options, HostEnvironment environment) : IAsyncDisposable
{
    private static readonly TimeSpan FirstReconnect = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastReconnect = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private Task<Connections>? _connecting;
    private bool _disposed;

    /// <summary>What was on its way to this process may be lost: the connection is a new one, or the client threw something away.</summary>
    public event EventHandler? DeliveriesLost;

    public NatsBusOptions Options => options;

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

    public BusException Failure(Exception problem) => ServerTrust.FailureOf(options, problem) ?? problem switch
    {
        NatsJSApiException { Error: { } error } => new BusException(BusErrors.Refused, $"{options} refuses: {error.Description} ({error.ErrCode}).", problem),
        NatsServerException { IsAuthError: true } => new BusException(BusErrors.Refused, $"{options} does not let us in.", problem),
        _ => new BusException(BusErrors.Unavailable, $"{options} cannot be reached, or has not answered within {options.AnswerTimeout.TotalSeconds:0.##} s.", problem),
    };

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

    private async Task<Connections> ConnectBothAsync()
    {
        NatsConnection publishing = await ConnectOneAsync("publishing");
        NatsConnection? other = null;
        try
        {
            other = await ConnectOneAsync("reading");
            INatsKVStore groups = await AskAsync(new NatsKVContext(new NatsJSContext(other)).CreateOrUpdateStoreAsync(new NatsKVConfig($"{options.Prefix}-groups")
            {
                History = 1,
                Storage = NatsKVStorageType.File,
                NumberOfReplicas = options.Replicas,
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
        var trust = new ServerTrust(options.TlsAuthorityFile);
        var connection = new NatsConnection(new NatsOpts
        {
            Url = string.Join(',', options.Addresses.Select(static address => $"nats://{address}")),
            Name = $"{options.Prefix}-bus-{purpose}",
            AuthOpts = new NatsAuthOpts { Username = options.User, Password = options.Password, Token = options.Token, CredsFile = options.CredentialsFile },
            TlsOpts = new NatsTlsOpts
            {
                Mode = options.UseTls ? TlsMode.Require : TlsMode.Prefer,
                ConfigureClientAuthentication = how =>
                {
                    how.RemoteCertificateValidationCallback = trust.Check;
                    return default;
                },
            },
            ConnectTimeout = options.ConnectTimeout,
            RequestTimeout = options.AnswerTimeout,
            CommandTimeout = options.AnswerTimeout,
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
