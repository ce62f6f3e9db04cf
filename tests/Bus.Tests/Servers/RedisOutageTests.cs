using Sirsi.Bus.Drivers;
using Sirsi.Bus.Redis;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Servers;

public sealed class RedisOutageTests : OutageTests
{
    private protected override Task<RealServer> StartAsync() => RealServer.RedisAsync();

    protected override BusDriver CreateDriver(string address) =>
        new RedisBusDriver(new RedisBusOptions { Addresses = [address], Lease = Lease, AnswerTimeout = TimeSpan.FromMilliseconds(500) }, HostEnvironment.Production);
}
