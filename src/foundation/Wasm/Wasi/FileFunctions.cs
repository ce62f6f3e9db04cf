using System.Buffers.Binary;

namespace Sirsi.Wasm.Wasi;

/// <summary>What concerns an open file as a whole: size, times, position, durability.</summary>
internal static class FileFunctions
{
    private const int StatusBytes = 64;
    private const uint AdviceMax = 5;
    private const long BlockBytes = 4_096;

    internal static Errno Advise(WasiHost host, in GuestFrame frame)
    {
        Errno error = Find(host, frame, Rights.Advise, out FileDescriptor? _);
        if (error != Errno.Success) return error;
        return frame.UInt32(3) > AdviceMax ? Errno.Invalid : Errno.Success;
    }

    internal static Errno Allocate(WasiHost host, in GuestFrame frame)
    {
        Errno error = Find(host, frame, Rights.Allocate, out FileDescriptor? file);
        if (error != Errno.Success) return error;
        ulong offset = frame.UInt64(1), length = frame.UInt64(2);
        if (length == 0 || offset > long.MaxValue || length > long.MaxValue) return Errno.Invalid;
        if (offset + length > (ulong)host.Options.FileBytesMax) return Errno.FileTooLarge;
        if ((long)length > host.Options.WrittenBytesMax - host.Written) return Errno.NoSpace;
        frame.Call.Charge((long)length / BlockBytes);
        int failure = Posix.Allocate(file!.Number, (long)offset, (long)length);
        if (failure == 0) host.Written += (long)length;
        return PosixErrors.ToWasi(failure);
    }

    internal static Errno DataSync(WasiHost host, in GuestFrame frame) => Flush(host, frame, Rights.DataSync);

    internal static Errno Sync(WasiHost host, in GuestFrame frame) => Flush(host, frame, Rights.Sync);

    internal static Errno StatusGet(WasiHost host, in GuestFrame frame)
    {
        if (host.Table[frame.UInt32(0)] is not { } descriptor) return Errno.BadDescriptor;
        if (!descriptor.May(Rights.Status)) return Errno.NotCapable;
        FileStatus status = new(0, 0, descriptor.Type, 1, 0, 0, 0, 0);
        Errno error = descriptor.Number < 0 ? Errno.Success : Posix.Status(descriptor.Number, out status);
        return error == Errno.Success ? Put(frame, frame.UInt32(1), status) : error;
    }

    internal static Errno SetSize(WasiHost host, in GuestFrame frame)
    {
        Errno error = Find(host, frame, Rights.SetSize, out FileDescriptor? file);
        if (error != Errno.Success) return error;
        ulong size = frame.UInt64(1);
        if (size > long.MaxValue) return Errno.Invalid;
        if (size > (ulong)host.Options.FileBytesMax) return Errno.FileTooLarge;
        return Posix.SetSize(file!.Number, (long)size) == 0 ? Errno.Success : Posix.LastError();
    }

    internal static unsafe Errno SetTimes(WasiHost host, in GuestFrame frame)
    {
        if (host.Table[frame.UInt32(0)] is not { } descriptor) return Errno.BadDescriptor;
        if (!descriptor.May(Rights.SetTimes)) return Errno.NotCapable;
        Posix.Time* times = stackalloc Posix.Time[2];
        if (!TryTimes(frame.UInt64(1), frame.UInt64(2), frame.UInt32(3), times)) return Errno.Invalid;
        return Posix.SetTimes(descriptor.Number, times) == 0 ? Errno.Success : Posix.LastError();
    }

    internal static Errno Seek(WasiHost host, in GuestFrame frame)
    {
        uint whence = frame.UInt32(2);
        bool asks = whence == 1 && frame.UInt64(1) == 0;
        Errno error = Find(host, frame, asks ? Rights.Tell : Rights.Seek | Rights.Tell, out FileDescriptor? file);
        if (error != Errno.Success) return error;
        if (whence > 2) return Errno.Invalid;
        if (!frame.Has(frame.UInt32(3), 8)) return Errno.Fault;
        long position = Posix.Seek(file!.Number, (long)frame.UInt64(1), (int)whence);
        return position < 0 ? Posix.LastError() : frame.Put(frame.UInt32(3), (ulong)position);
    }

    internal static Errno Tell(WasiHost host, in GuestFrame frame)
    {
        Errno error = Find(host, frame, Rights.Tell, out FileDescriptor? file);
        if (error != Errno.Success) return error;
        long position = Posix.Seek(file!.Number, 0, 1);
        return position < 0 ? Posix.LastError() : frame.Put(frame.UInt32(1), (ulong)position);
    }

    /// <summary>Writes a status as the guest wants it.</summary>
    internal static Errno Put(in GuestFrame frame, uint address, FileStatus status)
    {
        Span<byte> bytes = stackalloc byte[StatusBytes];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, status.Device);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], status.Inode);
        bytes[16] = (byte)status.Type;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], status.Links);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[32..], status.Size);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[40..], status.Accessed);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[48..], status.Modified);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[56..], status.Changed);
        return frame.Put(address, bytes);
    }

    /// <summary>Times to set, as the kernel wants them; false when the flags contradict each other.</summary>
    internal static unsafe bool TryTimes(ulong accessed, ulong modified, uint flags, Posix.Time* times)
    {
        var given = (TimeFlags)flags;
        if ((given & ~TimeFlags.All) != TimeFlags.None
            || given.HasFlag(TimeFlags.Access | TimeFlags.AccessNow)
            || given.HasFlag(TimeFlags.Modified | TimeFlags.ModifiedNow))
            return false;
        times[0] = Time(accessed, given.HasFlag(TimeFlags.Access), given.HasFlag(TimeFlags.AccessNow));
        times[1] = Time(modified, given.HasFlag(TimeFlags.Modified), given.HasFlag(TimeFlags.ModifiedNow));
        return true;
    }

    private static Posix.Time Time(ulong value, bool isGiven, bool isNow)
    {
        if (isNow) return new() { Nanoseconds = Posix.TimeNow };
        return isGiven
            ? new() { Seconds = (long)(value / 1_000_000_000), Nanoseconds = (long)(value % 1_000_000_000) }
            : new() { Nanoseconds = Posix.TimeOmit };
    }

    private static Errno Flush(WasiHost host, in GuestFrame frame, Rights right)
    {
        if (host.Table[frame.UInt32(0)] is not { } descriptor) return Errno.BadDescriptor;
        if (!descriptor.May(right)) return Errno.NotCapable;
        if (descriptor is OutputDescriptor output) return output.Flush();
        int failure = right == Rights.Sync ? Posix.Flush(descriptor.Number) : Posix.FlushData(descriptor.Number);
        return failure == 0 ? Errno.Success : Posix.LastError();
    }

    private static Errno Find(WasiHost host, in GuestFrame frame, Rights rights, out FileDescriptor? file)
    {
        file = null;
        if (host.Table[frame.UInt32(0)] is not { } descriptor) return Errno.BadDescriptor;
        if (!descriptor.May(rights)) return Errno.NotCapable;
        file = descriptor as FileDescriptor;
        return file is null ? Errno.BadDescriptor : Errno.Success;
    }
}
