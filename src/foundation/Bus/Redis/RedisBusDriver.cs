using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Redis;

/// <summary>
/// Events in the streams of a Redis or Valkey server, 6.2 or newer, alone or a cluster; groups are shared between processes. How safe an acknowledged
/// publication is depends on how the server writes (<c>appendfsync</c>) and replicates, so nothing is promised.
/// </summary>
public sealed class RedisBusDriver : BusDriver
{
    private readonly RedisServer _server;

    /// <summary>A driver that connects when it is first used.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public RedisBusDriver(RedisBusOptions options, HostEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(environment);
        options.Validate();
        _server = new RedisServer(options, environment);
    }

    /// <inheritdoc/>
    public override string Name => "redis";

    /// <inheritdoc/>
    public override BusCapabilities Capabilities =>
        BusCapabilities.ExactAttempts | BusCapabilities.ReadFromPosition | BusCapabilities.ReadFromTime | BusCapabilities.Deduplication
        | BusCapabilities.RetentionByAge | BusCapabilities.RetentionBySize | BusCapabilities.SharedGroups;

    /// <inheritdoc/>
    public override async ValueTask<EventLog> OpenAsync(LogName name, LogOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        return await RedisLog.OpenAsync(_server, name, options);
    }

    /// <inheritdoc/>
    public override async ValueTask<BusHealth> CheckAsync(CancellationToken cancellation)
    {
        try
        {
            RedisServer.Connection connection = await _server.ConnectAsync();
            TimeSpan took = await _server.AskAsync(connection.Database.PingAsync());
            return new BusHealth(IsHealthy: true, $"{_server.Options} answers in {took.TotalMilliseconds:0.0} ms");
        }
        catch (BusException problem)
        {
            return new BusHealth(IsHealthy: false, problem.Message);
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _server.DisposeAsync();
}
