using System.Buffers.Binary;
using System.Text;

namespace Sirsi.Wasm.Binary;

/// <summary>Reads the primitive parts of the binary format from a stretch of bytes; errors carry the byte offset in the module.</summary>
internal struct ByteReader(byte[] data, int start, int end, long origin)
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private readonly byte[] _data = data;

    /// <summary>Where the next byte is taken from, in the stretch's array.</summary>
    internal int Position { get; set; } = start;

    /// <summary>Where reading ends, in the stretch's array.</summary>
    internal int End { get; } = end;

    /// <summary>The offset in the module of the array's first byte.</summary>
    internal long Origin { get; } = origin;

    internal readonly byte[] Data => _data;

    internal readonly long Offset => Origin + Position;

    internal readonly int Remaining => End - Position;

    internal readonly bool IsAtEnd => Position >= End;

    internal byte Byte()
    {
        if (Position >= End) throw Malformed("unexpected end");
        return _data[Position++];
    }

    internal readonly byte Peek() => Position < End ? _data[Position] : throw Malformed("unexpected end");

    internal uint U32()
    {
        if (Position < End && _data[Position] < 0x80) return _data[Position++];
        return (uint)Unsigned(32);
    }

    internal ulong U64() => Unsigned(64);

    internal int S32() => (int)Signed(32);

    internal long S33() => Signed(33);

    internal long S64() => Signed(64);

    /// <summary>A count of things of at least one byte each, so never more than the bytes that are left.</summary>
    internal int Count(string what)
    {
        long at = Offset;
        uint count = U32();
        if (count > (uint)Remaining) throw Malformed($"unexpected end: {count} {what} in {Remaining} bytes", at);
        return (int)count;
    }

    internal uint Fixed32()
    {
        ReadOnlySpan<byte> bytes = Bytes(4);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    internal ulong Fixed64()
    {
        ReadOnlySpan<byte> bytes = Bytes(8);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    internal ReadOnlySpan<byte> Bytes(int count)
    {
        if (count < 0 || count > Remaining) throw Malformed("unexpected end");
        ReadOnlySpan<byte> bytes = _data.AsSpan(Position, count);
        Position += count;
        return bytes;
    }

    internal string Name()
    {
        long at = Offset;
        uint length = U32();
        if (length > (uint)Remaining) throw Malformed("unexpected end: length out of bounds", at);
        at = Offset;
        try
        {
            return Utf8.GetString(Bytes((int)length));
        }
        catch (DecoderFallbackException)
        {
            throw Malformed("malformed UTF-8 encoding", at);
        }
    }

    internal readonly WasmException Malformed(string message) => Malformed(message, Offset);

    internal static WasmException Malformed(string message, long offset) => new(WasmErrorKind.Malformed, message, offset);

    private ulong Unsigned(int bits)
    {
        long at = Offset;
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = Byte();
            int left = bits - shift;
            if (left < 7 && (part & 0x7F) >> left != 0 && (part & 0x80) == 0) throw Malformed("integer too large", at);
            if (left <= 7 && (part & 0x80) != 0) throw Malformed("integer representation too long", at);
            value |= (ulong)(part & 0x7F) << shift;
            if ((part & 0x80) == 0) return value;
        }
    }

    private long Signed(int bits)
    {
        long at = Offset;
        long value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = Byte();
            int left = bits - shift;
            if (left <= 7)
            {
                if ((part & 0x80) != 0) throw Malformed("integer representation too long", at);

                // The unused bits must repeat the sign.
                int unused = (sbyte)(part << 1) >> left;
                if (unused is not (0 or -1)) throw Malformed("integer too large", at);
            }

            value |= (long)(part & 0x7F) << shift;
            if ((part & 0x80) == 0) return shift + 7 < 64 ? value << (57 - shift) >> (57 - shift) : value;
        }
    }
}
