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
        _holder = null;
    }

    private sealed class Holding(MemoryFolder folder) : IDisposable
    {
        public void Dispose()
        {
            if (folder._holder == this) folder._holder = null;
        }
    }
}

/// <summary>The bytes of a file, whatever it is called, and what of them the disk holds for certain.</summary>
internal sealed class MemoryContent
{
    private byte[] _bytes = [];
    private byte[] _flushed = [];
    private int _length;
    private int _flushedLength;

    /// <summary>Between these the bytes may differ from the flushed ones. Past the length, bytes are zero.</summary>
    private int _changedFrom = int.MaxValue;
    private int _changedTo;

    public int Length => _length;

    public void Write(long position, ReadOnlySpan<byte> bytes)
    {
        int end = checked((int)position + bytes.Length);
        Grow(end);
        bytes.CopyTo(_bytes.AsSpan((int)position));
        Changed((int)position, end);
    }

    public void Grow(int length)
    {
        if (length <= _length) return;
        if (length > _bytes.Length) Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(length, 2L * _bytes.Length)));
        Changed(_length, length);
        _length = length;
    }

    public int Read(long position, Span<byte> buffer)
    {
        if (position >= _length) return 0;
        ReadOnlySpan<byte> rest = _bytes.AsSpan((int)position, _length - (int)position);
        int count = Math.Min(rest.Length, buffer.Length);
        rest[..count].CopyTo(buffer);
        return count;
    }

    public void Truncate(int length)
    {
        _bytes.AsSpan(length, _length - length).Clear();
        Changed(length, _length);
        _length = length;
    }

    public void Flush()
    {
        // Only what changed is copied: flushing after each write stays linear.
        if (_flushed.Length < _length) Array.Resize(ref _flushed, _bytes.Length);
        int to = Math.Min(_changedTo, _length);
        if (_changedFrom < to) _bytes.AsSpan(_changedFrom, to - _changedFrom).CopyTo(_flushed.AsSpan(_changedFrom));
        _flushedLength = _length;
        (_changedFrom, _changedTo) = (int.MaxValue, 0);
    }

    public void LosePower(Random random)
    {
        // A file that only grew keeps a beginning of the new part; one that was cut or written over is back as it was flushed.
        bool onlyGrew = _changedFrom >= _flushedLength && _length >= _flushedLength;
        int kept = onlyGrew ? random.Next(_flushedLength, _length + 1) : _flushedLength;
        if (!onlyGrew)
        {
            if (_bytes.Length < kept) Array.Resize(ref _bytes, kept);
            _flushed.AsSpan(0, kept).CopyTo(_bytes);
        }

        _bytes.AsSpan(kept).Clear();
        _length = kept;
        Changed(_flushedLength, kept);
        Flush();
    }

    private void Changed(int from, int to)
    {
        if (from >= to) return;
        _changedFrom = Math.Min(_changedFrom, from);
        _changedTo = Math.Max(_changedTo, to);
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
