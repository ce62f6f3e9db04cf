using System.Globalization;
using System.Runtime.InteropServices;

namespace Sirsi.Wasm.Memory;

/// <summary>
/// Address space from the Linux kernel. A process has a limited number of mappings (65,530 unless the machine is set otherwise) and .NET dies
/// when it gets none, so of those this hands out three quarters at most.
/// </summary>
internal static unsafe partial class VirtualMemory
{
    internal const int BlockBytes = 4_096;

    private const int ProtectionNone = 0;
    private const int ProtectionReadWrite = 3;
    private const int Private = 0x2;
    private const int Fixed = 0x10;
    private const int Anonymous = 0x20;
    private const int NoReserve = 0x4000;
    private const int DontNeed = 4;
    private const int NoHugePage = 15;
    private const int UsualMappings = 65_530;

    private static readonly int MappingsMax = FindMappings() / 4 * 3;
    private static int _mappings;

    /// <summary>Reserves address space without access; null when the machine refuses.</summary>
    /// <param name="bytes">How much.</param>
    /// <param name="mappings">How many mappings it may fall into while it is used.</param>
    internal static byte* TryReserve(ulong bytes, int mappings) =>
        TryCount(mappings) ? Counted(Map(null, (nuint)bytes, ProtectionNone, Private | Anonymous | NoReserve, -1, 0), mappings) : null;

    /// <summary>Gives zeroed address space in one mapping, which takes no memory before it is used; null when the machine refuses.</summary>
    internal static byte* TryAllocate(ulong bytes)
    {
        if (!TryCount(1)) return null;
        byte* address = Counted(Map(null, (nuint)bytes, ProtectionReadWrite, Private | Anonymous | NoReserve, -1, 0), 1);

        // A huge page for each small memory would be five hundred times what it needs.
        if (address is not null) _ = Advise(address, (nuint)bytes, NoHugePage);
        return address;
    }

    /// <summary>Gives address space back; false when the machine cannot split a mapping, and nothing has changed.</summary>
    internal static bool TryFree(byte* address, ulong bytes, int mappings)
    {
        if (Unmap(address, (nuint)bytes) != 0) return false;
        Interlocked.Add(ref _mappings, -mappings);
        return true;
    }

    internal static bool TryOpen(byte* address, ulong bytes) => Protect(address, (nuint)bytes, ProtectionReadWrite) == 0;

    internal static bool TryClose(byte* address, ulong bytes) => Protect(address, (nuint)bytes, ProtectionNone) == 0;

    /// <summary>Brings back what the pages were when they were mapped: zero, or the file's bytes.</summary>
    internal static bool TryForget(byte* address, ulong bytes) => bytes == 0 || Advise(address, (nuint)bytes, DontNeed) == 0;

    /// <summary>Lays a file's bytes over reserved space; writes go to private copies of its pages.</summary>
    internal static bool TryMapFile(byte* address, ulong bytes, SafeHandle file)
    {
        bool held = false;
        try
        {
            file.DangerousAddRef(ref held);
            int flags = Private | Fixed | NoReserve;
            return (nint)Map(address, (nuint)bytes, ProtectionReadWrite, flags, (int)file.DangerousGetHandle(), 0) != -1;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            if (held) file.DangerousRelease();
        }
    }

    private static bool TryCount(int mappings)
    {
        if (Interlocked.Add(ref _mappings, mappings) <= MappingsMax) return true;
        Interlocked.Add(ref _mappings, -mappings);
        return false;
    }

    private static byte* Counted(void* mapped, int mappings)
    {
        if ((nint)mapped != -1) return (byte*)mapped;
        Interlocked.Add(ref _mappings, -mappings);
        return null;
    }

    private static int FindMappings()
    {
        try
        {
            string text = File.ReadAllText("/proc/sys/vm/max_map_count");
            return int.TryParse(text, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int most) ? most : UsualMappings;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return UsualMappings;
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Unmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(void* address, nuint length, int advice);
}
