using System.Runtime.InteropServices;
using Sirsi.Core.Hosting;

namespace Sirsi.TestKit;

/// <summary>How often a <see cref="FaultyDisk"/> fails, from 0 (never) to 1.</summary>
/// <param name="Full">A write or reservation finds no room; part of a write may have been done.</param>
/// <param name="WriteFails">A write fails; part of it may have been done.</param>
/// <param name="FlushFails">A flush fails; what it was to flush counts as flushed from then on and is partly lost, as Linux does it.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct DiskFaults(double Full = 0, double WriteFails = 0, double FlushFails = 0);

/// <summary>
/// A disk in memory that fails by chance from a seed and, when it loses power, keeps of each unflushed sector the old bytes, the new ones or half of
/// them, whatever the order of the writes, and of unflushed changes of names any. For one thread.
/// </summary>
public sealed class FaultyDisk(HostExecutor executor, int seed) : HostFileSystem
{
    private readonly SortedDictionary<string, FaultyFolder> _folders = new(StringComparer.Ordinal);

    /// <summary>What fails now.</summary>
    public DiskFaults Faults { get; set; }

    /// <summary>How many bytes all files together may have.</summary>
    public long RoomBytes { get; set; } = long.MaxValue;

    /// <summary>The power goes after so many operations more; null for never.</summary>
    public int? PowerGoesAfter { get; set; }

    /// <summary>After so many flushes more that succeed, one fails; null for none.</summary>
    public int? FlushFailsAfter { get; set; }

    /// <summary>How many flushes of files have succeeded.</summary>
    public int Flushes { get; internal set; }

    /// <summary>How many of them had bytes of a sector that was never written before.</summary>
    public int FlushesOfFirstWrites { get; internal set; }

    /// <summary>How many bytes were written to files.</summary>
    public long BytesWritten { get; internal set; }

    /// <summary>As long as it is set, flushes of files do not end.</summary>
    public TaskCompletionSource? FlushesHeld { get; set; }

    internal Random Random { get; } = new(seed);

    internal HostExecutor Executor => executor;

    internal int Boot { get; private set; }

    /// <inheritdoc/>
    public override HostFolder OpenFolder(string path)
    {
        if (!_folders.TryGetValue(path, out FaultyFolder? folder)) _folders[path] = folder = new FaultyFolder(this);
        return folder;
    }

    /// <inheritdoc/>
    public override bool HasFolder(string path) => _folders.ContainsKey(path);

    /// <summary>The machine stops and starts again with what the disk holds.</summary>
    public void LosePower()
    {
        Boot++;
        PowerGoesAfter = null;
        FlushFailsAfter = null;
        foreach (FaultyFolder folder in _folders.Values) folder.LosePower();
    }

    internal void Operate(int boot)
    {
        if (boot != Boot) throw new IOException("The power was lost meanwhile.");
        if (PowerGoesAfter is not { } left) return;
        if (left == 0) throw new IOException("The power is gone.");
        PowerGoesAfter = left - 1;
    }

    internal bool Happens(double probability) => probability > 0 && Random.NextDouble() < probability;

    internal void TakeRoom(long more)
    {
        if (more <= 0) return;
        if (_folders.Values.Sum(static folder => folder.Bytes) + more > RoomBytes) throw new DiskFullException("There is no room.");
    }
}

internal sealed class FaultyFolder(FaultyDisk disk) : HostFolder
{
    private readonly List<Action<SortedDictionary<string, FaultyContent>>> _unflushed = [];
    private SortedDictionary<string, FaultyContent> _files = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, FaultyContent> _onDisk = new(StringComparer.Ordinal);
    private object? _holder;

    public long Bytes => _files.Values.Sum(static file => (long)file.Length);

    public override IReadOnlyList<string> List() => [.. _files.Keys];

    public override HostFile Open(string name, HostFileAccess access)
    {
        ThrowUnlessName(name);
        if (_files.TryGetValue(name, out FaultyContent? content)) return new FaultyFile(disk, content, access);
        if (access is HostFileAccess.Read) throw new FileNotFoundException("There is no such file.", name);
        content = new FaultyContent(disk);
        Do(files => files[name] = content);
        return new FaultyFile(disk, content, access);
    }

