using System.Diagnostics;
using Sirsi.Core.Hosting;

namespace Sirsi.Core.Governing;

/// <summary>
/// The processor time of the current thread, in nanoseconds, by the operating system's account. Reading that account is a system
/// call of half a microsecond, so steps shorter than <see cref="ShortStepNs"/> since the last look are taken by the wall clock: a
/// thread that was switched away is gone for longer than that. At most <see cref="TrustNs"/> in a row are taken so before the
/// account is read again.
/// </summary>
internal sealed class ThreadCpuClock
{
    private const long ShortStepNs = 2_000;
    private const long TrustNs = 50_000;
#pragma warning disable RS0030 // Metering measures this machine; where a run must be repeatable, nothing is metered.
    private static readonly double NsPerTick = 1e9 / Stopwatch.Frequency;
#pragma warning restore RS0030

    [ThreadStatic]
    private static ThreadCpuClock? _ofThread;

    private long _cpuNs;
    private long _lookedNs;
    private long _readNs;

    /// <summary>The current thread's.</summary>
    public static ThreadCpuClock OfThread => _ofThread ??= new ThreadCpuClock();

    public long Now()
    {
        long wall = WallNs();
        long step = wall - _lookedNs;
        _lookedNs = wall;
        if (step < ShortStepNs && wall - _readNs < TrustNs) return _cpuNs += step;
        _readNs = wall;
        return _cpuNs = ReadNs(wall);
    }

    private static long WallNs()
    {
#pragma warning disable RS0030
        return (long)(Stopwatch.GetTimestamp() * NsPerTick);
#pragma warning restore RS0030
    }

    /// <summary>Where threads have no account of their own that can be read cheaply, wall time stands in: an upper bound.</summary>
    private static long ReadNs(long wallNs)
    {
        long spent = ThreadProcessorTime.OfCurrentNs();
        return spent >= 0 ? spent : wallNs;
    }
}
