using System.Diagnostics;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Scheduling;

namespace Sirsi.Hypervisor.Benchmarks;

/// <summary>A million things pending on one queue of timers, due at random over a minute: how late each is, and what it takes to add one.</summary>
internal static class Timers
{
    private const int Count = 1_000_000;
    private static readonly TimeSpan Floor = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan First = TimeSpan.FromSeconds(5), Spread = TimeSpan.FromSeconds(60);

    public static async Task<bool> RunAsync(int rounds)
    {
        bool isMet = true;
        for (int round = 0; round < rounds; round++) isMet &= await RunOnceAsync(round);
        return isMet;
    }

    private static async Task<bool> RunOnceAsync(int seed)
    {
        TimeProvider time = HostEnvironment.Production.Time;
        var random = new Random(seed);
        var late = new double[Count];
        var left = new CountdownEvent(Count);
        using var queue = new TimerQueue(time);
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < Count; i++)
        {
            TimeSpan delay = First + random.NextDouble() * Spread - Stopwatch.GetElapsedTime(began);
            queue.Add(new Entry(late, i, Stopwatch.GetTimestamp() + (long)(Math.Max(0, delay.TotalSeconds) * Stopwatch.Frequency), left), delay);
        }

        double added = Stopwatch.GetElapsedTime(began).TotalMicroseconds / Count;
        int pending = queue.Count;
        while (!left.IsSet) await Task.Delay(100);
        Array.Sort(late);
        double p99 = late[Count * 99 / 100];
        Console.WriteLine($"{pending:N0} pending; adding one {added:0.00} µs; late by p50 {late[Count / 2]:0.00} ms, p99 {p99:0.00} ms, p99.9 {late[Count / 1_000 * 999]:0.00} ms, max {late[^1]:0.00} ms; floor p99 {Floor.TotalMilliseconds:0} ms: {(p99 <= Floor.TotalMilliseconds ? "met" : "MISSED")}");
        return p99 <= Floor.TotalMilliseconds;
    }

    private sealed class Entry(double[] late, int place, long due, CountdownEvent left) : TimerEntry
    {
        public override void Fire()
        {
            late[place] = (Stopwatch.GetTimestamp() - due) * 1_000.0 / Stopwatch.Frequency;
            left.Signal();
        }
    }
}
