using System.Buffers.Binary;
using System.Text;

namespace Sirsi.Wasm.Text;

/// <summary>Writes the primitive parts of the binary format into a growing buffer.</summary>
internal sealed class ByteWriter
{
    internal static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private byte[] _bytes = new byte[64];

    internal int Length { get; private set; }

    internal ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    internal void Clear() => Length = 0;

    internal void Byte(byte value)
    {
        if (Length == _bytes.Length) Array.Resize(ref _bytes, Length * 2);
        _bytes[Length++] = value;
    }

    internal void Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    internal void U32(uint value) => U64(value);

    internal void U64(ulong value)
    {
        while (value >= 0x80)
        {
            Byte((byte)(value | 0x80));
            value >>= 7;
        }

        Byte((byte)value);
    }

    internal void S64(long value)
    {
        while (value is < -64 or > 63)
        {
            Byte((byte)(value | 0x80));
            value >>= 7;
        }

        Byte((byte)(value & 0x7F));
    }

    internal void Fixed32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Room(4), value);
        Length += 4;
    }

    internal void Fixed64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);
        Length += 8;
    }

    /// <summary>A length and so many bytes.</summary>
    internal void Vector(ReadOnlySpan<byte> bytes)
    {
        U32((uint)bytes.Length);
        Bytes(bytes);
    }

    internal void Name(string name) => Vector(Utf8.GetBytes(name));

    /// <summary>Appends text as UTF-8; false when it holds half a surrogate pair.</summary>
    internal bool TryText(ReadOnlySpan<char> text)
    {
        try
        {
            int length = Utf8.GetByteCount(text);
            Utf8.GetBytes(text, Room(length));
            Length += length;
            return true;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }

    /// <summary>Moves all from <paramref name="start"/> on to the end of another writer.</summary>
    internal void MoveTo(ByteWriter target, int start)
    {
        target.Bytes(_bytes.AsSpan(start, Length - start));
        Length = start;
    }

    private Span<byte> Room(int length)
    {
        if (_bytes.Length - Length < length)
            Array.Resize(ref _bytes, (int)Math.Max(Math.Min(_bytes.Length * 2L, Array.MaxLength), Length + (long)length));
        return _bytes.AsSpan(Length, length);
    }
}
