using Sirsi.Bus.Drivers;
using Sirsi.Bus.Nats;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Contract;

/// <summary>The contract over NATS JetStream.</summary>
public sealed class NatsContract() : ServerContract("SIRSI_TEST_NATS")
{
    protected override BusCapabilities Capabilities =>
        BusCapabilities.ExactAttempts | BusCapabilities.ReadFromPosition | BusCapabilities.ReadFromTime | BusCapabilities.Deduplication
        | BusCapabilities.RetentionByAge | BusCapabilities.RetentionBySize | BusCapabilities.SharedGroups;

    protected override BusDriver CreateDriver(HostEnvironment environment) =>
        new NatsBusDriver(new NatsBusOptions { Addresses = [Address] }, environment);
}
