using RabbitMQ.Client;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.RabbitMq;

/// <summary>
/// Events in the quorum queues of RabbitMQ, 3.10 or newer: one for each partition of each group, with confirmations. There is no log behind them: a group gets what is published
/// from its making on, repetitions are not recognized, and the length of a log is not known. Attempts count whenever an event that was fetched comes back, delivered or not. The
/// lag leaves out what members in other processes have in flight.
/// </summary>
public sealed class RabbitMqBusDriver : BusDriver
{
    private readonly RabbitLink _link;
    private readonly RabbitLink _publishing;

    /// <summary>A driver that connects when it is first used.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public RabbitMqBusDriver(RabbitMqBusOptions options, HostEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(environment);
        options.Validate();
        _link = new RabbitLink(options, "reading", environment);
        _publishing = new RabbitLink(options, "publishing", environment);
    }

    /// <inheritdoc/>
    public override string Name => "rabbitmq";

    /// <inheritdoc/>
    public override BusCapabilities Capabilities =>
        BusCapabilities.RetentionByAge | BusCapabilities.RetentionBySize | BusCapabilities.Durable | BusCapabilities.SharedGroups;

    /// <inheritdoc/>
    public override async ValueTask<EventLog> OpenAsync(LogName name, LogOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        return await RabbitLog.OpenAsync(_link, _publishing, name, options);
    }

    /// <inheritdoc/>
    public override async ValueTask<BusHealth> CheckAsync(CancellationToken cancellation)
    {
        try
        {
            await using IChannel reading = await _link.OpenChannelAsync();
            await using IChannel publishing = await _publishing.OpenChannelAsync();
            return new BusHealth(IsHealthy: true, $"{_link.Options} opens channels");
        }
        catch (BusException problem)
        {
            return new BusHealth(IsHealthy: false, problem.Message);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync();
        await _publishing.DisposeAsync();
    }
}
