using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sirsi.Wasm.Memory;

/// <summary>
/// What the bytes of a memory were at one time, and the spaces of former memories of that kind, kept for the next: they have the image mapped,
/// or its pages in place. Thread-safe. Whoever drops it has the finalizer give all back.
/// </summary>
internal sealed unsafe class MemoryImage
{
    private const int RunBytesMax = 1 << 20;

    private readonly (ulong Offset, byte[] Bytes)[] _runs = [];
    private readonly Stack<MemorySpace> _kept = [];
    private readonly WasmEngine _engine;
    private bool _isClosed;

    private MemoryImage(WasmEngine engine, ulong length, SafeFileHandle file)
    {
        (_engine, Length, File) = (engine, length, file);
    }

    private MemoryImage(WasmEngine engine, ulong length, (ulong Offset, byte[] Bytes)[] runs)
    {
        (_engine, Length, _runs) = (engine, length, runs);
    }

#pragma warning disable MA0055 // A snapshot may be dropped without a word, as a module may.
    ~MemoryImage() => Close();
#pragma warning restore MA0055

    /// <summary>Bytes of the memory.</summary>
    internal ulong Length { get; }

    /// <summary>The bytes in a sealed file, for mapping; null when they are copied.</summary>
    internal SafeFileHandle? File { get; }

    internal bool HasKept
    {
        get
        {
            lock (_kept) return _kept.Count > 0;
        }
    }

    /// <summary>When it was last made use of, in the engine's count of such uses.</summary>
    internal long LastUse { get; set; }

    /// <summary>The image of bytes that nobody changes meanwhile, those past the <paramref name="used"/> ones being zero.</summary>
    internal static MemoryImage Take(WasmEngine engine, byte* content, ulong length, ulong used)
    {
        bool isLarge = OperatingSystem.IsLinux() && length > (ulong)engine.Options.CopiedBytesMax;
        if (isLarge && SealedFile.TryCreate(content, length, used) is { } file) return new(engine, length, file);
        var runs = new List<(ulong, byte[])>();
        foreach ((ulong offset, int bytes) in Runs(content, used)) runs.Add((offset, new Span<byte>(content + offset, bytes).ToArray()));
        return new(engine, length, [.. runs]);
    }

    /// <summary>The stretches that are not zero, in blocks.</summary>
    internal static List<(ulong Offset, int Bytes)> Runs(byte* content, ulong used)
    {
        ulong length = (used + VirtualMemory.BlockBytes - 1) / VirtualMemory.BlockBytes * VirtualMemory.BlockBytes;
        var runs = new List<(ulong, int)>();
        for (ulong at = 0; at < length;)
        {
            ulong start = at;
            while (at < length && at - start < RunBytesMax && !IsZero(content + at)) at += VirtualMemory.BlockBytes;
            if (at > start) runs.Add((start, (int)(at - start)));
            while (at < length && IsZero(content + at)) at += VirtualMemory.BlockBytes;
        }

        return runs;
    }

    /// <summary>Writes the bytes to where there is room for them.</summary>
    internal void CopyTo(byte* target, bool isZero)
    {
        ulong at = 0;
        foreach ((ulong offset, byte[] bytes) in _runs)
        {
            if (!isZero) Clear(target, at, offset);
            bytes.CopyTo(new Span<byte>(target + offset, bytes.Length));
            at = offset + (ulong)bytes.Length;
        }

        if (!isZero) Clear(target, at, Length);
    }

    /// <summary>A space with the image's bytes that can grow to <paramref name="most"/> bytes; null when the machine refuses.</summary>
    internal MemorySpace? TryTake(ulong most)
    {
        MemorySpace? space = TryTakeKept() ?? MemorySpace.TryCreate(_engine, Length, most);
        if (space is null || space.TryReset(this)) return space;
        space.Release();
        return null;
    }

    /// <summary>Keeps the space of a memory that was made from the image, or releases it.</summary>
    internal void Return(MemorySpace space)
    {
        ulong bytes = space.Open;
        if (_engine.Kept.TryAdd(this, bytes))
        {
            lock (_kept)
            {
                if (!_isClosed)
                {
                    _kept.Push(space);
                    return;
                }
            }

            _engine.Kept.Remove(bytes);
        }

        space.Release();
    }

    /// <summary>Releases what is kept; false when that was nothing.</summary>
    internal bool Trim()
    {
        bool found = false;
        for (; TryTakeKept() is { } space; found = true) space.Release();
        return found;
    }

    /// <summary>Gives the file back, and what is kept. Memories that were made from the image stay as they are.</summary>
    internal void Close()
    {
        lock (_kept) _isClosed = true;
        Trim();
        File?.Dispose();
    }

    private MemorySpace? TryTakeKept()
    {
        MemorySpace? space;
        lock (_kept)
        {
            if (!_kept.TryPop(out space)) return null;
        }

        _engine.Kept.Remove(space.Open);
        return space;
    }

    private static bool IsZero(byte* block) => !new ReadOnlySpan<byte>(block, VirtualMemory.BlockBytes).ContainsAnyExcept((byte)0);

    private static void Clear(byte* target, ulong from, ulong to) =>
        NativeMemory.Clear(target + from, (nuint)(to - from));
}
