using System.Runtime.InteropServices;

namespace Sirsi.Wasm.Wasi;

/// <summary>
/// The calls of the C library and the Linux kernel that the file system needs. Constants are Linux's; those that differ between
/// processors are told apart.
/// </summary>
internal static unsafe partial class Posix
{
    internal const int ReadOnly = 0;
    internal const int WriteOnly = 1;
    internal const int ReadWrite = 2;
    internal const int Create = 0x40;
    internal const int Exclusive = 0x80;
    internal const int NoControllingTerminal = 0x100;
    internal const int Truncate = 0x200;
    internal const int Append = 0x400;
    internal const int NonBlocking = 0x800;
    internal const int DataSync = 0x1000;
    internal const int Sync = 0x101000;
    internal const int CloseOnExec = 0x80000;
    internal const int PathOnly = 0x200000;

    internal const int SymbolicLinkNoFollow = 0x100;
    internal const int RemoveFolder = 0x200;
    internal const int EmptyPath = 0x1000;
    internal const int SetStatusFlags = 4;
    internal const int CurrentFolder = -100;

    internal const long TimeNow = (1L << 30) - 1;
    internal const long TimeOmit = (1L << 30) - 2;

    internal const uint TypeMask = 0xF000;
    private const string Library = "libc";
    private const int OpenBeneath = 437;
    private const ulong ResolveBeneath = 0x08;
    private const ulong ResolveNoMagicLinks = 0x02;
    private const uint BasicStatus = 0x7FF;

    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    private static readonly int ListEntries = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 217 : 61;

    internal static int Directory { get; } = IsArm ? 0x4000 : 0x10000;

    internal static int NoFollow { get; } = IsArm ? 0x8000 : 0x20000;

    /// <summary>The last call's error in the guest's numbers.</summary>
    internal static Errno LastError() => PosixErrors.ToWasi(Marshal.GetLastPInvokeError());

    /// <summary>Opens below a folder so that the kernel lets nothing lead out of it; -1 with the error set.</summary>
    internal static int OpenBelow(int folder, byte* path, int flags, uint mode)
    {
        var how = new OpenHow { Flags = (uint)flags, Mode = mode, Resolve = ResolveBeneath | ResolveNoMagicLinks };
        return (int)SystemCall(OpenBeneath, folder, path, &how, (nuint)sizeof(OpenHow));
    }

    /// <summary>Reads entries of a folder as the kernel writes them.</summary>
    internal static nint List(int descriptor, byte* entries, nuint length) =>
        SystemCall(ListEntries, descriptor, entries, (void*)length, 0);

    internal static Errno Status(int folder, byte* path, int flags, out FileStatus status)
    {
        StatusBuffer buffer;
        if (StatusOf(folder, path, flags, BasicStatus, &buffer) != 0)
        {
            status = default;
            return LastError();
        }

        status = new(
            ((ulong)buffer.DeviceMajor << 32) | buffer.DeviceMinor,
            buffer.Inode,
            TypeOf(buffer.Mode & TypeMask),
            buffer.Links,
            buffer.Size,
            Nanoseconds(buffer.Accessed),
            Nanoseconds(buffer.Modified),
            Nanoseconds(buffer.Changed));
        return Errno.Success;
    }

    internal static Errno Status(int descriptor, out FileStatus status)
    {
        byte empty = 0;
        return Status(descriptor, &empty, EmptyPath, out status);
    }

    [LibraryImport(Library, EntryPoint = "openat", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int OpenAt(int folder, byte* path, int flags, uint mode);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "readv", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial nint Read(int descriptor, Buffer* buffers, int count);

    [LibraryImport(Library, EntryPoint = "writev", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial nint Write(int descriptor, Buffer* buffers, int count);

    [LibraryImport(Library, EntryPoint = "preadv", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial nint ReadAt(int descriptor, Buffer* buffers, int count, long offset);

    [LibraryImport(Library, EntryPoint = "pwritev", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial nint WriteAt(int descriptor, Buffer* buffers, int count, long offset);

    [LibraryImport(Library, EntryPoint = "lseek", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial long Seek(int descriptor, long offset, int whence);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int Control(int descriptor, int command, nint argument);

    [LibraryImport(Library, EntryPoint = "ftruncate", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int SetSize(int descriptor, long size);

    [LibraryImport(Library, EntryPoint = "posix_fallocate")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int Allocate(int descriptor, long offset, long length);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int Flush(int descriptor);

    [LibraryImport(Library, EntryPoint = "fdatasync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int FlushData(int descriptor);

    [LibraryImport(Library, EntryPoint = "futimens", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int SetTimes(int descriptor, Time* times);

    [LibraryImport(Library, EntryPoint = "utimensat", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int SetTimesAt(int folder, byte* path, Time* times, int flags);

    [LibraryImport(Library, EntryPoint = "mkdirat", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int MakeFolder(int folder, byte* path, uint mode);

    [LibraryImport(Library, EntryPoint = "unlinkat", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int Unlink(int folder, byte* path, int flags);

    [LibraryImport(Library, EntryPoint = "renameat", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int Rename(int from, byte* path, int to, byte* target);

    [LibraryImport(Library, EntryPoint = "linkat", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int Link(int from, byte* path, int to, byte* target, int flags);

    [LibraryImport(Library, EntryPoint = "symlinkat", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int SymbolicLink(byte* target, int folder, byte* path);

    [LibraryImport(Library, EntryPoint = "readlinkat", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial nint ReadLink(int folder, byte* path, byte* target, nuint length);

    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int StatusOf(int folder, byte* path, int flags, uint mask, StatusBuffer* status);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint SystemCall(nint number, nint first, void* second, void* third, nuint fourth);

    private static FileType TypeOf(uint type) => type switch
    {
        0x4000 => FileType.Directory,
        0x8000 => FileType.RegularFile,
        0xA000 => FileType.SymbolicLink,
        0x2000 => FileType.CharacterDevice,
        0x6000 => FileType.BlockDevice,
        0xC000 => FileType.SocketStream,
        _ => FileType.Unknown,
    };

    private static ulong Nanoseconds(StatusTime time) =>
        time.Seconds < 0 ? 0 : unchecked(((ulong)time.Seconds * 1_000_000_000) + time.Nanoseconds);

    [StructLayout(LayoutKind.Sequential)]
    internal struct Buffer
    {
        internal byte* Address;
        internal nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct Time
    {
        internal long Seconds;
        internal long Nanoseconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        internal ulong Flags;
        internal ulong Mode;
        internal ulong Resolve;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct StatusTime
    {
        internal long Seconds;
        internal uint Nanoseconds;
        internal int Padding;
    }

    /// <summary>struct statx, which is the same on every processor.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatusBuffer
    {
        [FieldOffset(16)]
        internal uint Links;
        [FieldOffset(28)]
        internal ushort Mode;
        [FieldOffset(32)]
        internal ulong Inode;
        [FieldOffset(40)]
        internal ulong Size;
        [FieldOffset(64)]
        internal StatusTime Accessed;
        [FieldOffset(96)]
        internal StatusTime Changed;
        [FieldOffset(112)]
        internal StatusTime Modified;
        [FieldOffset(136)]
        internal uint DeviceMajor;
        [FieldOffset(140)]
        internal uint DeviceMinor;
    }
}
