using Sirsi.Bus.Drivers;
using Sirsi.Bus.RabbitMq;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Servers;

public sealed class RabbitMqTlsTests() : TlsTests("SIRSI_TEST_RABBITMQ_TLS")
{
    protected override BusDriver CreateDriver(Entry entry) => new RabbitMqBusDriver(
        new RabbitMqBusOptions { Addresses = [entry.Address], User = entry.User, Password = entry.Password, UseTls = true, TlsAuthorityFile = entry.AuthorityFile },
        HostEnvironment.Production);
}
