using System.Runtime.InteropServices;

namespace Sirsi.Wasm.Compiler;

/// <summary>
/// How far compiled code may go down the stack of the thread it runs on. .NET dies when a thread's stack is used up, so code stops well
/// before: what is kept is for host functions, for what raises a trap, and for the largest frame that is compiled.
/// </summary>
internal static unsafe partial class HostStack
{
    private const int Kept = 256 * 1024;

    /// <summary>What is assumed to be left of a stack whose bounds are not known.</summary>
    private const int Assumed = 256 * 1024;

    [ThreadStatic]
    private static nint _limit;

    /// <summary>The lowest address compiled code may use on this thread.</summary>
    internal static nint Limit => _limit != 0 ? _limit : _limit = Find();

    private static nint Find()
    {
        byte here;
        nint low = OperatingSystem.IsLinux() ? FindOnLinux() : OperatingSystem.IsWindows() ? FindOnWindows() : 0;
        if (low == 0 || low > (nint)(&here)) return (nint)(&here) - Assumed;
        return low + Kept;
    }

    private static nint FindOnLinux()
    {
        // Larger than any machine's pthread_attr_t.
        byte* attributes = stackalloc byte[256];
        if (GetAttributes(Self(), attributes) != 0) return 0;
        nint low;
        nuint size;
        int result = GetStack(attributes, &low, &size);
        _ = Destroy(attributes);
        return result == 0 ? low : 0;
    }

    private static nint FindOnWindows()
    {
        nint low, high;
        GetCurrentThreadStackLimits(&low, &high);
        return low;
    }

    [LibraryImport("libc", EntryPoint = "pthread_self")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Self();

    [LibraryImport("libc", EntryPoint = "pthread_getattr_np")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetAttributes(nint thread, void* attributes);

    [LibraryImport("libc", EntryPoint = "pthread_attr_getstack")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetStack(void* attributes, nint* address, nuint* size);

    [LibraryImport("libc", EntryPoint = "pthread_attr_destroy")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Destroy(void* attributes);

    [LibraryImport("kernel32", EntryPoint = "GetCurrentThreadStackLimits")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial void GetCurrentThreadStackLimits(nint* low, nint* high);
}
