using Microsoft.Win32.SafeHandles;

namespace Sirsi.Wasm.Wasi;

/// <summary>
/// What is done to names in folders. A name is looked up as <see cref="FolderWalk"/> does it; then the kernel is asked to act on one
/// component in an open folder, which it does not follow.
/// </summary>
internal static unsafe class PathFunctions
{
    private const uint NewFolderMode = 0x1FF; // 0777, of which the process's mask takes away.
    private const int EntryFuel = 16;

    internal static Errno ReadDirectory(WasiHost host, in GuestFrame frame)
    {
        Errno error = Folder(host, frame.UInt32(0), Rights.ReadDirectory, out FolderDescriptor? folder);
        if (error != Errno.Success) return error;
        if (!frame.TrySpan(frame.UInt32(1), frame.UInt32(2), out Span<byte> buffer) || !frame.Has(frame.UInt32(4), 4)) return Errno.Fault;
        ulong cookie = frame.UInt64(3);
        if (cookie == 0 || folder!.Listing is null)
        {
            folder!.Listing = null;
            long most = host.Options.FolderEntriesMax - host.Table.ListedEntries;
            error = FolderListing.Read(folder.Number, most, out FolderListing? listing);
            if (listing is null) return error;
            frame.Call.Charge((long)EntryFuel * listing.Count);
            folder.Listing = listing;
        }

        int written = folder.Listing.Write(cookie, buffer[..Math.Min(buffer.Length, host.Options.TransferBytesMax)]);
        frame.ChargeBytes(written);
        return frame.Put(frame.UInt32(4), (uint)written);
    }

    internal static Errno CreateDirectory(WasiHost host, in GuestFrame frame)
    {
        Errno error = Find(host, frame, 0, 1, Rights.CreateDirectory, out Place? place);
        if (place is null) return error;
        using (place)
            fixed (byte* name = place.Name) return Answer(Posix.MakeFolder(place.Folder, name, NewFolderMode));
    }

    internal static Errno RemoveDirectory(WasiHost host, in GuestFrame frame)
    {
        Errno error = Find(host, frame, 0, 1, Rights.RemoveDirectory, out Place? place);
        if (place is null) return error;
        using (place)
            fixed (byte* name = place.Name) return Answer(Posix.Unlink(place.Folder, name, Posix.RemoveFolder));
    }

    internal static Errno UnlinkFile(WasiHost host, in GuestFrame frame)
    {
        Errno error = Find(host, frame, 0, 1, Rights.Unlink, out Place? place);
        if (place is null) return error;
        using (place)
        {
            fixed (byte* name = place.Name)
            {
                if (!place.MustBeFolder) return Answer(Posix.Unlink(place.Folder, name, 0));
                error = Posix.Status(place.Folder, name, Posix.SymbolicLinkNoFollow, out FileStatus status);
                if (error != Errno.Success) return error;
                return status.Type == FileType.Directory ? Errno.IsDirectory : Errno.NotDirectory;
            }
        }
    }

    internal static Errno StatusGet(WasiHost host, in GuestFrame frame)
    {
        Errno error = Folder(host, frame.UInt32(0), Rights.PathStatus, out FolderDescriptor? folder);
        if (error != Errno.Success) return error;
        error = frame.Path(frame.UInt32(2), frame.UInt32(3), host.Options.PathBytesMax, out byte[] path);
        if (error != Errno.Success) return error;
        bool follow = (frame.UInt32(1) & 1) != 0;
        error = host.Walk.Open(folder!.Number, path, Posix.PathOnly, 0, follow, out SafeFileHandle? opened);
        if (opened is null) return error;
        using (opened)
        {
            error = Posix.Status(FolderWalk.Descriptor(opened), out FileStatus status);
            return error == Errno.Success ? FileFunctions.Put(frame, frame.UInt32(4), status) : error;
        }
    }

    internal static Errno SetTimes(WasiHost host, in GuestFrame frame)
    {
        Posix.Time* times = stackalloc Posix.Time[2];
        if (!FileFunctions.TryTimes(frame.UInt64(4), frame.UInt64(5), frame.UInt32(6), times)) return Errno.Invalid;
        Errno error = Folder(host, frame.UInt32(0), Rights.PathSetTimes, out FolderDescriptor? folder);
        if (error != Errno.Success) return error;
        error = frame.Path(frame.UInt32(2), frame.UInt32(3), host.Options.PathBytesMax, out byte[] path);
        if (error != Errno.Success) return error;
        error = (frame.UInt32(1) & 1) != 0
            ? FolderWalk.FindTarget(folder!.Number, path, out Place? place)
            : host.Walk.FindParent(folder!.Number, path, out place);
        if (place is null) return error;
        using (place)
            fixed (byte* name = place.Name)
                return Answer(Posix.SetTimesAt(place.Folder, name, times, Posix.SymbolicLinkNoFollow));
    }

