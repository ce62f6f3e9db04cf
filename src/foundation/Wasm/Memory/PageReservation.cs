using System.Runtime.InteropServices;

namespace Sirsi.Wasm.Memory;

/// <summary>
/// Address space for a memory. On Linux all of it is reserved at once without cost and pages are opened as the memory grows, so the base
/// never moves; elsewhere growing allocates anew and copies.
/// </summary>
internal sealed unsafe partial class PageReservation
{
    private const int ProtectionNone = 0;
    private const int ProtectionReadWrite = 3;
    private const int PrivateAnonymousNoReserve = 0x2 | 0x20 | 0x4000;

    private readonly ulong _reserved;

    private PageReservation(byte* address, ulong reserved)
    {
        Address = address;
        _reserved = reserved;
    }

#pragma warning disable MA0055 // What it gives back is not memory of the garbage collector, and no guest can be made to dispose of it.
    ~PageReservation()
    {
        if (Address is null) return;
        if (OperatingSystem.IsLinux()) _ = Unmap(Address, (nuint)_reserved);
        else NativeMemory.Free(Address);
        if (Open > 0) GC.RemoveMemoryPressure((long)Open);
    }
#pragma warning restore MA0055

    internal byte* Address { get; private set; }

    /// <summary>Bytes that may be used.</summary>
    internal ulong Open { get; private set; }

    /// <summary>Reserves room for <paramref name="most"/> bytes; null when the machine refuses.</summary>
    internal static PageReservation? TryReserve(ulong most)
    {
        if (most == 0 || !OperatingSystem.IsLinux()) return new(null, most);
        void* address = Map(null, (nuint)most, ProtectionNone, PrivateAnonymousNoReserve, -1, 0);
        return (nint)address == -1 ? null : new((byte*)address, most);
    }

    /// <summary>Makes the first <paramref name="bytes"/> usable, new ones zero; false when the machine refuses.</summary>
    internal bool TryOpen(ulong bytes)
    {
        if (bytes <= Open) return true;
        if (bytes > _reserved) return false;
        if (!OperatingSystem.IsLinux()) return TryMove(bytes);
        if (Protect(Address + Open, (nuint)(bytes - Open), ProtectionReadWrite) != 0) return false;
        GC.AddMemoryPressure((long)(bytes - Open));
        Open = bytes;
        return true;
    }

    private bool TryMove(ulong bytes)
    {
        try
        {
            var moved = (byte*)NativeMemory.AllocZeroed((nuint)bytes);
            Buffer.MemoryCopy(Address, moved, bytes, Open);
            NativeMemory.Free(Address);
            Address = moved;
            GC.AddMemoryPressure((long)(bytes - Open));
            Open = bytes;
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
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
}
