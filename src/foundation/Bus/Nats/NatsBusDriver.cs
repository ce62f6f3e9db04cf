using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Nats;

/// <summary>
/// Events in the streams of NATS JetStream, 2.9 or newer; groups are shared between processes. A lone server acknowledges before its disk has an event, and how safe a cluster
/// is depends on its replicas, so nothing is promised of a loss of power.
/// </summary>
public sealed class NatsBusDriver : BusDriver
{
    private readonly NatsServer _server;

    /// <summary>A driver that connects when it is first used.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public NatsBusDriver(NatsBusOptions options, HostEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(environment);
        options.Validate();
        _server = new NatsServer(options, environment);
    }

    /// <inheritdoc/>
    public override string Name => "nats";

    /// <inheritdoc/>
    public override BusCapabilities Capabilities =>
        BusCapabilities.ExactAttempts | BusCapabilities.ReadFromPosition | BusCapabilities.ReadFromTime | BusCapabilities.Deduplication
        | BusCapabilities.RetentionByAge | BusCapabilities.RetentionBySize | BusCapabilities.SharedGroups;

    /// <inheritdoc/>
    public override async ValueTask<EventLog> OpenAsync(LogName name, LogOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        return await NatsLog.OpenAsync(_server, name, options, cancellation);
    }

    /// <inheritdoc/>
    public override async ValueTask<BusHealth> CheckAsync(CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(_server.Options.AnswerTimeout, _server.Environment.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            NatsServer.Connections connections = await _server.ConnectAsync();
            TimeSpan other = await _server.AskAsync(connections.Other.PingAsync(either.Token), cancellation);
            TimeSpan publishing = await _server.AskAsync(connections.Publishing.PingAsync(either.Token), cancellation);
            return new BusHealth(IsHealthy: true, $"{_server.Options} answers in {Math.Max(other.TotalMilliseconds, publishing.TotalMilliseconds):0.0} ms");
        }
        catch (BusException problem)
        {
            return new BusHealth(IsHealthy: false, problem.Message);
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _server.DisposeAsync();
}
