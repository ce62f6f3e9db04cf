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
internal sealed class RabbitLink : IAsyncDisposable
{
    private readonly string _purpose;
    private readonly SharedOpening<IConnection> _connection;

    public RabbitLink(RabbitMqBusOptions options, string purpose, HostEnvironment environment)
    {
        (Options, _purpose, Environment) = (options, purpose, environment);
        _connection = new SharedOpening<IConnection>(ConnectAsync, static connection => connection.IsOpen, CloseAsync);
    }

    public RabbitMqBusOptions Options { get; }

    public HostEnvironment Environment { get; }

    /// <summary>A new channel, the caller's own.</summary>
    /// <exception cref="BusException">The broker cannot be reached or does not let us in.</exception>
    public async ValueTask<IChannel> OpenChannelAsync(CreateChannelOptions? channelOptions = null)
    {
        try
        {
            IConnection connection = await _connection.GetAsync();
            IChannel channel = await connection.CreateChannelAsync(channelOptions);
            channel.ContinuationTimeout = Options.AnswerTimeout;
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

    /// <summary>Whether the broker says that there is no such queue.</summary>
    public static bool IsOfAMissingQueue(Exception? problem) => problem is OperationInterruptedException { ShutdownReason.ReplyCode: Constants.NotFound };

    public BusException Failure(Exception problem)
    {
        if (ServerTrust.FailureOf(Options, problem) is { } untrusted) return untrusted;
        if (problem is OperationInterruptedException { ShutdownReason: { ReplyCode: >= 400 and < 500 } refusal } && refusal.ReplyCode != Constants.ConnectionForced)
            return new BusException(BusErrors.Refused, $"{Options} refuses: {refusal.ReplyText}", problem);
        // Not PossibleAuthenticationFailureException: a broker says that it refuses, and a connection that was cut while it was being opened says nothing.
        if (problem is BrokerUnreachableException { InnerException: AuthenticationFailureException })
            return new BusException(BusErrors.Refused, $"{Options} does not accept the user or the password.", problem);
        return new BusException(
            BusErrors.Unavailable, $"{Options} cannot be reached, or has not answered within {Options.AnswerTimeout.TotalSeconds:0.##} s.", problem);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static async ValueTask CloseAsync(IConnection connection)
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

    private async Task<IConnection> ConnectAsync()
    {
        var factory = new ConnectionFactory
        {
            UserName = Options.User,
            Password = Options.Password,
            VirtualHost = Options.VirtualHost,
            ClientProvidedName = $"{Options.Prefix}-bus-{_purpose}",
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            RequestedConnectionTimeout = Options.ConnectTimeout,
            HandshakeContinuationTimeout = Options.ConnectTimeout,
            ContinuationTimeout = Options.AnswerTimeout,
            RequestedHeartbeat = TimeSpan.FromSeconds(Math.Clamp(Math.Floor(Options.Lease.TotalSeconds / 2), 1, 60)),
        };
        ServerTrust? trust = Options.UseTls ? new ServerTrust(Options.TlsAuthorityFile) : null;
        AmqpTcpEndpoint[] endpoints = [.. Options.Addresses.Select(address => Endpoint(address, trust))];
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
