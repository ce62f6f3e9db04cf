using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Bus.Local;
using Sirsi.Bus.Publishing;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Consuming;

public sealed class AllocationTests
{
    private const int Batch = 256;

    [Fact]
    public async Task An_event_is_published_received_and_acknowledged_without_garbage()
    {
        HostEnvironment environment = HostEnvironment.Production;
        var scope = new TopicScope("tenant", "project");
        var options = new BusOptions { Log = new LogOptions { RetentionBytes = 1 << 20, DeduplicationIdsMax = 4_096 } };
        await using var bus = new EventBus(new MemoryBusDriver(environment), options, environment);
        await using EventConsumer consumer = await bus.JoinAsync(new GroupOptions { Name = "g", Filter = new EventFilter(scope, "work.>") });
        string[] keys = [.. Enumerable.Range(0, Batch).Select(i => $"key-{i}")];
        var message = new EventMessage { Scope = scope, Subject = "work.item.done", Payload = new byte[100] };
        var deliveries = new Delivery[Batch];
        await WorkAsync(200);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        const int rounds = 400;
        await WorkAsync(rounds);
        double perEvent = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)(rounds * Batch);
        // Waking a loop costs an object of the thread pool's, once for a batch; an event costs nothing.
        Assert.InRange(perEvent, 0, 1);

        async Task WorkAsync(int count)
        {
            for (int round = 0; round < count; round++)
            {
                foreach (string key in keys)
                {
                    message.Key = key;
                    await bus.PublishAsync(message);
                }

                for (int received = 0; received < Batch;)
                {
                    int some = await consumer.ReceiveAsync(deliveries);
                    received += some;
                    Assert.Equal(some, consumer.Acknowledge(deliveries.AsSpan(0, some)));
                }
            }
        }
    }
}
