namespace Sirsi.Wasm.Wasi;

/// <summary>Reading and writing.</summary>
internal static unsafe class TransferFunctions
{
    internal static Errno Read(WasiHost host, in GuestFrame frame) => Read(host, frame, isAt: false);

    internal static Errno ReadAt(WasiHost host, in GuestFrame frame) => Read(host, frame, isAt: true);

    internal static Errno Write(WasiHost host, in GuestFrame frame) => Write(host, frame, isAt: false);

    internal static Errno WriteAt(WasiHost host, in GuestFrame frame) => Write(host, frame, isAt: true);

    private static Errno Read(WasiHost host, in GuestFrame frame, bool isAt)
    {
        if (host.Table[frame.UInt32(0)] is not { } descriptor) return Errno.BadDescriptor;
        if (!descriptor.May(isAt ? Rights.Read | Rights.Seek : Rights.Read)) return Errno.NotCapable;
        uint count = frame.UInt32(2), result = frame.UInt32(isAt ? 4 : 3);
        if (count > host.Options.BuffersMax) return Errno.Invalid;
        if (!frame.Has(result, 4)) return Errno.Fault;
        Span<Posix.Buffer> buffers = stackalloc Posix.Buffer[(int)count];
        Errno error = frame.Buffers(frame.UInt32(1), buffers, host.Options.TransferBytesMax, out long total);
        if (error != Errno.Success) return error;
        frame.ChargeBytes(total);
        long read = 0;
        error = descriptor switch
        {
            FileDescriptor file => ReadFile(file, buffers, isAt ? frame.UInt64(3) : null, out read),
            InputDescriptor input => ReadInput(input, frame.Call, buffers, total, out read),
            FolderDescriptor => Errno.IsDirectory,
            _ => Errno.BadDescriptor,
        };
        return error == Errno.Success ? frame.Put(result, (uint)read) : error;
    }

    private static Errno ReadFile(FileDescriptor file, Span<Posix.Buffer> buffers, ulong? offset, out long read)
    {
        read = 0;
        if (offset > long.MaxValue) return Errno.Invalid;
        do
        {
            fixed (Posix.Buffer* first = buffers)
                read = offset is null
                    ? Posix.Read(file.Number, first, buffers.Length)
                    : Posix.ReadAt(file.Number, first, buffers.Length, (long)offset);
        }
        while (read < 0 && Posix.LastError() == Errno.Interrupted);
        return read < 0 ? Posix.LastError() : Errno.Success;
    }

    private static Errno ReadInput(InputDescriptor input, WasmCall call, Span<Posix.Buffer> buffers, long total, out long read)
    {
        read = 0;
        if (total == 0) return Errno.Success;
        while (true)
        {
            Errno error = input.LookAhead(out bool ready);
            if (error != Errno.Success) return error;
            if (ready) break;
            if (input.Flags.HasFlag(DescriptorFlags.NonBlocking)) return Errno.Again;
            call.Wait(input.Reading, CancellationToken.None);
        }

        foreach (Posix.Buffer buffer in buffers) read += input.Take(new Span<byte>(buffer.Address, (int)buffer.Length));
        return Errno.Success;
    }

    private static Errno Write(WasiHost host, in GuestFrame frame, bool isAt)
    {
        if (host.Table[frame.UInt32(0)] is not { } descriptor) return Errno.BadDescriptor;
        if (!descriptor.May(isAt ? Rights.Write | Rights.Seek : Rights.Write)) return Errno.NotCapable;
        uint count = frame.UInt32(2), result = frame.UInt32(isAt ? 4 : 3);
        if (count > host.Options.BuffersMax) return Errno.Invalid;
        if (!frame.Has(result, 4)) return Errno.Fault;
        long most = host.Options.TransferBytesMax;
        long left = descriptor is OutputDescriptor
            ? host.Options.OutputBytesMax - host.Printed
            : host.Options.WrittenBytesMax - host.Written;
        Span<Posix.Buffer> buffers = stackalloc Posix.Buffer[(int)count];
        Errno error = frame.Buffers(frame.UInt32(1), buffers, Math.Min(most, left), out long total);
        if (error != Errno.Success) return error;
        if (left == 0) return Errno.NoSpace;
        frame.ChargeBytes(total);
        long written = total;
        switch (descriptor)
        {
            case FileDescriptor file:
                error = WriteFile(host, file, buffers, total, isAt ? frame.UInt64(3) : null, out written);
                break;
            case OutputDescriptor output:
                host.Printed += total;
                for (int i = 0; i < buffers.Length && error == Errno.Success; i++)
                    error = output.Write(new ReadOnlySpan<byte>(buffers[i].Address, (int)buffers[i].Length));
                break;
            case FolderDescriptor:
                return Errno.IsDirectory;
            default:
                return Errno.BadDescriptor;
        }

        return error == Errno.Success ? frame.Put(result, (uint)written) : error;
    }

    private static Errno WriteFile(
        WasiHost host, FileDescriptor file, Span<Posix.Buffer> buffers, long total, ulong? offset, out long written)
    {
        written = 0;
        if (offset > long.MaxValue) return Errno.Invalid;
        ulong start = offset ?? 0;
        if (file.Flags.HasFlag(DescriptorFlags.Append))
        {
            Errno error = Posix.Status(file.Number, out FileStatus status);
            if (error != Errno.Success) return error;
            start = status.Size;
        }
        else if (offset is null)
        {
            start = (ulong)Posix.Seek(file.Number, 0, 1);
        }

        if (start + (ulong)total > (ulong)host.Options.FileBytesMax) return Errno.FileTooLarge;
        do
        {
            fixed (Posix.Buffer* first = buffers)
                written = offset is null
                    ? Posix.Write(file.Number, first, buffers.Length)
                    : Posix.WriteAt(file.Number, first, buffers.Length, (long)offset);
        }
        while (written < 0 && Posix.LastError() == Errno.Interrupted);
        if (written < 0) return Posix.LastError();
        host.Written += written;
        return Errno.Success;
    }
}
