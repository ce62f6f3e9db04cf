using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sirsi.Core.Hosting;

/// <summary>A file on the machine's disks.</summary>
internal sealed partial class DiskFile(SafeFileHandle handle, HostFileAccess access, HostExecutor executor) : HostFile
{
    private const int Interrupted = 4;
    private const int NotSupported = 95;

    private long _length = RandomAccess.GetLength(handle);

    /// <summary>A reader asks the disk, for another may be appending; the one who appends knows.</summary>
    public override long Length => access is HostFileAccess.Read ? RandomAccess.GetLength(handle) : _length;

    public override async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        ThrowUnlessAppending();
        try
        {
            await RandomAccess.WriteAsync(handle, bytes, _length, cancellation);
        }
        catch (IOException exception) when (DiskFullException.IsFull(exception.HResult))
        {
            throw new DiskFullException($"There is no room for {bytes.Length} bytes.", exception);
        }

        _length += bytes.Length;
    }

    public override ValueTask WriteAsync(long position, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        ThrowUnlessAppending();
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, _length);
        cancellation.ThrowIfCancellationRequested();
        try
        {
            // Into the operating system's cache: a trip through the pool would cost more than the copy.
            RandomAccess.Write(handle, bytes.Span, position);
        }
        catch (IOException exception) when (DiskFullException.IsFull(exception.HResult))
        {
            throw new DiskFullException($"There is no room for {bytes.Length} bytes at {position}.", exception);
        }

        _length = Math.Max(_length, position + bytes.Length);
        return ValueTask.CompletedTask;
    }

    public override void Reserve(long length)
    {
        ThrowUnlessAppending();
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length <= _length) return;
        if (!OperatingSystem.IsLinux() || !TryAllocate(length)) RandomAccess.SetLength(handle, length);
        _length = length;
    }

    public override ValueTask<int> ReadAsync(long position, Memory<byte> buffer, CancellationToken cancellation) =>
        RandomAccess.ReadAsync(handle, buffer, position, cancellation);

    public override async ValueTask FlushAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        await new ExecutorHop(executor); // There is no asynchronous fsync; the caller is not kept waiting for this one.
        if (OperatingSystem.IsLinux()) FlushData();
        else RandomAccess.FlushToDisk(handle);
    }

    public override void Truncate(long length)
    {
        ThrowUnlessAppending();
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _length);
        RandomAccess.SetLength(handle, length);
        _length = length;
    }

    protected override void Dispose(bool disposing) => handle.Dispose();

    private void ThrowUnlessAppending()
    {
        if (access is HostFileAccess.Read) throw new InvalidOperationException("The file was opened to be read.");
    }

    /// <summary>fdatasync(2): the bytes and the length, but not the times of change, which would be a second write.</summary>
    private void FlushData()
    {
        while (FlushData(handle) < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted) throw new IOException($"The file cannot be flushed: {Marshal.GetPInvokeErrorMessage(error)}.", error);
        }
    }

    /// <summary>fallocate(2); false where the file system does not know it.</summary>
    private bool TryAllocate(long length)
    {
        while (Allocate(handle, mode: 0, offset: _length, length - _length) < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error == NotSupported) return false;
            if (error == Interrupted) continue;
            string why = Marshal.GetPInvokeErrorMessage(error);
            throw DiskFullException.IsFull(error)
                ? new DiskFullException($"There is no room for {length - _length} bytes more: {why}.")
                : new IOException($"Room for {length - _length} bytes cannot be taken: {why}.", error);
        }

        return true;
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FlushData(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);
}
