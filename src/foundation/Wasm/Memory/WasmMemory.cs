using Sirsi.Wasm.Memory;

namespace Sirsi.Wasm;

/// <summary>
/// A linear memory of 64 KiB pages, kept outside of the garbage-collected heap. It is given back when its instance is disposed of (one of the
/// host's own: when it is) and no instance that imports it is left, or when nothing refers to it any more. Not thread-safe: it belongs
/// to the thread that runs its instance.
/// </summary>
public sealed unsafe class WasmMemory : WasmExtern, IDisposable
{
    /// <summary>Bytes in a page.</summary>
    public const int PageBytes = 65_536;

    private readonly WasmEngine _engine;
    private readonly ulong _mostPages;
    private readonly bool _isInstances;
    private MemoryImage? _image;
    private MemorySpace? _space;
    private int _users = 1;
    private int _isDisposed;

    /// <summary>A memory of the host's own, all zero.</summary>
    /// <exception cref="WasmException">It begins larger than <see cref="WasmOptions.MemoryPagesMax"/>, the engine's memories together would
    /// be larger than <see cref="WasmOptions.MemoryBytesMax"/>, or the machine has no room.</exception>
    public WasmMemory(WasmEngine engine, WasmMemoryType type)
        : this(engine, type, null, isInstances: false)
    {
    }

    /// <summary>A memory with an image's bytes, or zero without one.</summary>
    internal WasmMemory(WasmEngine engine, WasmMemoryType type, MemoryImage? image, bool isInstances = true)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(type);
        ulong limit = (ulong)engine.Options.MemoryPagesMax;
        if (!type.Limits.Is64) limit = Math.Min(limit, 65_536);
        if (type.Limits.Minimum > limit)
            throw new WasmException(WasmErrorKind.LimitExceeded, $"a memory of {type.Limits.Minimum} pages is above the limit of {limit}");
        (_engine, _image, _isInstances, ExternType) = (engine, image, isInstances, type);
        _mostPages = Math.Min(limit, type.Limits.Maximum ?? limit);
        ulong bytes = image is null ? type.Limits.Minimum * PageBytes : image.Length;
        if (!engine.Held.TryAdd(bytes)) throw TooMuch(engine);
        _space = image is null ? TryZero(bytes) : image.TryTake(_mostPages * PageBytes);
        if (_space is null)
        {
            engine.Held.Remove(bytes);
            throw NoRoom(bytes);
        }

        Adopt();
    }

#pragma warning disable MA0055 // What it gives back is not memory of the garbage collector, and hosts may forget to dispose.
    /// <summary>Gives the memory back when nobody has.</summary>
    ~WasmMemory() => Free();
#pragma warning restore MA0055

    /// <inheritdoc/>
    public override WasmMemoryType ExternType { get; }

    /// <summary>Its size in pages; 0 once it has been given back.</summary>
    public long Pages => (long)(Length / PageBytes);

    /// <summary>Its size in bytes; 0 once it has been given back.</summary>
    public long ByteLength => (long)Length;

    internal byte* Base { get; private set; }

    internal ulong Length { get; private set; }

    /// <summary>Whether instances use it besides its owner.</summary>
    internal bool IsShared => Volatile.Read(ref _users) > 1;

    /// <summary>
    /// The bytes from <paramref name="address"/> on. The span is valid until the memory grows or is given back, and while something holds the
    /// memory.
    /// </summary>
    /// <exception cref="WasmTrap">They do not all lie within the memory: addresses come from guests.</exception>
    /// <exception cref="ObjectDisposedException">The memory has been given back.</exception>
    public Span<byte> Span(long address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ObjectDisposedException.ThrowIf(_space is null, this);
        if ((ulong)address > Length || (ulong)length > Length - (ulong)address) throw new WasmTrap(WasmTrapKind.MemoryOutOfBounds, []);
        return new Span<byte>(Base + address, length);
    }

    /// <summary>Grows by <paramref name="pages"/>; false when a limit or the machine refuses, and nothing has changed.</summary>
    /// <exception cref="ObjectDisposedException">The memory has been given back.</exception>
    public bool TryGrow(long pages)
    {
        ObjectDisposedException.ThrowIf(_space is null, this);
        ulong now = Length / PageBytes;
        if (pages < 0 || (ulong)pages > _mostPages || now + (ulong)pages > _mostPages) return false;
        ulong more = (ulong)pages * PageBytes;
        if (!_engine.Held.TryAdd(more)) return false;
        if (_space.TryOpen(Length + more))
        {
            Adopt();
            return true;
        }

        _engine.Held.Remove(more);
        return false;
    }

