using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Sirsi.Core.Hosting;
using Sirsi.Store.Sqlite;

namespace Sirsi.Store.Benchmarks;

/// <summary>One unit of work is one INSERT of 100 bytes, on disk when it is answered.</summary>
internal static partial class SqliteBenchmark
{
    private const int Rounds = 7;
    private const int Many = 64;
    private static readonly TimeSpan RoundTime = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, "store.db");
        foreach (string old in Directory.GetFiles(folder)) File.Delete(old);
        await using Database database = await Database.OpenAsync(new SqliteOptions { Path = path },
            [new("bench", new Migration(1, "rows", static _ => "CREATE TABLE rows (id INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT"))],
            HostEnvironment.Production, CancellationToken.None);
        byte[] value = new byte[100];
        Task UnitAsync(int caller, long number) => database.RunAsync(unit => unit.ExecuteAsync("INSERT INTO rows (value) VALUES ($1)", value), CancellationToken.None);
        await Callers.RunAsync(Many, RoundTime, UnitAsync);
        var one = new List<double>();
        var many = new List<double>();
        var flushes = new List<double>();
        for (int round = 0; round < Rounds; round++)
        {
            flushes.Add(FlushMedianMs(folder));
            (double alone, double aloneMs) = await Callers.RunAsync(1, RoundTime, UnitAsync);
            long commits = database.Statistics.Commits, units = database.Statistics.Units;
            (double together, double togetherMs) = await Callers.RunAsync(Many, RoundTime, UnitAsync);
            double shared = (database.Statistics.Units - units) / (double)(database.Statistics.Commits - commits);
            one.Add(alone);
            many.Add(together);
            Console.WriteLine($"fdatasync p50 {flushes[^1] * 1000,4:N0} us   one by one {alone,9:N0}/s ({aloneMs:N3} ms)   {Many} callers {together,9:N0}/s ({togetherMs:N3} ms, {shared:N1} units a commit)   {together / alone:N1} x");
        }

        double flush = Callers.Median(flushes);
        double bar = Math.Min(0.6 * Many / (flush / 1000), 20_000);
        Console.WriteLine($"{database.Statistics.Units:N0} units in {database.Statistics.Commits:N0} commits");
        Console.WriteLine($"median: one by one {Callers.Median(one):N0}/s, {Many} callers {Callers.Median(many):N0}/s, ratio {Callers.Median(many.Zip(one, static (a, b) => a / b)):N1} x");
        Console.WriteLine($"fdatasync of 4 KiB, p50 {flush * 1000:N0} us; bar: 60 % of {Many} / fdatasync, 20,000/s at most = {bar:N0}/s: {(Callers.Median(many) >= bar ? "met" : "MISSED")}");
    }

    private static double FlushMedianMs(string folder)
    {
        string path = Path.Combine(folder, "flush");
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite);
        byte[] block = new byte[4096];
        var times = new List<double>();
        for (int round = 0; round < 600; round++)
        {
            if (round == 100) times.Clear(); // From here on blocks are written again, as in SQLite's log.
            RandomAccess.Write(file, block, (round % 100) * 4096L);
            long at = Stopwatch.GetTimestamp();
            if (FDataSync(file) != 0) throw new IOException("fdatasync failed");
            times.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
        }

        return Callers.Median(times);
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FDataSync(SafeFileHandle file);
}
