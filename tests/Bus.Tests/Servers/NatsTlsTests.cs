using Sirsi.Bus.Drivers;
using Sirsi.Bus.Nats;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Servers;

public sealed class NatsTlsTests() : TlsTests("SIRSI_TEST_NATS_TLS")
{
    protected override BusDriver CreateDriver(Entry entry) => new NatsBusDriver(
        new NatsBusOptions { Addresses = [entry.Address], User = entry.User, Password = entry.Password, UseTls = true, TlsAuthorityFile = entry.AuthorityFile },
        HostEnvironment.Production);
}