    public override void Rename(string name, string newName)
    {
        if (!_files.TryGetValue(name, out FaultyContent? content)) throw new FileNotFoundException("There is no such file.", name);
        Do(files =>
        {
            files.Remove(name);
            files[newName] = content;
        });
    }

    public override void Delete(string name)
    {
        if (_files.ContainsKey(name)) Do(files => files.Remove(name));
    }

    public override async ValueTask FlushAsync(CancellationToken cancellation)
    {
        int boot = disk.Boot;
        await disk.Executor.RunAsync(static () => Task.CompletedTask);
        disk.Operate(boot);
        foreach (Action<SortedDictionary<string, FaultyContent>> change in _unflushed) change(_onDisk);
        _unflushed.Clear();
    }

    public override IDisposable? TryLock()
    {
        if (_holder is not null) return null;
        var holding = new Holding(this);
        _holder = holding;
        return holding;
    }

    public override string? LockHolder() => null;

    public void LosePower()
    {
        foreach (Action<SortedDictionary<string, FaultyContent>> change in _unflushed)
        {
            if (disk.Random.Next(2) == 0) change(_onDisk);
        }

        _unflushed.Clear();
        _files = new SortedDictionary<string, FaultyContent>(_onDisk, StringComparer.Ordinal);
        foreach (FaultyContent content in _files.Values) content.LosePower();
        _holder = null;
    }

    private void Do(Action<SortedDictionary<string, FaultyContent>> change)
    {
        disk.Operate(disk.Boot);
        change(_files);
        _unflushed.Add(change);
    }

    private sealed class Holding(FaultyFolder folder) : IDisposable
    {
        public void Dispose()
        {
            if (folder._holder == this) folder._holder = null;
        }
    }
}

/// <summary>The bytes of a file as programs see them, and as the disk has them.</summary>
internal sealed class FaultyContent(FaultyDisk disk)
{
    private const int SectorBytes = 512;

    private readonly SortedSet<int> _dirty = [];
    private readonly HashSet<int> _everWritten = [];
    private bool _isAllocationDirty;
    private byte[] _now = [];
    private byte[] _onDisk = [];
    private int _lengthOnDisk;

    public int Length { get; private set; }

    public void Write(int position, ReadOnlySpan<byte> bytes)
    {
        SetLength(Math.Max(Length, position + bytes.Length));
        bytes.CopyTo(_now.AsSpan(position));
        disk.BytesWritten += bytes.Length;
        MarkDirty(position, position + bytes.Length);
        for (int sector = position / SectorBytes; sector * SectorBytes < position + bytes.Length; sector++) _isAllocationDirty |= _everWritten.Add(sector);
        // The system may write back at any time: a later change that is not flushed does not undo it.
        if (bytes.Length > 0 && disk.Random.Next(4) == 0) Store((position + disk.Random.Next(bytes.Length)) / SectorBytes, SectorBytes);
    }

    public void SetLength(int length)
    {
        if (length > _now.Length) Array.Resize(ref _now, Math.Max(length, 2 * _now.Length));
        int before = Length;
        if (length < before) _now.AsSpan(length, before - length).Clear();
        MarkDirty(Math.Min(length, before), Math.Max(length, before));
        Length = length;
    }

    public int Read(long position, Span<byte> buffer)
    {
        if (position >= Length) return 0;
        int count = Math.Min(buffer.Length, Length - (int)position);
        _now.AsSpan((int)position, count).CopyTo(buffer);
        return count;
    }

    public void Flush()
    {
        foreach (int sector in _dirty) Store(sector, SectorBytes);
        _lengthOnDisk = Length;
        _dirty.Clear();
        if (_isAllocationDirty) disk.FlushesOfFirstWrites++;
        _isAllocationDirty = false;
    }

    /// <summary>The flush fails: some sectors got there, and none is tried again; some of the others are read from the disk from now on.</summary>
    public void FailToFlush()
    {
        foreach (int sector in _dirty)
        {
            if (disk.Random.Next(2) == 0) Store(sector, SectorBytes);
            else if (disk.Random.Next(2) == 0) Forget(sector);
        }

        _dirty.Clear();
        _lengthOnDisk = Length;
    }

