using System.Buffers.Binary;
using System.Numerics;

namespace Sirsi.Wasm.Extism;

/// <summary>
/// The blocks a plug-in and its host hand to each other. They lie in a memory of their own that the plug-in reaches by functions only; what
/// is known of them lies with the host, where no plug-in can forge it. Freed blocks are used again for the same class of sizes, four
/// classes to a doubling, so at most a quarter is wasted.
/// </summary>
internal sealed class ExtismMemory
{
    private const ulong First = 16;
    private const ulong Alignment = 16;

    private readonly WasmMemory _memory;
    private readonly int _blocksMax;
    private readonly Dictionary<ulong, ulong> _lengths = [];
    private readonly Dictionary<ulong, Stack<ulong>> _free = [];
    private ulong _position = First;
    private int _freed;

    internal ExtismMemory(WasmEngine engine, int blocksMax)
    {
        _memory = new(engine, new(new(1)));
        _blocksMax = blocksMax;
    }

    /// <summary>Bytes of the memory.</summary>
    internal long ByteLength => _memory.ByteLength;

    /// <summary>A block; 0 for none: a length of zero, or no room.</summary>
    internal ulong Allocate(ulong length)
    {
        if (length == 0 || length > int.MaxValue || _lengths.Count + _freed >= _blocksMax) return 0;
        ulong size = SizeClass(length);
        if (_free.TryGetValue(size, out Stack<ulong>? spare) && spare.TryPop(out ulong offset)) _freed--;
        else
        {
            if (!TryReach(_position + size)) return 0;
            offset = _position;
            _position += size;
        }

        _lengths.Add(offset, length);
        return offset;
    }

    /// <summary>Frees a block; anything else is left alone, as a block that is free already.</summary>
    internal void Free(ulong offset)
    {
        if (!_lengths.Remove(offset, out ulong length)) return;
        ulong size = SizeClass(length);
        if (!_free.TryGetValue(size, out Stack<ulong>? spare)) _free[size] = spare = new();
        spare.Push(offset);
        _freed++;
    }

    /// <summary>The length of a block; 0 when there is none at that offset.</summary>
    internal ulong Length(ulong offset) => _lengths.GetValueOrDefault(offset);

    /// <summary>The bytes of a block; false when there is none at that offset.</summary>
    internal bool TryBlock(ulong offset, out Span<byte> bytes)
    {
        bool found = _lengths.TryGetValue(offset, out ulong length);
        bytes = found ? _memory.Span((long)offset, (int)length) : [];
        return found;
    }

    /// <summary>Bytes that lie where blocks were ever made; false outside.</summary>
    internal bool TryRange(ulong offset, ulong length, out Span<byte> bytes)
    {
        bool inside = offset >= First && offset <= _position && length <= _position - offset && length <= int.MaxValue;
        bytes = inside ? _memory.Span((long)offset, (int)length) : [];
        return inside;
    }

    /// <summary>A block with these bytes; 0 when there are none, or there is no room.</summary>
    internal ulong Store(ReadOnlySpan<byte> bytes)
    {
        ulong offset = Allocate((ulong)bytes.Length);
        if (offset != 0) bytes.CopyTo(_memory.Span((long)offset, bytes.Length));
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
        for (ulong at = 0; at < _position; at += 1 << 30)
            _memory.Span((long)at, (int)Math.Min(1 << 30, _position - at)).Clear();
        _lengths.Clear();
        _free.Clear();
        (_position, _freed) = (First, 0);
    }

    private static ulong SizeClass(ulong length)
    {
        if (length <= 4 * Alignment) return (length + Alignment - 1) & ~(Alignment - 1);
        ulong step = BitOperations.RoundUpToPowerOf2(length) >> 3;
        return (length + step - 1) & ~(step - 1);
    }

    private bool TryReach(ulong end)
    {
        ulong length = (ulong)_memory.ByteLength;
        return end <= length || _memory.TryGrow((long)((end - length + WasmMemory.PageBytes - 1) / WasmMemory.PageBytes));
    }
}
