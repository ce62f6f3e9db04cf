using Sirsi.Bus.Drivers;
using Sirsi.Bus.RabbitMq;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Servers;

public sealed class RabbitMqOutageTests : OutageTests
{
    /// <summary>
    /// RabbitMQ 3.10 writes the directory of its quorum queues half a second after the last was made: killed before, it comes back with that one empty and without a leader for ever.
    /// </summary>
    protected override TimeSpan Calm => TimeSpan.FromSeconds(4);

    /// <summary>The broker counts what was fetched: members that come and go while the partitions are dealt out count as well.</summary>
    protected override void AttemptIsRight(int attempt) => Assert.InRange(attempt, 2, 4);

    private protected override Task<RealServer> StartAsync() => RealServer.RabbitMqAsync();

    protected override BusDriver CreateDriver(string address) => new RabbitMqBusDriver(
        new RabbitMqBusOptions { Addresses = [address], Lease = Lease, ConnectTimeout = TimeSpan.FromSeconds(3), AnswerTimeout = TimeSpan.FromSeconds(3) },
        HostEnvironment.Production);
}
