using System.Runtime.InteropServices;

namespace Sirsi.Core.Hosting;

/// <summary>
/// Lowers threads of this process, where the operating system can do it for one thread, as on Linux (setpriority(2), sched(7)). There is no way back: to raise a thread again needs a privilege, so
/// whoever is lowered stays it, and so does every thread that it starts.
/// </summary>
internal static partial class ThreadPriorities
{
    /// <summary>
    /// The nice value of a lowered thread: a thirtieth of the weight of an ordinary one. With 10 a waiting thread still waited for the slice of 3 ms that the scheduler gives whoever runs; from 15 on
    /// it runs at once.
    /// </summary>
    private const int LowNice = 15;

    private const int OneProcessOrThread = 0; // PRIO_PROCESS of Linux's <sys/resource.h>.

    /// <summary>The operating system's number of the current thread; 0 where threads cannot be lowered one by one.</summary>
    public static int CurrentThread() => OperatingSystem.IsLinux() ? GetThread() : 0;

    /// <summary>Lowers a thread of this process for good; false where that cannot be done.</summary>
    public static bool TryLower(int thread) => thread is not 0 && SetPriority(OneProcessOrThread, thread, LowNice) is 0;

    [LibraryImport("libc", EntryPoint = "gettid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetThread();

    [LibraryImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetPriority(int which, int who, int nice);
}
