using Sirsi.Wasm.Memory;

namespace Sirsi.Wasm;

/// <summary>
/// A linear memory of 64 KiB pages, kept outside of the garbage-collected heap and given back when nothing refers to it any more. Not
/// thread-safe: it belongs to the thread that runs its instance.
/// </summary>
public sealed unsafe class WasmMemory : WasmExtern
{
    /// <summary>Bytes in a page.</summary>
    public const int PageBytes = 65_536;

    private readonly PageReservation _pages;
    private readonly ulong _mostPages;

    /// <summary>A memory of the host's own, all zero.</summary>
    /// <exception cref="WasmException">It begins larger than <see cref="WasmOptions.MemoryPagesMax"/>, or the machine has no
    /// room.</exception>
    public WasmMemory(WasmEngine engine, WasmMemoryType type)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(type);
        ulong limit = (ulong)engine.Options.MemoryPagesMax;
        if (!type.Limits.Is64) limit = Math.Min(limit, 65_536);
        if (type.Limits.Minimum > limit)
            throw new WasmException(WasmErrorKind.LimitExceeded, $"a memory of {type.Limits.Minimum} pages is above the limit of {limit}");
        ExternType = type;
        _mostPages = Math.Min(limit, type.Limits.Maximum ?? limit);
        _pages = PageReservation.TryReserve(_mostPages * PageBytes)
            ?? throw new WasmException(WasmErrorKind.Resources, $"no address space for a memory of {_mostPages} pages");
        if (!TryOpen(type.Limits.Minimum))
            throw new WasmException(WasmErrorKind.Resources, $"no room for a memory of {type.Limits.Minimum} pages");
    }

    /// <inheritdoc/>
    public override WasmMemoryType ExternType { get; }

    /// <summary>Its size in pages.</summary>
    public long Pages => (long)(Length / PageBytes);

    /// <summary>Its size in bytes.</summary>
    public long ByteLength => (long)Length;

    internal byte* Base { get; private set; }

    internal ulong Length { get; private set; }

    /// <summary>
    /// The bytes from <paramref name="address"/> on. The span is valid until the memory grows, and while something holds the memory.
    /// </summary>
    /// <exception cref="WasmTrap">They do not all lie within the memory: addresses come from guests.</exception>
    public Span<byte> Span(long address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if ((ulong)address > Length || (ulong)length > Length - (ulong)address) throw new WasmTrap(WasmTrapKind.MemoryOutOfBounds, []);
        return new Span<byte>(Base + address, length);
    }

    /// <summary>Grows by <paramref name="pages"/>; false when a limit or the machine refuses, and nothing has changed.</summary>
    public bool TryGrow(long pages)
    {
        ulong now = Length / PageBytes;
        return pages >= 0 && (ulong)pages <= _mostPages && now + (ulong)pages <= _mostPages && TryOpen(now + (ulong)pages);
    }

    internal bool Accepts(WasmMemoryType wanted) =>
        wanted.Limits.Accept(Length / PageBytes, ExternType.Limits.Maximum, ExternType.Limits.Is64);

    private bool TryOpen(ulong pages)
    {
        if (!_pages.TryOpen(pages * PageBytes)) return false;
        Base = _pages.Address;
        Length = pages * PageBytes;
        return true;
    }
}
