using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Local;

/// <summary>Events in memory, for simulation and tests: under a deterministic host the same seed gives the same run. All ends with the process.</summary>
public sealed class MemoryBusDriver(HostEnvironment environment) : BusDriver
{
    /// <inheritdoc/>
    public override string Name => "memory";

    /// <inheritdoc/>
    public override BusCapabilities Capabilities =>
        BusCapabilities.ExactAttempts | BusCapabilities.ReadFromPosition | BusCapabilities.ReadFromTime | BusCapabilities.Deduplication
        | BusCapabilities.RetentionByAge | BusCapabilities.RetentionBySize;

    /// <inheritdoc/>
    public override ValueTask<EventLog> OpenAsync(LogName name, LogOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var ids = new IdWindow(options.DeduplicationIdsMax, (long)options.DeduplicationWindow.TotalMilliseconds);
        return new ValueTask<EventLog>(new LocalLog(name, options, new MemoryRecords(options, environment), new NoGroupMemory(), ids, environment));
    }

    /// <inheritdoc/>
    public override ValueTask<BusHealth> CheckAsync(CancellationToken cancellation) => new(new BusHealth(IsHealthy: true, "events are in memory"));

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => default;
}
