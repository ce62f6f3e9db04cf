using Sirsi.Bus.Drivers;
using Sirsi.Bus.Redis;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Servers;

public sealed class RedisTlsTests() : TlsTests("SIRSI_TEST_REDIS_TLS")
{
    protected override BusDriver CreateDriver(Entry entry) => new RedisBusDriver(
        new RedisBusOptions { Addresses = [entry.Address], User = entry.User, Password = entry.Password, UseTls = true, TlsAuthorityFile = entry.AuthorityFile },
        HostEnvironment.Production);
}
