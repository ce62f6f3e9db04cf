using System.Net.Sockets;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Sirsi.Bus.Drivers;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.RabbitMq;

/// <summary>
/// One connection to a broker, opened when it is needed and again when it is gone. The client's own recovery is off: it would bring back consumers whose deliveries have gone
/// to others. Safe for any number of threads.
/// </summary>
internal sealed class RabbitLink(RabbitMqBusOptions options, string purpose, HostEnvironment environment) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private Task<IConnection>? _connecting;
    private bool _disposed;

    public RabbitMqBusOptions Options => options;

    public HostEnvironment Environment => environment;

    /// <summary>A new channel, the caller's own.</summary>
    /// <exception cref="BusException">The broker cannot be reached or does not let us in.</exception>
    public async ValueTask<IChannel> OpenChannelAsync(CreateChannelOptions? channelOptions = null)
    {
        try
        {
            IConnection connection = await ConnectAsync();
            IChannel channel = await connection.CreateChannelAsync(channelOptions);
            channel.ContinuationTimeout = options.AnswerTimeout;
            return channel;
        }
        catch (Exception problem) when (IsOfTheBroker(problem))
        {
            throw Failure(problem);
        }
    }

    /// <summary>Does something on a channel of its own, which is closed after.</summary>
    public async ValueTask<T> OnChannelAsync<T>(Func<IChannel, Task<T>> work)
    {
        await using IChannel channel = await OpenChannelAsync();
        try
        {
            return await work(channel);
        }
        catch (Exception problem) when (IsOfTheBroker(problem))
        {
            throw Failure(problem);
        }
    }

    /// <summary>Whether an exception tells of the broker or the way to it.</summary>
    public static bool IsOfTheBroker(Exception problem) =>
        problem is RabbitMQClientException or IOException or SocketException or TimeoutException or OperationCanceledException or ObjectDisposedException;

    public BusException Failure(Exception problem)
    {
        if (ServerTrust.FailureOf(options, problem) is { } untrusted) return untrusted;
        if (problem is OperationInterruptedException { ShutdownReason: { ReplyCode: >= 400 and < 500 } refusal } && refusal.ReplyCode != Constants.ConnectionForced)
            return new BusException(BusErrors.Refused, $"{options} refuses: {refusal.ReplyText}", problem);
        if (problem is BrokerUnreachableException { InnerException: AuthenticationFailureException or PossibleAuthenticationFailureException })
            return new BusException(BusErrors.Refused, $"{options} does not accept the user or the password.", problem);
        return new BusException(
            BusErrors.Unavailable, $"{options} cannot be reached, or has not answered within {options.AnswerTimeout.TotalSeconds:0.##} s.", problem);
    }

    public async ValueTask DisposeAsync()
    {
        Task<IConnection>? connecting;
        lock (_lock)
        {
            _disposed = true;
            connecting = _connecting;
        }

        if (connecting is null) return;
        try
        {
            await CloseAsync(await connecting);
        }
        catch (Exception problem) when (problem is BusException || IsOfTheBroker(problem))
        {
            // There is nothing to close.
        }
    }

    private static async Task CloseAsync(IConnection connection)
    {
        try
        {
            await connection.DisposeAsync();
        }
        catch (Exception problem) when (IsOfTheBroker(problem))
        {
            // It is closed.
        }
    }

    private Task<IConnection> ConnectAsync()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
#pragma warning disable VSTHRD103 // It has completed: nothing is waited for.
            bool isUsable = _connecting is { IsCompleted: false } || (_connecting is { IsCompletedSuccessfully: true } done && done.Result.IsOpen);
#pragma warning restore VSTHRD103
            return isUsable ? _connecting! : _connecting = ConnectOnceAsync(_connecting);
        }
    }

    private async Task<IConnection> ConnectOnceAsync(Task<IConnection>? before)
    {
        if (before is { IsCompletedSuccessfully: true }) _ = CloseAsync(await before);
        var factory = new ConnectionFactory
        {
            UserName = options.User,
            Password = options.Password,
            VirtualHost = options.VirtualHost,
            ClientProvidedName = $"{options.Prefix}-bus-{purpose}",
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            RequestedConnectionTimeout = options.ConnectTimeout,
            HandshakeContinuationTimeout = options.ConnectTimeout,
            ContinuationTimeout = options.AnswerTimeout,
            RequestedHeartbeat = TimeSpan.FromSeconds(Math.Clamp(Math.Floor(options.Lease.TotalSeconds / 2), 1, 60)),
        };
        ServerTrust? trust = options.UseTls ? new ServerTrust(options.TlsAuthorityFile) : null;
        AmqpTcpEndpoint[] endpoints = [.. options.Addresses.Select(address => Endpoint(address, trust))];
        return await factory.CreateConnectionAsync(endpoints);
    }

    private static AmqpTcpEndpoint Endpoint(string address, ServerTrust? trust)
    {
        int colon = address.LastIndexOf(':');
        string host = colon < 0 ? address : address[..colon];
        int port = colon < 0 ? AmqpTcpEndpoint.UseDefaultPort : int.Parse(address[(colon + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        return trust is null ? new AmqpTcpEndpoint(host, port)
            : new AmqpTcpEndpoint(host, port, new SslOption(host, enabled: true) { CertificateValidationCallback = trust.Check });
    }
}
