using System.Diagnostics;
using System.Globalization;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using NATS.Net;
using Sirsi.Journal;

namespace Sirsi.Bus.Benchmarks;

/// <summary>
/// The embedded log against Redis Streams and NATS JetStream on the same disk, each round both sides in turn, the median of the rounds; servers are started for it.
/// </summary>
internal static class EmbeddedBenchmarks
{
    private const int Rounds = 5;

    public static async Task<int> RunAsync(string root, double seconds)
    {
        Directory.CreateDirectory(root);
        using var always = RedisServer.Start(root, "always");
        using var everySecond = RedisServer.Start(root, "everysec");
        using var nats = NatsServer.Start(root);
        await Task.Delay(1_000);
        double[] flush = new double[Rounds], fifty = new double[Rounds], durable = new double[Rounds], redisAlways = new double[Rounds];
        double[] interval = new double[Rounds], wide = new double[Rounds], redis = new double[Rounds], jetStream = new double[Rounds], endToEnd = new double[Rounds];
        for (int round = -1; round < Rounds; round++)
        {
            int at = Math.Max(0, round);
            flush[at] = FlushSeconds(root, seconds / 2);
            fifty[at] = await PublishAsync(root, JournalSync.Durable, 50, 1, seconds);
            durable[at] = await PublishAsync(root, JournalSync.Durable, 8, 128, seconds);
            redisAlways[at] = await always.AppendAsync(clients: 64, depth: 16, seconds);
            interval[at] = await PublishAsync(root, JournalSync.Interval, 1, 16, seconds);
            redis[at] = await everySecond.AppendAsync(clients: 1, depth: 16, seconds);
            wide[at] = await PublishAsync(root, JournalSync.Interval, 2, 512, seconds);
            jetStream[at] = await nats.AppendAsync(512, seconds);
            endToEnd[at] = await WithAsync(root, JournalSync.Interval, bus => bus.EndToEndAsync(512, seconds));
        }

        double p50 = Median(flush);
        Console.WriteLine($"flush of the disk (append 4 KiB, fdatasync), median {p50 * 1e6:N0} µs");
        Row("Durable, 50 publishers", Median(fifty), "publishers ÷ flush", 50 / p50, 0.6);
        Row("Durable, 1,024 under way", Median(durable), "Redis always, 64 × 16", Median(redisAlways), 5);
        Row("Interval, 1 × 16", Median(interval), "Redis everysec, 1 × 16", Median(redis), 3);
        Row("Interval, 2 × 512", Median(wide), "NATS JetStream file, 512", Median(jetStream), 3);
        Row("Interval, to the acknowledgement", Median(endToEnd), "a million a second", 1_000_000, 1);
        (double median, double high) = await WithAsync(root, JournalSync.Interval, bus => bus.LatencyAsync(100_000, seconds));
        Console.WriteLine($"Interval, 100,000/s: median {median:0.00} ms, 99th percentile {high:0.00} ms (target 5)");
        (median, high) = await WithAsync(root, JournalSync.Durable, bus => bus.LatencyAsync(10_000, seconds));
        Console.WriteLine($"Durable, 10,000/s: median {median:0.00} ms, 99th percentile {high:0.00} ms (target 3 flushes: {3 * p50 * 1_000:0.00})");
        return 0;
    }

    private static void Row(string what, double rate, string peer, double peerRate, double target) => Console.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{what,-34} {rate,12:N0}/s   {peer,-26} {peerRate,12:N0}/s   ratio {rate / peerRate,6:0.00} (target {target})"));

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    private static Task<double> PublishAsync(string root, JournalSync sync, int publishers, int underWay, double seconds) =>
        WithAsync(root, sync, bus => bus.PublishAsync(publishers, underWay, seconds));

    private static async Task<T> WithAsync<T>(string root, JournalSync sync, Func<Embedded, Task<T>> work)
    {
        await using var bus = new Embedded(root, sync);
        return await work(bus);
    }

