using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Sirsi.Wasm.Extism;

/// <summary>
/// The blocks a plug-in and its host hand to each other. They lie in a memory of their own that the plug-in reaches by functions only; what
/// is known of them lies with the host, where no plug-in can forge it. Freed blocks are used again for the same class of sizes, four
/// classes to a doubling, so at most a quarter is wasted; when the memory is full, a larger one will do. As long as a page is enough for all of them they lie in an array, because most plug-ins hand over
/// little, and a mapping costs more than all else that makes one.
/// </summary>
internal sealed class ExtismMemory : IDisposable
{
    private const ulong First = 16;
    private const ulong Alignment = 16;

    private const int SmallBytesMin = 256;

    private readonly WasmEngine _engine;
    private readonly int _blocksMax;
    private readonly Dictionary<ulong, Block> _blocks = [];
    private readonly Dictionary<ulong, Stack<ulong>> _free = [];
    private byte[] _small = [];
    private WasmMemory? _memory;
    private ulong _position = First;
    private int _freed;

    internal ExtismMemory(WasmEngine engine, int blocksMax)
    {
        _engine = engine;
        _blocksMax = blocksMax;
    }

    /// <summary>Bytes of the memory.</summary>
    internal long ByteLength => _memory?.ByteLength ?? WasmMemory.PageBytes;

    /// <summary>A block; 0 for none: a length of zero, or no room.</summary>
    internal ulong Allocate(ulong length)
    {
        if (length == 0 || length > int.MaxValue) return 0;
        ulong size = SizeClass(length);
        if (!TryReuse(size, out ulong offset))
        {
            if (_blocks.Count + _freed < _blocksMax && TryReach(_position + size))
            {
                offset = _position;
                _position += size;
            }
            else
            {
                size = _free.Where(spare => spare.Key > size && spare.Value.Count > 0).Select(static spare => spare.Key).DefaultIfEmpty().Min();
                if (size == 0 || !TryReuse(size, out offset)) return 0;
            }
        }

        _blocks.Add(offset, new(length, size));
        return offset;
    }

    /// <summary>Frees a block; anything else is left alone, as a block that is free already.</summary>
    internal void Free(ulong offset)
    {
        if (!_blocks.Remove(offset, out Block block)) return;
        if (!_free.TryGetValue(block.Size, out Stack<ulong>? spare)) _free[block.Size] = spare = new();
        spare.Push(offset);
        _freed++;
    }

    /// <summary>The length of a block; 0 when there is none at that offset.</summary>
    internal ulong Length(ulong offset) => _blocks.GetValueOrDefault(offset).Length;

    /// <summary>The bytes of a block; false when there is none at that offset.</summary>
    internal bool TryBlock(ulong offset, out Span<byte> bytes)
    {
        bool found = _blocks.TryGetValue(offset, out Block block);
        bytes = found ? Span(offset, (int)block.Length) : [];
        return found;
    }

    /// <summary>Bytes that lie where blocks were ever made; false outside.</summary>
    internal bool TryRange(ulong offset, ulong length, out Span<byte> bytes)
    {
        bool inside = offset >= First && offset <= _position && length <= _position - offset && length <= int.MaxValue;
        bytes = inside ? Span(offset, (int)length) : [];
        return inside;
    }

    /// <summary>A block with these bytes; 0 when there are none, or there is no room.</summary>
    internal ulong Store(ReadOnlySpan<byte> bytes)
    {
        ulong offset = Allocate((ulong)bytes.Length);
        if (offset != 0) bytes.CopyTo(Span(offset, bytes.Length));
        return offset;
    }

    internal byte LoadByte(ulong offset) => TryRange(offset, 1, out Span<byte> bytes) ? bytes[0] : (byte)0;

    internal ulong LoadWord(ulong offset) => TryRange(offset, 8, out Span<byte> bytes) ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;

    internal void StoreByte(ulong offset, byte value)
    {
        if (TryRange(offset, 1, out Span<byte> bytes)) bytes[0] = value;
    }

    internal void StoreWord(ulong offset, ulong value)
    {
        if (TryRange(offset, 8, out Span<byte> bytes)) BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
    }

    /// <summary>Frees all blocks and clears them.</summary>
    internal void Reset()
    {
        for (ulong at = First; at < _position; at += 1 << 30) Span(at, (int)Math.Min(1 << 30, _position - at)).Clear();
        _blocks.Clear();
        _free.Clear();
        (_position, _freed) = (First, 0);
    }

    public void Dispose()
    {
        _memory?.Dispose();
        _small = [];
    }

    private static ulong SizeClass(ulong length)
    {
        if (length <= 4 * Alignment) return (length + Alignment - 1) & ~(Alignment - 1);
        ulong step = BitOperations.RoundUpToPowerOf2(length) >> 3;
        return (length + step - 1) & ~(step - 1);
    }

    private bool TryReuse(ulong size, out ulong offset)
    {
        offset = 0;
        if (!_free.TryGetValue(size, out Stack<ulong>? spare) || !spare.TryPop(out offset)) return false;
        _freed--;
        return true;
    }

    private Span<byte> Span(ulong offset, int length) =>
        length == 0 ? [] : _memory is null ? _small.AsSpan((int)offset, length) : _memory.Span((long)offset, length);

    private bool TryReach(ulong end)
    {
        if (_memory is null && end <= WasmMemory.PageBytes)
        {
            if (end > (ulong)_small.Length) Array.Resize(ref _small, (int)Math.Max(SmallBytesMin, BitOperations.RoundUpToPowerOf2(end)));
            return true;
        }

        long pages = (long)((end + WasmMemory.PageBytes - 1) / WasmMemory.PageBytes);
        return _memory is null ? TryMove(pages) : _memory.TryGrow(Math.Max(0, pages - _memory.Pages));
    }

    /// <summary>A page is not enough any more: they move into a memory.</summary>
    private bool TryMove(long pages)
    {
        if (pages > _engine.Options.MemoryPagesMax) return false;
        WasmMemory memory;
        try
        {
            memory = new WasmMemory(_engine, new(new((ulong)pages)));
        }
        catch (WasmException)
        {
            return false;
        }

        _small.CopyTo(memory.Span(0, _small.Length));
        (_memory, _small) = (memory, []);
        return true;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Block(ulong Length, ulong Size);
}
