using System.Diagnostics;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Embedded;
using Sirsi.Bus.Events;
using Sirsi.Bus.Publishing;
using Sirsi.Core.Hosting;
using Sirsi.Journal;

namespace Sirsi.Bus.Benchmarks;

/// <summary>A bus over the embedded log, for measuring: its own folder, no recognition of repetitions (its peers have none in these runs).</summary>
internal sealed class Embedded : IAsyncDisposable
{
    public const int EventBytes = 200;

    private static readonly TopicScope Scope = new("bench", "embedded");

    private readonly string _folder;
    private readonly int _payloadBytes;

    public Embedded(string root, JournalSync sync, int payloadBytes = EventBytes - 75, int partitions = 8)
    {
        _folder = Path.Combine(root, $"bus-{Guid.NewGuid():N}");
        _payloadBytes = payloadBytes;
        var driver = new EmbeddedBusDriver(new EmbeddedBusOptions { Folder = _folder, Sync = sync }, HostEnvironment.Production);
        var log = new LogOptions { Partitions = partitions, DeduplicationWindow = TimeSpan.Zero, RetentionBytes = 8L << 30 };
        Bus = new EventBus(driver, new BusOptions { Log = log }, HostEnvironment.Production);
    }

    public EventBus Bus { get; }

    public ValueTask<EventConsumer> JoinAsync() =>
        Bus.JoinAsync(new GroupOptions { Name = "g", Filter = new EventFilter(Scope, "task.>"), InFlightMax = 8_192, Window = 32_768 });

    public EventMessage Message(int number) => new() { Scope = Scope, Subject = "task.run.ended", Key = $"key{number}", Payload = new byte[_payloadBytes] };

    /// <summary>Events a second from so many publishers, each with so many under way at once.</summary>
    public async Task<double> PublishAsync(int publishers, int underWay, double seconds)
    {
        await Bus.PublishAsync(Message(0));
        long begin = Stopwatch.GetTimestamp(), end = begin + (long)(seconds * Stopwatch.Frequency);
        Task<long>[] tasks = [.. Enumerable.Range(0, publishers).Select(p => Task.Run(() => PublishLoopAsync(p, underWay, end)))];
        long count = 0;
        foreach (Task<long> task in tasks) count += await task;
        return count / Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    /// <summary>Events a second from publication to acknowledgement, in batches, one publisher and one member.</summary>
    public async Task<double> EndToEndAsync(int batch, double seconds)
    {
        await using EventConsumer consumer = await JoinAsync();
        EventMessage[] messages = [.. Enumerable.Range(0, batch).Select(Message)];
        long begin = Stopwatch.GetTimestamp(), end = begin + (long)(seconds * Stopwatch.Frequency);
        long published = 0;
        using var stop = new CancellationTokenSource();
        Task publishing = Task.Run(async () =>
        {
            for (int i = 0; Stopwatch.GetTimestamp() < end; i++)
            {
                // Not so far ahead that the log grows without bound.
                if (published - consumer.Statistics.Acknowledged > 200_000)
                {
                    await Task.Yield();
                    continue;
                }

                await Bus.PublishAsync(messages);
                Volatile.Write(ref published, published + batch);
            }

            await stop.CancelAsync();
        });
        var deliveries = new Delivery[4_096];
        long done = 0;
        while (!stop.IsCancellationRequested || done < Volatile.Read(ref published))
        {
            int count = await ReceiveAsync(consumer, deliveries, stop.Token);
            consumer.Acknowledge(deliveries.AsSpan(0, count));
            done += count;
        }

        await publishing;
        await consumer.FlushAsync();
        return done / Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    /// <summary>Milliseconds from publication to delivery at a steady rate: median and 99th percentile.</summary>
    public async Task<(double Median, double High)> LatencyAsync(int eventsPerSecond, double seconds)
    {
        await using EventConsumer consumer = await JoinAsync();
        List<double> took = new((int)(eventsPerSecond * seconds) + 1);
        int total = (int)(eventsPerSecond * seconds);
        Task receiving = Task.Run(async () =>
        {
            var deliveries = new Delivery[1_024];
            while (took.Count < total)
            {
                int count = await consumer.ReceiveAsync(deliveries);
                long now = Stopwatch.GetTimestamp();
                for (int i = 0; i < count; i++) took.Add((now - BitConverter.ToInt64(deliveries[i].Event.Payload)) * 1_000.0 / Stopwatch.Frequency);
                consumer.Acknowledge(deliveries.AsSpan(0, count));
            }
        });
        // Each millisecond publishes its share; what is late is published at once, and its lateness counts.
        long begin = Stopwatch.GetTimestamp();
        int perTick = Math.Max(1, eventsPerSecond / 1_000);
        List<Task<PublishReceipt>> underWay = new(perTick);
        for (int sent = 0; sent < total;)
        {
            long due = begin + (long)((double)sent / eventsPerSecond * Stopwatch.Frequency);
            while (Stopwatch.GetTimestamp() < due) await Task.Yield();
            underWay.Clear();
            for (int i = 0; i < perTick && sent < total; i++, sent++)
            {
                EventMessage message = Message(sent % 4_096);
                message.Payload = Stamp(due);
                underWay.Add(Bus.PublishAsync(message).AsTask());
            }

            foreach (Task<PublishReceipt> publication in underWay) await publication;
        }

        await receiving;
        took.Sort();
        return (took[took.Count / 2], took[(int)(took.Count * 0.99)]);
    }

    public async ValueTask DisposeAsync()
    {
        await Bus.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Waits while there is somebody who publishes; afterwards takes what is there.</summary>
    private static async Task<int> ReceiveAsync(EventConsumer consumer, Delivery[] deliveries, CancellationToken cancellation)
    {
        try
        {
            return await consumer.ReceiveAsync(deliveries, cancellation);
        }
        catch (OperationCanceledException)
        {
            await Task.Yield();
            return consumer.TryReceive(deliveries);
        }
    }

    private byte[] Stamp(long instant)
    {
        byte[] payload = new byte[_payloadBytes];
        BitConverter.TryWriteBytes(payload, instant);
        return payload;
    }

    private async Task<long> PublishLoopAsync(int publisher, int underWay, long end)
    {
        EventMessage[] messages = [.. Enumerable.Range(0, underWay).Select(i => Message((publisher * underWay) + i))];
        long count = 0;
        while (Stopwatch.GetTimestamp() < end)
        {
            if (underWay == 1) await Bus.PublishAsync(messages[0]);
            else await Bus.PublishAsync(messages);
            count += underWay;
        }

        return count;
    }
}
