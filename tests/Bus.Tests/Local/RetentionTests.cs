using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Embedded;
using Sirsi.Bus.Events;
using Sirsi.Bus.Local;
using Sirsi.Bus.Publishing;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Local;

/// <summary>Old events leave a log of this process, and groups that are behind go on with what is left.</summary>
public sealed class RetentionTests
{
    private const int EventBytes = 32 * 1024;

    private static readonly TopicScope Scope = new("tenant", "project");
    private static readonly LogName Log = new(Scope, "work");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_oldest_leave_when_the_log_grows_too_large(bool isEmbedded) =>
        Run(isEmbedded, new LogOptions { Partitions = 1, RetentionBytes = 16 << 20 }, async (bus, environment) =>
        {
            await using EventConsumer consumer = await bus.JoinAsync(Group());
            var delivery = new Delivery[1];
            await PublishAsync(bus, 1_500);
            await Task.Delay(TimeSpan.FromMinutes(2), environment.Time);
            LogStatus status = await bus.StatusAsync(Log);
            Assert.InRange(status.Bytes, 8 << 20, 24 << 20);
            Assert.InRange(status.First, 500, 1_400);
            // The member had fetched the first ones; what it comes to next lies behind what left.
            long last = -1, gap = 0;
            for (int received = 0; received < 1_500; received++)
            {
                await consumer.ReceiveAsync(delivery);
                Assert.True(delivery[0].Position > last);
                gap = Math.Max(gap, delivery[0].Position - last);
                last = delivery[0].Position;
                consumer.Acknowledge(delivery);
                if (last == status.Next - 1) break;
            }

            Assert.Equal(status.Next - 1, last);
            Assert.InRange(gap, 100, 1_500);
            await consumer.FlushAsync();
            Assert.Equal(0, (await bus.StatusAsync(Log, "g"))!.Lag);
        });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_oldest_leave_when_they_are_too_old(bool isEmbedded) =>
        Run(isEmbedded, new LogOptions { Partitions = 1, RetentionAge = TimeSpan.FromHours(1) }, async (bus, environment) =>
        {
            // More than one stretch, or segment: whole ones leave.
            int count = isEmbedded ? 2_500 : 40;
            await PublishAsync(bus, count);
            await Task.Delay(TimeSpan.FromHours(2), environment.Time);
            await PublishAsync(bus, count);
            await Task.Delay(TimeSpan.FromMinutes(2), environment.Time);
            LogStatus status = await bus.StatusAsync(Log);
            Assert.InRange(status.Events, count, count + (isEmbedded ? 2_100 : 10));
            await using EventReader reader = await bus.ReadAsync(new ReadOptions { Filter = new EventFilter(Scope, "work.>"), Follow = false });
            EventBatch first = await reader.ReadAsync();
            Assert.Equal(status.First, first[0].Position);
        });

    private static GroupOptions Group() => new() { Name = "g", Filter = new EventFilter(Scope, "work.>"), Window = 16 };

    private static async Task PublishAsync(EventBus bus, int count)
    {
        var message = new EventMessage { Scope = Scope, Subject = "work.done", Payload = new byte[EventBytes] };
        for (int i = 0; i < count; i++) await bus.PublishAsync(message);
    }

    private static void Run(bool isEmbedded, LogOptions options, Func<EventBus, HostEnvironment, Task> test)
    {
        var host = new DeterministicHost(1);
        HostEnvironment environment = host.Environment;
        BusDriver driver = isEmbedded
            ? new EmbeddedBusDriver(new EmbeddedBusOptions { Folder = "bus", SegmentBytes = 4 << 20 }, environment)
            : new MemoryBusDriver(environment);
        host.Run(async () =>
        {
            await using var bus = new EventBus(driver, new BusOptions { Log = options }, environment);
            await test(bus, environment);
        });
    }
}
