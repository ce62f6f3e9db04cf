using Sirsi.Bus.Drivers;
using Sirsi.Bus.Embedded;
using Sirsi.Bus.Publishing;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Contract;

/// <summary>The contract over the embedded log, on files in memory and in simulated time.</summary>
public sealed class EmbeddedContract : BusContract
{
    protected override BusCapabilities Capabilities =>
        BusCapabilities.ExactAttempts | BusCapabilities.ReadFromPosition | BusCapabilities.ReadFromTime | BusCapabilities.Deduplication
        | BusCapabilities.RetentionByAge | BusCapabilities.RetentionBySize | BusCapabilities.Durable;

    /// <summary>The log lets go of segments, which are 4 MiB long here.</summary>
    protected override int Stretch => 128;

    protected override BusDriver CreateDriver(HostEnvironment environment) =>
        new EmbeddedBusDriver(new EmbeddedBusOptions { Folder = "bus" }, environment);

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
