using System.Text;
using Sirsi.Bus.Events;
using Sirsi.Bus.Publishing;
using Sirsi.Bus.RabbitMq;
using Sirsi.Bus.Tests.Contract;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Servers;

/// <summary>What the RabbitMQ driver does beyond the contract.</summary>
[Trait("Suite", "slow")]
public class RabbitMqServerTests
{
    /// <summary>Its client takes a connection that ends while it says who it is for one that may have been refused.</summary>
    private const int BytesOfTheHeaderAndSome = 20;

    [Fact]
    public async Task A_connection_that_is_cut_while_it_is_opened_is_no_refusal_and_the_next_one_does()
    {
        await using var proxy = new TcpProxy(ServerContract.AddressOf("SIRSI_TEST_RABBITMQ"));
        await using var bus = new EventBus(
            new RabbitMqBusDriver(new RabbitMqBusOptions { Addresses = [proxy.Address] }, HostEnvironment.Production), new BusOptions(), HostEnvironment.Production);
        var message = new EventMessage
        {
            Scope = new TopicScope($"t{Guid.NewGuid():N}"[..16], "p"),
            Subject = "task.run.ended",
            Payload = Encoding.UTF8.GetBytes("text"),
        };
        proxy.CutAfter(BytesOfTheHeaderAndSome);
        BusException cut = await Assert.ThrowsAsync<BusException>(async () => await bus.PublishAsync(message));
        Assert.Equal(BusErrors.Unavailable, cut.Code);
        Assert.Contains(proxy.Address, cut.Message, StringComparison.Ordinal);
        await bus.PublishAsync(message);
    }
}
