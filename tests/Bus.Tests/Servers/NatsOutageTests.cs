using Sirsi.Bus.Drivers;
using Sirsi.Bus.Nats;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Servers;

public sealed class NatsOutageTests : OutageTests
{
    private protected override Task<RealServer> StartAsync() => RealServer.NatsAsync();

    protected override BusDriver CreateDriver(string address) =>
        new NatsBusDriver(new NatsBusOptions { Addresses = [address], Lease = Lease, AnswerTimeout = TimeSpan.FromMilliseconds(500) }, HostEnvironment.Production);
}
