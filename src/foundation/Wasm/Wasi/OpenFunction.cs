using Microsoft.Win32.SafeHandles;

namespace Sirsi.Wasm.Wasi;

/// <summary>
/// <c>path_open</c>. The new descriptor has the asked rights as far as the folder's inheriting ones and the kind of file allow; reading and
/// writing are refused at once where they are not inherited. Regular files and folders only: a device or a pipe that happens to lie in a
/// granted folder is not opened.
/// </summary>
internal static class OpenFunction
{
    private const uint NewFileMode = 0x1B6; // 0666, of which the process's mask takes away.

    internal static Errno Open(WasiHost host, in GuestFrame frame)
    {
        var oflags = (OpenFlags)frame.UInt32(4);
        Rights rights = (Rights)frame.UInt64(5), inheriting = (Rights)frame.UInt64(6);
        var flags = (DescriptorFlags)frame.UInt32(7);
        if (host.Table[frame.UInt32(0)] is not { } descriptor) return Errno.BadDescriptor;
        if (descriptor is not FolderDescriptor folder) return Errno.NotDirectory;
        if ((oflags & ~OpenFlags.All) != OpenFlags.None || (flags & ~DescriptorFlags.All) != DescriptorFlags.None
            || oflags.HasFlag(OpenFlags.Create | OpenFlags.Directory))
            return Errno.Invalid;
        if (!folder.May(Needed(oflags)) || (rights & (Rights.Read | Rights.Write) & ~folder.Inheriting) != Rights.None)
            return Errno.NotCapable;
        if (!frame.Has(frame.UInt32(8), 4)) return Errno.Fault;
        Errno error = frame.Path(frame.UInt32(2), frame.UInt32(3), host.Options.PathBytesMax, out byte[] path);
        if (error != Errno.Success) return error;
        if (host.Table.IsFull) return Errno.TooManyOpen;

        bool follow = (frame.UInt32(1) & 1) != 0;
        error = host.Walk.Open(folder.Number, path, Mode(oflags, rights & folder.Inheriting, flags), NewFileMode, follow, out SafeFileHandle? opened);
        if (opened is null) return error;
        error = Posix.Status(FolderWalk.Descriptor(opened), out FileStatus status);
        rights &= folder.Inheriting;
        inheriting &= folder.Inheriting;
        Descriptor? made = status.Type switch
        {
            FileType.RegularFile => new FileDescriptor(opened, rights & Rights.File, inheriting & Rights.File) { Flags = flags },
            FileType.Directory => new FolderDescriptor(opened, null, rights & Rights.Folder, inheriting) { Flags = flags },
            _ => null,
        };
        if (made is null || error != Errno.Success)
        {
            opened.Dispose();
            return error == Errno.Success ? Errno.Access : error;
        }

        return frame.Put(frame.UInt32(8), host.Table.Add(made));
    }

    private static Rights Needed(OpenFlags flags)
    {
        Rights needed = Rights.Open;
        if (flags.HasFlag(OpenFlags.Create)) needed |= Rights.CreateFile;
        if (flags.HasFlag(OpenFlags.Truncate)) needed |= Rights.PathSetSize;
        return needed;
    }

    /// <summary>The kernel's flags. Nothing waits for the other end of a pipe, and no terminal becomes the process's own.</summary>
    private static int Mode(OpenFlags oflags, Rights rights, DescriptorFlags flags)
    {
        bool reads = rights.HasFlag(Rights.Read);
        bool writes = (rights & (Rights.Write | Rights.Allocate | Rights.SetSize)) != Rights.None;
        int mode = Posix.NonBlocking | Posix.NoControllingTerminal;
        if (oflags.HasFlag(OpenFlags.Directory)) return mode | Posix.Directory | Posix.ReadOnly;
        mode |= writes ? reads ? Posix.ReadWrite : Posix.WriteOnly : Posix.ReadOnly;
        if (oflags.HasFlag(OpenFlags.Create)) mode |= Posix.Create;
        if (oflags.HasFlag(OpenFlags.Exclusive)) mode |= Posix.Exclusive;
        if (oflags.HasFlag(OpenFlags.Truncate)) mode |= Posix.Truncate;
        if (flags.HasFlag(DescriptorFlags.Append)) mode |= Posix.Append;
        if (flags.HasFlag(DescriptorFlags.DataSync)) mode |= Posix.DataSync;
        if ((flags & (DescriptorFlags.Sync | DescriptorFlags.ReadSync)) != DescriptorFlags.None) mode |= Posix.Sync;
        return mode;
    }
}
