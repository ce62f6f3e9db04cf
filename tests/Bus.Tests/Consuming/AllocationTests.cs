using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Bus.Local;
using Sirsi.Bus.Publishing;
using Sirsi.Bus.Tests.Measuring;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Consuming;

public sealed class AllocationTests
{
    private const int Rounds = 300;

    /// <summary>To wake and to wait costs something for a batch; that a larger batch costs no more shows that an event costs nothing.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_event_is_published_received_and_acknowledged_without_garbage(bool isMeasured)
    {
        using var measured = isMeasured ? new Measured("tenant") : null;
        double small = BytesOfBatch(256), large = BytesOfBatch(2_048);
        Assert.InRange((large - small) / (2_048 - 256), -1, 0.2);
        Assert.InRange(small, 0, 2_048);
        if (measured is not null) Assert.True(measured["messaging.client.sent.messages"] >= Rounds * (256 + 2_048));
    }

    private static double BytesOfBatch(int batch)
    {
        var host = new DeterministicHost(1);
        return host.Run(() => MeasureAsync(host.Environment, batch));
    }

    private static async Task<double> MeasureAsync(HostEnvironment environment, int batch)
    {
        var scope = new TopicScope("tenant", "project");
        var options = new BusOptions { Log = new LogOptions { RetentionBytes = 4 << 20, DeduplicationIdsMax = 4_096 } };
        await using var bus = new EventBus(new MemoryBusDriver(environment), options, environment);
        await using EventConsumer consumer = await bus.JoinAsync(new GroupOptions { Name = "g", Filter = new EventFilter(scope, "work.>"), InFlightMax = batch });
        string[] keys = [.. Enumerable.Range(0, batch).Select(i => $"key-{i}")];
        var message = new EventMessage { Scope = scope, Subject = "work.item.done", Payload = new byte[100] };
        var deliveries = new Delivery[batch];
        await WorkAsync(Rounds);
        long before = GC.GetAllocatedBytesForCurrentThread();
        await WorkAsync(Rounds);
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Rounds;

        async Task WorkAsync(int rounds)
        {
            for (int round = 0; round < rounds; round++)
            {
                foreach (string key in keys)
                {
                    message.Key = key;
                    await bus.PublishAsync(message);
                }

                for (int received = 0; received < batch;)
                {
                    int some = await consumer.ReceiveAsync(deliveries);
                    received += some;
                    Assert.Equal(some, consumer.Acknowledge(deliveries.AsSpan(0, some)));
                }
            }
        }
    }
}
