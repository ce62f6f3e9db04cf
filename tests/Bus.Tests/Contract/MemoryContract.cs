using Sirsi.Bus.Drivers;
using Sirsi.Bus.Local;
using Sirsi.Bus.Publishing;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Contract;

/// <summary>The contract in memory, in simulated time.</summary>
public sealed class MemoryContract : BusContract
{
    protected override BusCapabilities Capabilities =>
        BusCapabilities.ExactAttempts | BusCapabilities.ReadFromPosition | BusCapabilities.ReadFromTime | BusCapabilities.Deduplication
        | BusCapabilities.RetentionByAge | BusCapabilities.RetentionBySize;

    /// <summary>The log lets go of stretches of 256 KiB.</summary>
    protected override int Stretch => 8;

    protected override BusDriver CreateDriver(HostEnvironment environment) => new MemoryBusDriver(environment);

    protected override Task RunAsync(Func<TestBus, Task> test, LogOptions? log = null)
    {
        var host = new DeterministicHost(20_261_126, StepOrder.Seeded);
        host.Run(async () =>
        {
            await using var bus = new EventBus(CreateDriver(host.Environment), Options with { Log = log ?? Options.Log }, host.Environment);
            await test(new TestBus(bus, host.Environment, NextScope("tenant")));
        });
        return Task.CompletedTask;
    }
}
