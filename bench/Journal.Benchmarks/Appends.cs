using System.Diagnostics;
using Sirsi.Core.Hosting;

namespace Sirsi.Journal.Benchmarks;

internal static class Appends
{
    private const int SmallRecordBytes = 64;

    /// <summary>Slices of appending and of bare flushing by turns, for this disk changes from second to second.</summary>
    public static async Task DurableAsync(string root, double seconds)
    {
        const int Slices = 10;
        Console.WriteLine("durable appends of 64 to 256 B, by turns with bare flushes of as many bytes (pwrite, fdatasync)");
        Console.WriteLine("appenders | appends/s | append p50 ms | p99 ms | bare flush p50 ms | mean ms | journal's flush p50 ms | mean ms | share of appenders / bare p50 | / bare mean | / own mean");
        foreach (int appenders in new[] { 1, 8, 50, 256 })
        {
            int bytes = Math.Max(256, appenders * 200);
            var files = new TimedFiles(HostEnvironment.Production.Files);
            string folder = Path.Combine(root, "durable");
            var bare = new List<double>();
            var latencies = new List<double>();
            long records = 0;
            double took = 0;
            await using (SegmentedJournal journal = await SegmentedJournal.OpenAsync(
                HostEnvironment.Production with { Files = files }, folder, new JournalOptions()))
            {
                await RunAsync(journal, appenders, pipelined: 1, seconds: 1, fixedBytes: null, latencies: null);
                files.Flushes.Clear();
                for (int slice = 0; slice < Slices; slice++)
                {
                    await Disk.FlushAsync(root, bytes, seconds / Slices / 2, bare);
                    long first = journal.NextSequence;
                    long began = Stopwatch.GetTimestamp();
                    await RunAsync(journal, appenders, pipelined: 1, seconds / Slices, fixedBytes: null, latencies);
                    took += Stopwatch.GetElapsedTime(began).TotalSeconds;
                    records += journal.NextSequence - first;
                }
            }

            Directory.Delete(folder, recursive: true);
            double rate = records / took;
            double Share(double flushUs) => rate / (appenders / (flushUs / 1e6));
            List<double> own = files.Flushes;
            Console.WriteLine(
                $"{appenders} | {rate:N0} | {At(latencies, 0.5) / 1e3:N2} | {At(latencies, 0.99) / 1e3:N2} | {At(bare, 0.5) / 1e3:N2} | {bare.Average() / 1e3:N2} | "
                + $"{At(own, 0.5) / 1e3:N2} | {own.Average() / 1e3:N2} | {Share(At(bare, 0.5)):P0} | {Share(bare.Average()):P0} | {Share(own.Average()):P0}");
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
                double rate = await MeasureAsync(root, new JournalOptions { Sync = sync }, appenders, pipelined, seconds, fixedBytes: 128);
                Console.WriteLine($"{sync} | {appenders} | {pipelined} | {rate:N0} | {rate * 128 / 1e6:N0}");
            }
        }
    }

    private static async Task<double> MeasureAsync(
        string root, JournalOptions options, int appenders, int pipelined, double seconds, int? fixedBytes)
    {
        string folder = Path.Combine(root, "appends");
        double rate;
        await using (SegmentedJournal journal = await SegmentedJournal.OpenAsync(HostEnvironment.Production, folder, options))
        {
            await RunAsync(journal, appenders, pipelined, seconds: Math.Min(1, seconds), fixedBytes, latencies: null);
            long first = journal.NextSequence;
            long began = Stopwatch.GetTimestamp();
            await RunAsync(journal, appenders, pipelined, seconds, fixedBytes, latencies: null);
            rate = (journal.NextSequence - first) / Stopwatch.GetElapsedTime(began).TotalSeconds;
        }

        Directory.Delete(folder, recursive: true);
        return rate;
    }

    private static double At(List<double> values, double share)
    {
        values.Sort();
        return values[(int)(values.Count * share)];
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
