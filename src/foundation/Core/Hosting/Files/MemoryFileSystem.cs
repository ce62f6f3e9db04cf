using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sirsi.Core.Hosting;

/// <summary>
/// Files in memory that know what a disk would still hold after a loss of power: <see cref="LosePower"/> takes everything back to
/// what was flushed, except that a file may keep part of what was appended after. For one thread.
/// </summary>
public sealed class MemoryFileSystem : HostFileSystem
{
    private readonly HostExecutor _executor;
    private readonly SortedDictionary<string, MemoryFolder> _folders = new(StringComparer.Ordinal);

    internal MemoryFileSystem(HostExecutor executor) => _executor = executor;

    /// <summary>Counts losses of power: a handle of an earlier count is dead.</summary>
    internal int Boot { get; private set; }

    /// <inheritdoc/>
    public override HostFolder OpenFolder(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!_folders.TryGetValue(path, out MemoryFolder? folder)) _folders[path] = folder = new MemoryFolder(this, _executor);
        return folder;
    }

    /// <inheritdoc/>
    public override bool HasFolder(string path) => _folders.ContainsKey(path);

    /// <summary>Adds the names, lengths and bytes of all files to a hash: two runs that left the same have the same one.</summary>
    public void AppendTo(IncrementalHash hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        foreach ((string path, MemoryFolder folder) in _folders) folder.AppendTo(path, hash);
    }

    /// <summary>The process that used the files was killed: what it wrote stays, flushed or not, its open files are dead, and locks are free.</summary>
    public void EndProcess()
    {
        Boot++;
        foreach (MemoryFolder folder in _folders.Values) folder.Unlock();
    }

    /// <summary>
    /// The machine stops and starts again: unflushed creations, renamings and removals are undone, unflushed bytes are lost but for
    /// a beginning of random length of what was appended, open files are dead (using them throws <see cref="IOException"/>), and locks are free.
    /// </summary>
    public void LosePower(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        Boot++;
        foreach (MemoryFolder folder in _folders.Values) folder.LosePower(random);
    }
}

internal sealed class MemoryFolder(MemoryFileSystem system, HostExecutor executor) : HostFolder
{
    private SortedDictionary<string, MemoryContent> _files = new(StringComparer.Ordinal);
    private SortedDictionary<string, MemoryContent> _flushed = new(StringComparer.Ordinal);
    private object? _holder;

    public override IReadOnlyList<string> List() => [.. _files.Keys];

    public override HostFile Open(string name, HostFileAccess access)
    {
        ThrowUnlessName(name);
        if (!_files.TryGetValue(name, out MemoryContent? content))
        {
            if (access is HostFileAccess.Read) throw new FileNotFoundException("There is no such file.", name);
            _files[name] = content = new MemoryContent();
        }

        return new MemoryFile(system, content, access, executor);
    }

    public override void Rename(string name, string newName)
    {
        ThrowUnlessName(name);
        ThrowUnlessName(newName);
        if (!_files.Remove(name, out MemoryContent? content)) throw new FileNotFoundException("There is no such file.", name);
        _files[newName] = content;
    }

    public override void Delete(string name)
    {
        ThrowUnlessName(name);
        _files.Remove(name);
    }

    public override async ValueTask FlushAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        int boot = system.Boot;
        await new ExecutorHop(executor);
        if (boot != system.Boot) throw new IOException("The power was lost before the folder was flushed.");
        _flushed = new SortedDictionary<string, MemoryContent>(_files, StringComparer.Ordinal);
    }

    public override IDisposable? TryLock()
    {
        if (_holder is not null) return null;
        var holding = new Holding(this);
        _holder = holding;
        return holding;
    }

    public override string? LockHolder() => _holder is null ? null : "this process";

    public void LosePower(Random random)
    {
        foreach (MemoryContent content in _flushed.Values) content.LosePower(random);
        _files = new SortedDictionary<string, MemoryContent>(_flushed, StringComparer.Ordinal);
        Unlock();
    }

    public void Unlock() => _holder = null;

    public void AppendTo(string path, IncrementalHash hash)
    {
        foreach ((string name, MemoryContent content) in _files)
        {
            hash.AppendData(MemoryMarshal.AsBytes($"{path}/{name}".AsSpan()));
            content.AppendTo(hash);
        }
    }

    private sealed class Holding(MemoryFolder folder) : IDisposable
    {
        public void Dispose()
        {
            if (folder._holder == this) folder._holder = null;
        }
    }
}

internal sealed class MemoryFile(MemoryFileSystem system, MemoryContent content, HostFileAccess access, HostExecutor executor) : HostFile
{
    private readonly int _boot = system.Boot;
    private bool _closed;

    public override long Length => Live().Length;

    public override ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        MemoryContent file = Appendable();
        file.Write(file.Length, bytes.Span);
        return ValueTask.CompletedTask;
    }

    public override ValueTask WriteAsync(long position, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        MemoryContent file = Appendable();
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, file.Length);
        file.Write(position, bytes.Span);
        return ValueTask.CompletedTask;
    }

    public override void Reserve(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Appendable().Grow(checked((int)length));
    }

    public override ValueTask<int> ReadAsync(long position, Memory<byte> buffer, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        return ValueTask.FromResult(Live().Read(position, buffer.Span));
    }

    public override async ValueTask FlushAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _ = Live();
        await new ExecutorHop(executor); // As on a disk, others go on meanwhile.
        Live().Flush();
    }

    public override void Truncate(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, content.Length);
        Appendable().Truncate((int)length);
    }

    protected override void Dispose(bool disposing) => _closed = true;

    private MemoryContent Live()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        return _boot == system.Boot ? content : throw new IOException("The power was lost while the file was open.");
    }

    private MemoryContent Appendable() =>
        access is HostFileAccess.Append ? Live() : throw new InvalidOperationException("The file was opened to be read.");
}
