using System.Diagnostics;
using Sirsi.Core.Hosting;

namespace Sirsi.Journal.Benchmarks;

internal static class Appends
{
    private const int SmallRecordBytes = 64;

    public static async Task DurableAsync(string root, double seconds)
    {
        Console.WriteLine("durable appends of 64 to 256 B; the disk's flush is of as many bytes, measured before and after each row");
        Console.WriteLine("appenders | appends/s | p50 ms | p99 ms | disk's flush p50 ms | p99 ms | share of appenders / flush p50");
        foreach (int appenders in new[] { 1, 8, 50, 256 })
        {
            int bytes = Math.Max(256, appenders * 200);
            (double before, double beforeP99) = await Disk.FlushAsync(root, bytes, times: 300);
            (double rate, double p50, double p99) = await MeasureAsync(root, new JournalOptions(), appenders, pipelined: 1, seconds, fixedBytes: null);
            (double after, double afterP99) = await Disk.FlushAsync(root, bytes, times: 300);
            double flushUs = (before + after) / 2;
            double share = rate / (appenders / (flushUs / 1e6));
            Console.WriteLine(
                $"{appenders} | {rate:N0} | {p50 / 1e3:N2} | {p99 / 1e3:N2} | {flushUs / 1e3:N2} | {(beforeP99 + afterP99) / 2e3:N2} | {share:P0}");
        }
    }

    public static async Task UnflushedAsync(string root, double seconds)
    {
        Console.WriteLine("records of 128 B; pipelined: each appender has so many appends under way");
        Console.WriteLine("mode | appenders | pipelined | records/s | MB/s");
        foreach (JournalSync sync in new[] { JournalSync.Interval, JournalSync.Memory })
        {
            foreach ((int appenders, int pipelined) in new[] { (1, 1), (50, 1), (256, 1), (8, 256) })
            {
                (double rate, _, _) = await MeasureAsync(root, new JournalOptions { Sync = sync }, appenders, pipelined, seconds, fixedBytes: 128);
                Console.WriteLine($"{sync} | {appenders} | {pipelined} | {rate:N0} | {rate * 128 / 1e6:N0}");
            }
        }
    }

    private static async Task<(double PerSecond, double P50Us, double P99Us)> MeasureAsync(
        string root, JournalOptions options, int appenders, int pipelined, double seconds, int? fixedBytes)
    {
        string folder = Path.Combine(root, "appends");
        double rate;
        var latencies = new List<double>();
        await using (SegmentedJournal journal = await SegmentedJournal.OpenAsync(HostEnvironment.Production, folder, options))
        {
            await RunAsync(journal, appenders, pipelined, seconds: Math.Min(1, seconds), fixedBytes, latencies: null);
            long first = journal.NextSequence;
            long began = Stopwatch.GetTimestamp();
            await RunAsync(journal, appenders, pipelined, seconds, fixedBytes, latencies);
            rate = (journal.NextSequence - first) / Stopwatch.GetElapsedTime(began).TotalSeconds;
        }

        Directory.Delete(folder, recursive: true);
        latencies.Sort();
        return (rate, latencies[latencies.Count / 2], latencies[(int)(latencies.Count * 0.99)]);
    }

    private static async Task RunAsync(SegmentedJournal journal, int appenders, int pipelined, double seconds, int? fixedBytes, List<double>? latencies)
    {
        long end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        var running = new List<Task<List<double>>>();
        for (int i = 0; i < appenders; i++)
        {
            int bytes = fixedBytes ?? (SmallRecordBytes + (i * 192 / Math.Max(1, appenders - 1)));
            running.Add(HostEnvironment.Production.Executor.RunAsync(() => AppendAsync(journal, new byte[bytes], pipelined, end)));
        }

        foreach (Task<List<double>> appender in running)
        {
            List<double> took = await appender;
            latencies?.AddRange(took);
        }
    }

    private static async Task<List<double>> AppendAsync(SegmentedJournal journal, byte[] record, int pipelined, long end)
    {
        Random.Shared.NextBytes(record);
        var took = new List<double>();
        var pending = new ValueTask<long>[pipelined];
        long now = Stopwatch.GetTimestamp();
        while (now < end)
        {
            for (int i = 0; i < pipelined; i++) pending[i] = journal.AppendAsync(record);
            foreach (ValueTask<long> append in pending) await append;
            long after = Stopwatch.GetTimestamp();
            if (took.Count < 100_000) took.Add(Stopwatch.GetElapsedTime(now, after).TotalMicroseconds);
            now = after;
        }

        return took;
    }
}