    internal static Errno Link(WasiHost host, in GuestFrame frame)
    {
        // Following the old name would have to be done by the kernel, which would follow it out of the folder.
        if (frame.UInt32(1) != 0) return Errno.Invalid;
        Errno error = Find(host, frame, 0, 2, Rights.LinkSource, out Place? source);
        if (source is null) return error;
        using (source)
        {
            error = Find(host, frame, 4, 5, Rights.LinkTarget, out Place? target);
            if (target is null) return error;
            using (target)
            {
                if (source.MustBeFolder || target.MustBeFolder) return Errno.NotDirectory;
                fixed (byte* from = source.Name)
                fixed (byte* to = target.Name)
                    return Answer(Posix.Link(source.Folder, from, target.Folder, to, 0));
            }
        }
    }

    internal static Errno Rename(WasiHost host, in GuestFrame frame)
    {
        Errno error = Find(host, frame, 0, 1, Rights.RenameSource, out Place? source);
        if (source is null) return error;
        using (source)
        {
            error = Find(host, frame, 3, 4, Rights.RenameTarget, out Place? target);
            if (target is null) return error;
            using (target)
            {
                fixed (byte* from = source.Name)
                fixed (byte* to = target.Name)
                {
                    if (source.MustBeFolder || target.MustBeFolder)
                    {
                        error = Posix.Status(source.Folder, from, Posix.SymbolicLinkNoFollow, out FileStatus status);
                        if (error != Errno.Success) return error;
                        if (status.Type != FileType.Directory) return Errno.NotDirectory;
                    }

                    return Answer(Posix.Rename(source.Folder, from, target.Folder, to));
                }
            }
        }
    }

    internal static Errno SymbolicLink(WasiHost host, in GuestFrame frame)
    {
        Errno error = frame.Path(frame.UInt32(0), frame.UInt32(1), host.Options.PathBytesMax, out byte[] content);
        if (error != Errno.Success) return error;
        if (content[0] == (byte)'/') return Errno.NotPermitted;
        error = Find(host, frame, 2, 3, Rights.CreateLink, out Place? place);
        if (place is null) return error;
        using (place)
        {
            if (place.MustBeFolder) return Errno.NoEntry;
            fixed (byte* target = content)
            fixed (byte* name = place.Name)
                return Answer(Posix.SymbolicLink(target, place.Folder, name));
        }
    }

    internal static Errno ReadLink(WasiHost host, in GuestFrame frame)
    {
        uint into = frame.UInt32(3), length = frame.UInt32(4), result = frame.UInt32(5);
        if (!frame.TrySpan(into, length, out Span<byte> buffer) || !frame.Has(result, 4)) return Errno.Fault;
        Errno error = Find(host, frame, 0, 1, Rights.ReadLink, out Place? place);
        if (place is null) return error;
        using (place)
        {
            if (place.MustBeFolder) return Errno.Invalid;
            Span<byte> content = stackalloc byte[4_096];
            nint read;
            fixed (byte* name = place.Name)
            fixed (byte* target = content)
                read = Posix.ReadLink(place.Folder, name, target, (nuint)content.Length);
            if (read < 0) return Posix.LastError();
            content = content[..Math.Min((int)read, buffer.Length)];
            frame.ChargeBytes(content.Length);
            content.CopyTo(buffer);
            return frame.Put(result, (uint)content.Length);
        }
    }

    private static Errno Answer(int result) => result == 0 ? Errno.Success : Posix.LastError();

    private static Errno Folder(WasiHost host, uint number, Rights rights, out FolderDescriptor? folder)
    {
        folder = null;
        if (host.Table[number] is not { } descriptor) return Errno.BadDescriptor;
        if (descriptor is not FolderDescriptor found) return Errno.NotDirectory;
        folder = found;
        return found.May(rights) ? Errno.Success : Errno.NotCapable;
    }

    /// <summary>Finds the place a path argument means: its descriptor and its address are arguments by index, its length follows.</summary>
    private static Errno Find(WasiHost host, in GuestFrame frame, int descriptor, int address, Rights rights, out Place? place)
    {
        place = null;
        Errno error = Folder(host, frame.UInt32(descriptor), rights, out FolderDescriptor? folder);
        if (error != Errno.Success) return error;
        error = frame.Path(frame.UInt32(address), frame.UInt32(address + 1), host.Options.PathBytesMax, out byte[] path);
        return error == Errno.Success ? host.Walk.FindParent(folder!.Number, path, out place) : error;
    }
}