#pragma warning disable CA1816 // Whoever ends the last use suppresses the finalizer.
    /// <summary>
    /// Ends the host's use of a memory of its own. Instances that import it keep it until they are disposed of. Harmless when done again.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is an instance's: that is to be disposed of.</exception>
    public void Dispose()
    {
        if (_isInstances) throw new InvalidOperationException("The memory belongs to an instance: dispose of that.");
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0) EndUse();
    }

    /// <summary>One user less; the last one gives the memory back.</summary>
    internal void EndUse()
    {
        if (Interlocked.Decrement(ref _users) != 0) return;
        GC.SuppressFinalize(this);
        Free();
    }
#pragma warning restore CA1816

    internal bool Accepts(WasmMemoryType wanted)
    {
        ObjectDisposedException.ThrowIf(_space is null, this);
        return wanted.Limits.Accept(Length / PageBytes, ExternType.Limits.Maximum, ExternType.Limits.Is64);
    }

    /// <summary>Counts an instance that imports it.</summary>
    internal void Use()
    {
        int users = Volatile.Read(ref _users);
        while (true)
        {
            ObjectDisposedException.ThrowIf(users == 0, this);
            int before = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (before == users) return;
            users = before;
        }
    }

    /// <summary>What its bytes are now, those past the <paramref name="used"/> ones being zero.</summary>
    internal MemoryImage TakeImage(ulong used) => MemoryImage.Take(_engine, Base, Length, Math.Min(used, Length));

    /// <summary>Makes the bytes those of an image, and the memory as large as that was; the base may move.</summary>
    /// <exception cref="WasmException">The engine or the machine has no room for it; then nothing has changed.</exception>
    internal void Reset(MemoryImage image)
    {
        ulong before = Length;
        if (!_engine.Held.TryAdd(image.Length)) throw TooMuch(_engine);
        MemorySpace? space = image.TryTake(_mostPages * PageBytes);
        if (space is null)
        {
            _engine.Held.Remove(image.Length);
            throw NoRoom(image.Length);
        }

        _engine.Held.Remove(before);
        Leave();
        (_space, _image) = (space, image);
        Adopt();
    }

    private static WasmException TooMuch(WasmEngine engine) =>
        new(WasmErrorKind.LimitExceeded, $"the engine's memories would have more than {engine.Options.MemoryBytesMax} bytes together");

    private WasmException NoRoom(ulong bytes) =>
        new(WasmErrorKind.Resources, $"the machine has no room for a memory of {bytes / PageBytes} to {_mostPages} pages");

    private MemorySpace? TryZero(ulong bytes)
    {
        MemorySpace? space = MemorySpace.TryCreate(_engine, bytes, _mostPages * PageBytes);
        if (space is null || space.TryOpen(bytes)) return space;
        space.Release();
        return null;
    }

    private void Adopt()
    {
        Base = _space!.Address;
        Length = _space.Open;
    }

    private void Free()
    {
        if (_space is null) return;
        _engine.Held.Remove(Length);
        Leave();
        Base = null;
        Length = 0;
    }

    /// <summary>Leaves the space to the next memory of its kind.</summary>
    private void Leave()
    {
        if (Interlocked.Exchange(ref _space, null) is not { } space) return;
        if (_image is { } image) image.Return(space);
        else space.Release();
    }
}
