using System.Text;
using RabbitMQ.Client;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
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

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TopicScope _scope = new($"t{Guid.NewGuid():N}"[..16], "p");

    private static string Address => ServerContract.AddressOf("SIRSI_TEST_RABBITMQ");

    private EventMessage Message => new() { Scope = _scope, Subject = "task.run.ended", Key = "k", Payload = Encoding.UTF8.GetBytes("text") };

    [Fact]
    public async Task A_connection_that_is_cut_while_it_is_opened_is_no_refusal_and_the_next_one_does()
    {
        await using var proxy = new TcpProxy(Address);
        await using EventBus bus = Bus(proxy.Address);
        proxy.CutAfter(BytesOfTheHeaderAndSome);
        BusException cut = await Assert.ThrowsAsync<BusException>(async () => await bus.PublishAsync(Message));
        Assert.Equal(BusErrors.Unavailable, cut.Code);
        Assert.Contains(proxy.Address, cut.Message, StringComparison.Ordinal);
        await bus.PublishAsync(Message);
    }

    [Fact]
    public async Task Queues_that_somebody_deletes_are_made_again_and_their_member_goes_on()
    {
        var group = new GroupOptions { Name = "g", Filter = new EventFilter(_scope, "task.>") };
        await using EventBus bus = Bus(Address);
        await using EventConsumer consumer = await bus.JoinAsync(group);
        await bus.PublishAsync(Message);
        await ReceiveAsync(consumer);
        var names = new RabbitNames(new RabbitMqBusOptions { Addresses = [Address] }.Prefix, LogName.Of(_scope, "task.>"));
        await using (IConnection connection = await new ConnectionFactory { Uri = new Uri($"amqp://{Address}") }.CreateConnectionAsync())
        await using (IChannel channel = await connection.CreateChannelAsync())
        {
            for (int partition = 0; partition < new LogOptions().Partitions; partition++) await channel.QueueDeleteAsync(names.Queue("g", partition));
        }

        // What is published while there is no queue is gone: this goes on until there is one.
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new Delivery[1];
        Task<int> receiving = consumer.ReceiveAsync(buffer, patience.Token).AsTask();
        while (!receiving.IsCompleted)
        {
            await bus.PublishAsync(Message);
            await Task.WhenAny(receiving, Task.Delay(TimeSpan.FromMilliseconds(50)));
        }

        Assert.Equal(1, await receiving);
    }

    private static EventBus Bus(string address) =>
        new(new RabbitMqBusDriver(new RabbitMqBusOptions { Addresses = [address] }, HostEnvironment.Production), new BusOptions(), HostEnvironment.Production);

    private static async Task ReceiveAsync(EventConsumer consumer)
    {
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new Delivery[1];
        Assert.Equal(1, await consumer.ReceiveAsync(buffer, patience.Token));
        Assert.True(consumer.Acknowledge(buffer[0]));
        await consumer.FlushAsync(patience.Token);
    }
}
