using System.Runtime.InteropServices;

namespace Sirsi.Core.Hosting;

/// <summary>The processor time that threads of this process have spent, in nanoseconds, by the operating system's account (clock_gettime(2)), where it keeps one for each thread, as Linux does.</summary>
internal static unsafe partial class ThreadProcessorTime
{
    private const int CurrentThreadClock = 3; // CLOCK_THREAD_CPUTIME_ID of Linux's <time.h>.

    /// <summary>Of the current thread; below 0 when it is not known. Half a microsecond.</summary>
    public static long OfCurrentNs() => OperatingSystem.IsLinux() ? Read(CurrentThreadClock) : -1;

    /// <summary>Of a thread by the operating system's number of it; below 0 when it is not known.</summary>
    // MAKE_THREAD_CPUCLOCK(thread, CPUCLOCK_SCHED) of Linux's posix-timers: the clock of one thread has its number in it.
    public static long OfNs(int thread) => thread is 0 ? -1 : Read((~thread << 3) | 6);

    private static long Read(int clock)
    {
        TimeSpec time;
        return GetTime(clock, &time) is 0 ? (time.Seconds * 1_000_000_000) + time.Nanoseconds : -1;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime"), SuppressGCTransition]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetTime(int clock, TimeSpec* time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
