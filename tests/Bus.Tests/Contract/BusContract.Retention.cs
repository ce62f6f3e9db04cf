using System.Globalization;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;

namespace Sirsi.Bus.Tests.Contract;

public abstract partial class BusContract
{
    private const int LongEvent = 32 * 1024;
    private static readonly LogOptions Small = new() { Partitions = 1, RetentionBytes = 4 << 20 };
    private static readonly LogOptions Brief = new() { Partitions = 1, RetentionBytes = 32 << 20, RetentionAge = TimeSpan.FromSeconds(2) };

    /// <summary>How many long events stay or leave together: as many too old or too many ones may still be there.</summary>
    protected virtual int Stretch => 0;

    [Fact]
    public Task The_oldest_leave_a_log_that_grows_too_large() => RunAsync(
        async bus =>
        {
            Needs(BusCapabilities.RetentionBySize);
            await bus.ExpectAsync("g");
            const int count = 512, fit = 4 * 1024 * 1024 / LongEvent;
            for (int i = 0; i < count; i++) await PublishLongAsync(bus, $"{i}");
            await UntilLogHoldsAsync(bus, fit + Stretch, static () => Task.CompletedTask);
            await using EventConsumer consumer = await bus.JoinAsync("g");
            int first = NumberOf(await bus.ReceiveOneAsync(consumer));
            Assert.InRange(first, count - fit - Stretch, count - (fit / 8));
            List<Delivery> rest = await bus.ReceiveAsync(consumer, count - first - 1);
            Assert.Equal(Enumerable.Range(first + 1, count - first - 1), rest.Select(NumberOf));
        },
        Small);

    [Fact]
    public Task What_is_too_old_leaves_a_log() => RunAsync(
        async bus =>
        {
            Needs(BusCapabilities.RetentionByAge);
            await bus.ExpectAsync("g");
            const int count = 300, young = 8;
            for (int i = 0; i < count; i++) await PublishLongAsync(bus, $"{i}");
            await Task.Delay(Brief.RetentionAge + TimeSpan.FromSeconds(1), bus.Environment.Time);
            int after = 0;
            await UntilLogHoldsAsync(bus, Stretch + young, async () => await PublishLongAsync(bus, $"{count + after++}"));
            await using EventConsumer consumer = await bus.JoinAsync("g");
            // What is young may grow old before it is received: then another one is.
            List<int> received = [];
            for (long start = bus.Environment.Time.GetTimestamp(); received.Count == 0 || received[^1] < count;)
            {
                Assert.True(bus.Environment.Time.GetElapsedTime(start) < Patience, $"Nothing came but {string.Join(", ", received)}; {consumer.Statistics}");
                await PublishLongAsync(bus, $"{count + after++}");
                if (await bus.ReceiveWithinAsync(consumer, TimeSpan.FromSeconds(1)) is not { } delivery) continue;
                received.Add(NumberOf(delivery));
                Assert.True(consumer.Acknowledge(delivery));
            }

            Assert.InRange(received[0], count - Stretch, int.MaxValue);
        },
        Brief);

    private static async Task PublishLongAsync(TestBus bus, string text) => await bus.PublishAsync(text.PadRight(LongEvent));

    private static int NumberOf(Delivery delivery) => int.Parse(TextOf(delivery), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);

    /// <summary>Waits until a log that tells its length is no longer than this, and does something between the looks.</summary>
    private async Task UntilLogHoldsAsync(TestBus bus, int count, Func<Task> between)
    {
        if (!Capabilities.HasFlag(BusCapabilities.ReadFromPosition)) return;
        TimeSpan patience = TimeSpan.FromMinutes(3);
        LogName log = new(bus.Scope, "task");
        for (long start = bus.Environment.Time.GetTimestamp(); (await bus.Bus.StatusAsync(log)).Events is var events && events > count;)
        {
            Assert.True(bus.Environment.Time.GetElapsedTime(start) < patience, $"The log still holds {events} events.");
            await between();
            await Task.Delay(TimeSpan.FromMilliseconds(500), bus.Environment.Time);
        }
    }
}
