using System.Diagnostics;
using System.Globalization;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Bus.Publishing;
using Sirsi.Bus.Redis;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;

namespace Sirsi.Bus.Benchmarks;

/// <summary>
/// Events a second that the bus publishes to Redis, against what redis-benchmark appends with XADD: one client, the same number of commands under way at once, entries of the
/// same size, the two in turn, the median of five.
/// </summary>
internal static class RedisPublishing
{
    private const int Rounds = 5;
    private const int EventBytes = 200;
    private static readonly int[] Depths = [16, 64, 512];
    private static readonly TopicScope Scope = new("bench", "redis");

    public static async Task<int> RunAsync(string address)
    {
        Console.WriteLine($"{"depth",6} {"XADD/s",10} {"bus/s",10} {"ratio",6} {"bus, repetitions recognized",28} {"ratio",6}");
        foreach (int depth in Depths)
        {
            double[] peer = new double[Rounds], plain = new double[Rounds], once = new double[Rounds];
            int count = depth < 64 ? 50_000 : 150_000;
            for (int round = -1; round < Rounds; round++)
            {
                int at = Math.Max(0, round);
                peer[at] = await PeerAsync(address, depth, count);
                plain[at] = await PublishAsync(address, depth, count, TimeSpan.Zero);
                once[at] = await PublishAsync(address, depth, count, TimeSpan.FromSeconds(10));
            }

            double p = Median(peer), b = Median(plain), o = Median(once);
            Console.WriteLine($"{depth,6} {p,10:N0} {b,10:N0} {b / p,6:0.00} {o,28:N0} {o / p,6:0.00}");
        }

        return 0;
    }

    private static async Task<double> PeerAsync(string address, int depth, int count)
    {
        string[] parts = address.Split(':');
        var start = new ProcessStartInfo("redis-benchmark") { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (string argument in (string[])
            ["-h", parts[0], "-p", parts[1], "-c", "1", "-P", $"{depth}", "-n", $"{count}", "--csv", "XADD", "bench:peer", "*", "e", new string('x', EventBytes)])
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("redis-benchmark did not start.");
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        await CleanAsync(address, "bench:peer");
        // "test","rps",… and then the values.
        string line = output.Split('\n').Last(static l => l.Contains("XADD", StringComparison.Ordinal));
        return double.Parse(line[line.LastIndexOf("XADD", StringComparison.Ordinal)..].Split("\",\"")[1].Trim('"'), CultureInfo.InvariantCulture);
    }

    private static async Task<double> PublishAsync(string address, int depth, int count, TimeSpan window)
    {
        var log = new LogOptions { DeduplicationWindow = window };
        await using var bus = new EventBus(
            new RedisBusDriver(new RedisBusOptions { Addresses = [address] }, HostEnvironment.Production), new BusOptions { Log = log }, HostEnvironment.Production);
        EventMessage[] batch = [.. Enumerable.Range(0, depth).Select(static i => new EventMessage
        {
            Scope = Scope,
            Subject = "task.run.ended",
            Key = $"key{i}",
            Payload = new byte[EventBytes - 75],
        })];
        await bus.PublishAsync(batch);
        IdSource ids = HostEnvironment.Production.Ids;
        long begin = Stopwatch.GetTimestamp();
        int published = 0;
        for (; published < count; published += depth)
        {
            if (window > TimeSpan.Zero)
                foreach (EventMessage message in batch) message.Id = ids.Next<EventKind>();
            await bus.PublishAsync(batch);
        }

        double rate = published / Stopwatch.GetElapsedTime(begin).TotalSeconds;
        await CleanAsync(address, [.. Enumerable.Range(0, log.Partitions).Select(static i => $"sirsi:{{{Scope}.task.{i}}}:events")]);
        return rate;
    }

    private static async Task CleanAsync(string address, params string[] keys)
    {
        string[] parts = address.Split(':');
        using Process process = Process.Start(new ProcessStartInfo("redis-cli", ["-h", parts[0], "-p", parts[1], "UNLINK", .. keys])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        }) ?? throw new InvalidOperationException("redis-cli did not start.");
        await process.WaitForExitAsync();
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
