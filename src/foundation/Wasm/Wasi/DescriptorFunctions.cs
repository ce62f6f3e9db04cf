using System.Buffers.Binary;

namespace Sirsi.Wasm.Wasi;

/// <summary>What concerns descriptors themselves: their rights, flags, numbers and granted names.</summary>
internal static class DescriptorFunctions
{
    private const int StatusBytes = 24;
    private const DescriptorFlags Synchronous = DescriptorFlags.DataSync | DescriptorFlags.ReadSync | DescriptorFlags.Sync;

    internal static Errno Close(WasiHost host, in GuestFrame frame) =>
        host.Table.Close(frame.UInt32(0)) ? Errno.Success : Errno.BadDescriptor;

    internal static Errno Renumber(WasiHost host, in GuestFrame frame) =>
        host.Table.Renumber(frame.UInt32(0), frame.UInt32(1)) ? Errno.Success : Errno.BadDescriptor;

    internal static Errno StatusGet(WasiHost host, in GuestFrame frame)
    {
        if (host.Table[frame.UInt32(0)] is not { } descriptor) return Errno.BadDescriptor;
        Span<byte> status = stackalloc byte[StatusBytes];
        status.Clear();
        status[0] = (byte)descriptor.Type;
        BinaryPrimitives.WriteUInt16LittleEndian(status[2..], (ushort)descriptor.Flags);
        BinaryPrimitives.WriteUInt64LittleEndian(status[8..], (ulong)descriptor.Rights);
        BinaryPrimitives.WriteUInt64LittleEndian(status[16..], (ulong)descriptor.Inheriting);
        return frame.Put(frame.UInt32(1), status);
    }

    internal static Errno SetFlags(WasiHost host, in GuestFrame frame)
    {
        if (host.Table[frame.UInt32(0)] is not { } descriptor) return Errno.BadDescriptor;
        if (!descriptor.May(Rights.SetFlags)) return Errno.NotCapable;
        var flags = (DescriptorFlags)frame.UInt32(1);
        if ((flags & ~DescriptorFlags.All) != DescriptorFlags.None) return Errno.Invalid;
        if (((flags ^ descriptor.Flags) & Synchronous) != DescriptorFlags.None) return Errno.NotSupported;
        if (descriptor is FileDescriptor file)
        {
            int wanted = Posix.NonBlocking | (flags.HasFlag(DescriptorFlags.Append) ? Posix.Append : 0);
            if (Posix.Control(file.Number, Posix.SetStatusFlags, wanted) < 0) return Posix.LastError();
        }

        descriptor.Flags = flags;
        return Errno.Success;
    }

    internal static Errno SetRights(WasiHost host, in GuestFrame frame)
    {
        if (host.Table[frame.UInt32(0)] is not { } descriptor) return Errno.BadDescriptor;
        var rights = (Rights)frame.UInt64(1);
        var inheriting = (Rights)frame.UInt64(2);
        if (!descriptor.May(rights) || (descriptor.Inheriting & inheriting) != inheriting) return Errno.NotCapable;
        (descriptor.Rights, descriptor.Inheriting) = (rights, inheriting);
        return Errno.Success;
    }

    internal static Errno PrestatGet(WasiHost host, in GuestFrame frame)
    {
        if (host.Table[frame.UInt32(0)] is not FolderDescriptor { GrantedAs: { } name }) return Errno.BadDescriptor;
        return frame.Put(frame.UInt32(1), (ulong)name.Length << 32);
    }

    internal static Errno PrestatDirName(WasiHost host, in GuestFrame frame)
    {
        if (host.Table[frame.UInt32(0)] is not FolderDescriptor { GrantedAs: { } name }) return Errno.BadDescriptor;
        return frame.UInt32(2) < name.Length ? Errno.NameTooLong : frame.Put(frame.UInt32(1), name);
    }

    /// <summary>There are no sockets: every descriptor there is is something else.</summary>
    internal static Errno Socket(WasiHost host, in GuestFrame frame) =>
        host.Table[frame.UInt32(0)] is null ? Errno.BadDescriptor : Errno.NotSocket;
}
