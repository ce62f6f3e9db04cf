using System.Diagnostics;

namespace Sirsi.Store.Benchmarks;

/// <summary>Callers that each do one unit of work after the other for a while.</summary>
internal static class Callers
{
    /// <summary>Units per second of all callers, and the latency that half of the units stay below, in milliseconds.</summary>
    public static async Task<(double PerSecond, double MedianMs)> RunAsync(int callers, TimeSpan time, Func<int, long, Task> unit)
    {
        long began = Stopwatch.GetTimestamp();
        List<double>[] latencies = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var own = new List<double>();
            for (long number = 0; Stopwatch.GetElapsedTime(began) < time; number++)
            {
                long at = Stopwatch.GetTimestamp();
                await unit(caller, number);
                own.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
            }

            return own;
        })));
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        double[] all = [.. latencies.SelectMany(static own => own).Order()];
        return (all.Length / seconds, all[all.Length / 2]);
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
