using System.Diagnostics;
using Sirsi.Core.Hosting;

namespace Sirsi.Journal.Benchmarks;

/// <summary>Writes as much as goes into a minute, at most 10 GB, and measures opening and reading it.</summary>
internal static class LargeLog
{
    private const long BytesMax = 10_000_000_000;
    private const int RecordBytes = 128;
    private const int RecordsPerGroup = 64;

    public static async Task RunAsync(string root, double seconds)
    {
        string folder = Path.Combine(root, "large");
        var options = new JournalOptions { Sync = JournalSync.Interval };
        SegmentedJournal journal = await SegmentedJournal.OpenAsync(HostEnvironment.Production, folder, options);
        long end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        long began = Stopwatch.GetTimestamp();
        await AppendAsync(journal, end);
        double took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        long records = journal.NextSequence - 1;
        Console.WriteLine($"a large log, groups of 64 records of 128 B, Interval: {records:N0} records in {took:N0} s, {records * RecordBytes / took / 1e6:N0} MB/s");
        await journal.DisposeAsync();

        JournalRecovery recovery;
        await using (SegmentedJournal again = await SegmentedJournal.OpenAsync(HostEnvironment.Production, folder, options))
        {
            recovery = again.Recovery;
            long bytes = Directory.EnumerateFiles(folder).Sum(static file => new FileInfo(file).Length);
            Console.WriteLine($"open after closing: {bytes / 1e9:N2} GB, {recovery.Segments} segments, {recovery.Elapsed.TotalMilliseconds:N0} ms");
            await ReadAsync(again);
        }
    }

    private static async Task AppendAsync(SegmentedJournal journal, long end)
    {
        var group = new RecordGroup();
        var record = new byte[RecordBytes];
        Random.Shared.NextBytes(record);
        for (int i = 0; i < RecordsPerGroup; i++) group.Add(record);
        var pending = new ValueTask<long>[64];
        while (Stopwatch.GetTimestamp() < end && journal.NextSequence * RecordBytes < BytesMax)
        {
            for (int i = 0; i < pending.Length; i++) pending[i] = journal.AppendAsync(group);
            foreach (ValueTask<long> append in pending) await append;
        }
    }

    private static async Task ReadAsync(SegmentedJournal journal)
    {
        long began = Stopwatch.GetTimestamp();
        long bytes = 0, records = 0;
        using JournalReader reader = journal.OpenReader(1);
        while (await reader.ReadAsync())
        {
            bytes += reader.Current.Data.Length;
            records++;
        }

        double took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Console.WriteLine($"read: {records / took:N0} records/s, {bytes / took / 1e6:N0} MB/s");
    }
}