    /// <summary>The median of a bare append and flush.</summary>
    private static double FlushSeconds(string root, double seconds)
    {
        string path = Path.Combine(root, "flush");
        List<double> took = [];
        using (var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            file.SetLength(64 << 20);
            file.Flush(flushToDisk: true);
            byte[] block = new byte[4_096];
            long end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
            while (Stopwatch.GetTimestamp() < end)
            {
                long begin = Stopwatch.GetTimestamp();
                file.Write(block);
                file.Flush(flushToDisk: true);
                took.Add(Stopwatch.GetElapsedTime(begin).TotalSeconds);
                if (file.Position > 60 << 20) file.Position = 0;
            }
        }

        File.Delete(path);
        return took.Order().ElementAt(took.Count / 2);
    }

    private sealed class RedisServer : IDisposable
    {
        private readonly Process _process;
        private readonly string _folder;
        private readonly int _port;

        private RedisServer(Process process, string folder, int port) => (_process, _folder, _port) = (process, folder, port);

        public static RedisServer Start(string root, string appendFsync)
        {
            string folder = Path.Combine(root, $"redis-{appendFsync}");
            Directory.CreateDirectory(folder);
            int port = FreePort();
            var start = new ProcessStartInfo(
                "redis-server",
                ["--bind", "127.0.0.1", "--port", $"{port}", "--dir", folder, "--save", "", "--appendonly", "yes", "--appendfsync", appendFsync, "--loglevel", "warning"])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
            };
            return new RedisServer(Process.Start(start)!, folder, port);
        }

        /// <summary>Entries a second that redis-benchmark appends with XADD, of the bus's size.</summary>
        public async Task<double> AppendAsync(int clients, int depth, double seconds)
        {
            double rate = await RunAsync(clients, depth, 20_000);
            return await RunAsync(clients, depth, (int)Math.Max(20_000, rate * seconds));
        }

        public void Dispose() => End(_process, _folder);

        private async Task<double> RunAsync(int clients, int depth, int count)
        {
            var start = new ProcessStartInfo(
                "redis-benchmark",
                ["-p", $"{_port}", "-c", $"{clients}", "-P", $"{depth}", "-n", $"{count}", "--csv", "XADD", "bench", "MAXLEN", "~", "1000000", "*", "e", new string('x', Embedded.EventBytes)])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
            };
            using Process process = Process.Start(start)!;
            string output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            string line = output.Split('\n').Last(static l => l.Contains("XADD", StringComparison.Ordinal));
            return double.Parse(line[line.LastIndexOf("XADD", StringComparison.Ordinal)..].Split("\",\"")[1].Trim('"'), CultureInfo.InvariantCulture);
        }
    }

    private sealed class NatsServer : IDisposable
    {
        private readonly Process _process;
        private readonly string _folder;
        private readonly int _port;

        private NatsServer(Process process, string folder, int port) => (_process, _folder, _port) = (process, folder, port);

        public static NatsServer Start(string root)
        {
            string folder = Path.Combine(root, "nats");
            Directory.CreateDirectory(folder);
            int port = FreePort();
            var start = new ProcessStartInfo("nats-server", ["--addr", "127.0.0.1", "--port", $"{port}", "--jetstream", "--store_dir", folder, "--log", Path.Combine(folder, "log")]);
            return new NatsServer(Process.Start(start)!, folder, port);
        }

        /// <summary>Messages a second that its own client publishes, so many under way at once.</summary>
        public async Task<double> AppendAsync(int underWay, double seconds)
        {
            await using var connection = new NatsConnection(new NatsOpts { Url = $"nats://127.0.0.1:{_port}" });
            INatsJSContext context = connection.CreateJetStreamContext();
            await context.CreateOrUpdateStreamAsync(new StreamConfig("bench", ["bench.>"]) { Storage = StreamConfigStorage.File, MaxBytes = 4L << 30 });
            byte[] payload = new byte[Embedded.EventBytes];
            var pending = new Task<PubAckResponse>[underWay];
            long begin = Stopwatch.GetTimestamp(), end = begin + (long)(seconds * Stopwatch.Frequency), count = 0;
            while (Stopwatch.GetTimestamp() < end)
            {
                for (int i = 0; i < underWay; i++) pending[i] = context.PublishAsync("bench.task", payload).AsTask();
                foreach (Task<PubAckResponse> one in pending) (await one).EnsureSuccess();
                count += underWay;
            }

            double rate = count / Stopwatch.GetElapsedTime(begin).TotalSeconds;
            await context.DeleteStreamAsync("bench");
            return rate;
        }

        public void Dispose() => End(_process, _folder);
    }

    private static void End(Process process, string folder)
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
