using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
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

    public override bool HasFolder(string path) => Directory.Exists(path);
}

internal sealed partial class DiskFolder(string path, HostExecutor executor) : HostFolder
{
    private const string LockName = ".lock";
    private const int HolderBytesMax = 200;

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
            var held = new FileStream(Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            SayWhoHolds(held);
            return held;
        }
        catch (IOException)
        {
            return null; // Held by another; an unwritable folder is an UnauthorizedAccessException and comes out.
        }
    }

    public override string? LockHolder()
    {
        if (OperatingSystem.IsWindows()) return null; // There the lock keeps readers out, too.
        try
        {
            // The runtime would want a lock of its own before it opens the file.
            using var handle = new SafeFileHandle(OpenDescriptor(Path.Combine(path, LockName), flags: 0), ownsHandle: true);
            if (handle.IsInvalid) return null;
            Span<byte> text = stackalloc byte[HolderBytesMax];
            int length = RandomAccess.Read(handle, text, fileOffset: 0);
            string holder = Encoding.UTF8.GetString(text[..length]).Trim();
            return holder.Length == 0 || holder.Any(char.IsControl) ? null : holder;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // Only a message needs it.
        }
    }

    private static void SayWhoHolds(FileStream held)
    {
        try
        {
            using var process = Process.GetCurrentProcess();
            held.SetLength(0);
            held.Write(Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $"process {Environment.ProcessId}, started {process.StartTime.ToUniversalTime():yyyy-MM-dd HH:mm:ss} UTC\n")));
            held.Flush();
        }
        catch (IOException)
        {
            // A full disk: the lock holds all the same, and only the message will lack its owner.
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