    public void LosePower()
    {
        int length = disk.Random.Next(2) == 0 ? Length : _lengthOnDisk;
        foreach (int sector in _dirty) Store(sector, disk.Random.Next(4) switch { 0 => 0, 1 => SectorBytes / 2, _ => SectorBytes });
        _dirty.Clear();
        Grow(ref _onDisk, length);
        _onDisk.AsSpan(length).Clear();
        _now = _onDisk[..length];
        Length = _lengthOnDisk = length;
    }

    private static void Grow(ref byte[] bytes, int length)
    {
        if (bytes.Length < length) Array.Resize(ref bytes, Math.Max(length, 2 * bytes.Length));
    }

    private void MarkDirty(int from, int to)
    {
        if (from >= to) return;
        for (int sector = from / SectorBytes; sector <= (to - 1) / SectorBytes; sector++) _dirty.Add(sector);
    }

    private void Store(int sector, int bytes)
    {
        int at = sector * SectorBytes;
        int count = Math.Min(bytes, _now.Length - at);
        if (count <= 0) return;
        Grow(ref _onDisk, at + count);
        _now.AsSpan(at, count).CopyTo(_onDisk.AsSpan(at));
    }

    private void Forget(int sector)
    {
        int at = sector * SectorBytes;
        Span<byte> now = _now.AsSpan(at, Math.Max(0, Math.Min(SectorBytes, Length - at)));
        now.Clear();
        if (at < _onDisk.Length) _onDisk.AsSpan(at, Math.Min(now.Length, _onDisk.Length - at)).CopyTo(now);
    }
}

internal sealed class FaultyFile(FaultyDisk disk, FaultyContent content, HostFileAccess access) : HostFile
{
    private readonly int _boot = disk.Boot;
    private bool _isClosed;

    public override long Length => content.Length;

    public override ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => WriteAsync(content.Length, bytes, cancellation);

    public override ValueTask WriteAsync(long position, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        ThrowUnlessAppending();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, content.Length);
        bool isFull = disk.Happens(disk.Faults.Full);
        bool fails = disk.Happens(disk.Faults.WriteFails);
        try
        {
            disk.Operate(_boot);
            disk.TakeRoom(position + bytes.Length - content.Length);
        }
        catch (IOException)
        {
            if (_boot == disk.Boot) WritePart(position, bytes.Span);
            throw;
        }

        if (isFull || fails) WritePart(position, bytes.Span);
        if (isFull) throw new DiskFullException("There is no room.");
        if (fails) throw new IOException("Input/output error.");
        content.Write((int)position, bytes.Span);
        return ValueTask.CompletedTask;
    }

    public override void Reserve(long length)
    {
        ThrowUnlessAppending();
        disk.Operate(_boot);
        if (length <= content.Length) return;
        disk.TakeRoom(length - content.Length);
        if (disk.Happens(disk.Faults.Full)) throw new DiskFullException("There is no room.");
        content.SetLength((int)length);
    }

    public override ValueTask<int> ReadAsync(long position, Memory<byte> buffer, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (_boot != disk.Boot) throw new IOException("The power was lost meanwhile.");
        return ValueTask.FromResult(content.Read(position, buffer.Span));
    }

    public override async ValueTask FlushAsync(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        await disk.Executor.RunAsync(static () => Task.CompletedTask);
        if (disk.FlushesHeld is { } held) await held.Task;
        disk.Operate(_boot);
        bool fails = disk.FlushFailsAfter == 0;
        disk.FlushFailsAfter = fails ? null : disk.FlushFailsAfter - 1;
        if (fails || disk.Happens(disk.Faults.FlushFails))
        {
            content.FailToFlush();
            throw new IOException("Input/output error while flushing.");
        }

        content.Flush();
        disk.Flushes++;
    }

    public override void Truncate(long length)
    {
        ThrowUnlessAppending();
        disk.Operate(_boot);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, content.Length);
        content.SetLength((int)length);
    }

    protected override void Dispose(bool disposing) => _isClosed = true;

    private void WritePart(long position, ReadOnlySpan<byte> bytes)
    {
        int room = content.Length - (int)position;
        content.Write((int)position, bytes[..Math.Min(disk.Random.Next(bytes.Length + 1), room)]);
    }

    private void ThrowUnlessAppending()
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (access is HostFileAccess.Read) throw new InvalidOperationException("The file was opened to be read.");
    }
}
