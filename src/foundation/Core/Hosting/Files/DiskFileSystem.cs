using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sirsi.Core.Hosting;

/// <summary>The machine's disks.</summary>
internal sealed class DiskFileSystem(HostExecutor executor) : HostFileSystem
{
    public override HostFolder OpenFolder(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new DiskFolder(Directory.CreateDirectory(path).FullName, executor);
    }
}

internal sealed partial class DiskFolder(string path, HostExecutor executor) : HostFolder
{
    private const string LockName = ".lock";

    public override IReadOnlyList<string> List() =>
        [.. Directory.EnumerateFiles(path).Select(static file => Path.GetFileName(file))
            .Where(static name => name[0] != '.').Order(StringComparer.Ordinal)];

    public override HostFile Open(string name, HostFileAccess access)
    {
        string file = PathOf(name);
        const FileShare Anybody = FileShare.ReadWrite | FileShare.Delete;
        SafeFileHandle handle = access is HostFileAccess.Read
            ? File.OpenHandle(file, FileMode.Open, FileAccess.Read, Anybody)
            : File.OpenHandle(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, Anybody);
        return new DiskFile(handle, access, executor);
    }

    public override void Rename(string name, string newName) => File.Move(PathOf(name), PathOf(newName), overwrite: true);

    public override void Delete(string name) => File.Delete(PathOf(name));

    public override async ValueTask FlushAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (OperatingSystem.IsWindows()) return; // NTFS journals names itself, and a directory cannot be flushed there.
        await new ExecutorHop(executor);
        FlushNames();
    }

    public override IDisposable? TryLock()
    {
        try
        {
            // The runtime takes the operating system's lock on the open file (flock, share modes), which dies with the process.
            return new FileStream(Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null; // Held by another; an unwritable folder is an UnauthorizedAccessException and comes out.
        }
    }

    private string PathOf(string name)
    {
        ThrowUnlessName(name);
        return Path.Combine(path, name);
    }

    /// <summary>The framework refuses to open directories, so names are flushed through the C library (POSIX fsync).</summary>
    private void FlushNames()
    {
        int descriptor = OpenDescriptor(path, flags: 0);
        if (descriptor < 0) throw new IOException($"Folder {path} cannot be opened to be flushed: {Marshal.GetLastPInvokeErrorMessage()}.");
        try
        {
            if (FlushDescriptor(descriptor) < 0)
                throw new IOException($"Folder {path} cannot be flushed: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
        finally
        {
            _ = CloseDescriptor(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenDescriptor(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FlushDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CloseDescriptor(int descriptor);
}

internal sealed class DiskFile(SafeFileHandle handle, HostFileAccess access, HostExecutor executor) : HostFile
{
    private long _length = RandomAccess.GetLength(handle);

    /// <summary>A reader asks the disk, for another may be appending; the one who appends knows.</summary>
    public override long Length => access is HostFileAccess.Read ? RandomAccess.GetLength(handle) : _length;

    public override async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        ThrowUnlessAppending();
        await RandomAccess.WriteAsync(handle, bytes, _length, cancellation);
        _length += bytes.Length;
    }

    public override ValueTask<int> ReadAsync(long position, Memory<byte> buffer, CancellationToken cancellation) =>
        RandomAccess.ReadAsync(handle, buffer, position, cancellation);

    public override async ValueTask FlushAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        await new ExecutorHop(executor); // There is no asynchronous fsync; the caller is not kept waiting for this one.
        RandomAccess.FlushToDisk(handle);
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
}
