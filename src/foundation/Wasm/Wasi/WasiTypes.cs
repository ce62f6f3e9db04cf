using System.Runtime.InteropServices;

namespace Sirsi.Wasm.Wasi;

/// <summary>What a descriptor may be used for (type <c>rights</c> of the specification).</summary>
[Flags]
internal enum Rights : ulong
{
    None = 0,
    DataSync = 1 << 0,
    Read = 1 << 1,
    Seek = 1 << 2,
    SetFlags = 1 << 3,
    Sync = 1 << 4,
    Tell = 1 << 5,
    Write = 1 << 6,
    Advise = 1 << 7,
    Allocate = 1 << 8,
    CreateDirectory = 1 << 9,
    CreateFile = 1 << 10,
    LinkSource = 1 << 11,
    LinkTarget = 1 << 12,
    Open = 1 << 13,
    ReadDirectory = 1 << 14,
    ReadLink = 1 << 15,
    RenameSource = 1 << 16,
    RenameTarget = 1 << 17,
    PathStatus = 1 << 18,
    PathSetSize = 1 << 19,
    PathSetTimes = 1 << 20,
    Status = 1 << 21,
    SetSize = 1 << 22,
    SetTimes = 1 << 23,
    CreateLink = 1 << 24,
    RemoveDirectory = 1 << 25,
    Unlink = 1 << 26,
    Poll = 1 << 27,
    Shutdown = 1 << 28,
    Accept = 1 << 29,

    /// <summary>All that means something for a regular file.</summary>
    File = DataSync | Read | Seek | SetFlags | Sync | Tell | Write | Advise | Allocate | Status | SetSize | SetTimes | Poll,

    /// <summary>All that means something for a folder.</summary>
    Folder = SetFlags | Sync | Advise | CreateDirectory | CreateFile | LinkSource | LinkTarget | Open | ReadDirectory | ReadLink
        | RenameSource | RenameTarget | PathStatus | PathSetSize | PathSetTimes | Status | SetTimes | CreateLink | RemoveDirectory | Unlink
        | Poll,

    /// <summary>All that changes something of the file system.</summary>
    Change = Write | Allocate | SetSize | SetTimes | CreateDirectory | CreateFile | LinkSource | LinkTarget | RenameSource
        | RenameTarget | PathSetSize | PathSetTimes | CreateLink | RemoveDirectory | Unlink,

    All = File | Folder | Shutdown | Accept,
}

internal enum FileType : byte
{
    Unknown = 0,
    BlockDevice = 1,
    CharacterDevice = 2,
    Directory = 3,
    RegularFile = 4,
    SocketDatagram = 5,
    SocketStream = 6,
    SymbolicLink = 7,
}

[Flags]
internal enum DescriptorFlags : ushort
{
    None = 0,
    Append = 1,
    DataSync = 2,
    NonBlocking = 4,
    ReadSync = 8,
    Sync = 16,
    All = 31,
}

[Flags]
internal enum OpenFlags : ushort
{
    None = 0,
    Create = 1,
    Directory = 2,
    Exclusive = 4,
    Truncate = 8,
    All = 15,
}

[Flags]
internal enum TimeFlags : ushort
{
    None = 0,
    Access = 1,
    AccessNow = 2,
    Modified = 4,
    ModifiedNow = 8,
    All = 15,
}

/// <summary>What is known of a file (type <c>filestat</c>); times are nanoseconds since 1970.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FileStatus(
    ulong Device, ulong Inode, FileType Type, ulong Links, ulong Size, ulong Accessed, ulong Modified, ulong Changed);
