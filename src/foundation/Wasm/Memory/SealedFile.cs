using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sirsi.Wasm.Memory;

/// <summary>Files without a name in memory, sealed so that nothing can change their bytes any more (Linux, <c>memfd_create(2)</c>).</summary>
internal static unsafe partial class SealedFile
{
    private const uint CloseOnExec = 1;
    private const uint AllowSealing = 2;
    private const int AddSeals = 1033;
    private const int SealAll = 0x1 | 0x2 | 0x4 | 0x8;

    /// <summary>A file with these bytes, those past the <paramref name="used"/> ones being zero, with holes where they are zero; null when the machine refuses.</summary>
    internal static SafeFileHandle? TryCreate(byte* content, ulong length, ulong used)
    {
        int descriptor = Create("wasm-image", CloseOnExec | AllowSealing);
        if (descriptor < 0) return null;
        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Truncate(descriptor, (nint)length) == 0 && TryWrite(descriptor, content, used) && Control(descriptor, AddSeals, SealAll) == 0)
            return file;
        file.Dispose();
        return null;
    }

    private static bool TryWrite(int descriptor, byte* content, ulong used)
    {
        foreach ((ulong offset, int bytes) in MemoryImage.Runs(content, used))
        {
            for (int done = 0; done < bytes;)
            {
                nint written = Write(descriptor, content + offset + done, (nuint)(bytes - done), (nint)offset + done);
                if (written <= 0) return false;
                done += (int)written;
            }
        }

        return true;
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Create(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Truncate(int file, nint length);

    [LibraryImport("libc", EntryPoint = "pwrite")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Write(int file, byte* bytes, nuint length, nint offset);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int file, int command, nint argument);
}
