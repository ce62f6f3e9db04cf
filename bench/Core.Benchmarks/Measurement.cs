using System.Diagnostics;

namespace Sirsi.Core.Benchmarks;

/// <summary>How long one operation takes and what it allocates: the median of several rounds, after warming up.</summary>
internal static class Measurement
{
    private const int Rounds = 9;

    public static void Print(string name, int operations, double budgetNs, Action<int> run)
    {
        // The runtime recompiles a hot loop in the background; three rounds and a pause are enough for it.
        for (int i = 0; i < 3; i++)
        {
            run(operations);
            Thread.Sleep(150);
        }

        var times = new double[Rounds];
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            run(operations);
            times[round] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / operations;
        }

        double bytes = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)(Rounds * operations);
        Array.Sort(times);
        string verdict = budgetNs <= 0 ? "" : times[Rounds / 2] <= budgetNs ? $"within {budgetNs:N0} ns" : $"ABOVE {budgetNs:N0} ns";
        Console.WriteLine($"{name,-62} {times[Rounds / 2],10:N1} ns  (best {times[0]:N1}) {bytes,8:N2} B  {verdict}");
    }
}
