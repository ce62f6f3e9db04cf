using Sirsi.Bus.Drivers;
using Sirsi.Bus.RabbitMq;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Contract;

/// <summary>The contract over RabbitMQ.</summary>
public sealed class RabbitMqContract() : ServerContract("SIRSI_TEST_RABBITMQ")
{
    protected override BusCapabilities Capabilities =>
        BusCapabilities.RetentionByAge | BusCapabilities.RetentionBySize | BusCapabilities.Durable | BusCapabilities.SharedGroups;

    protected override BusDriver CreateDriver(HostEnvironment environment) =>
        new RabbitMqBusDriver(new RabbitMqBusOptions { Addresses = [Address] }, environment);
}
