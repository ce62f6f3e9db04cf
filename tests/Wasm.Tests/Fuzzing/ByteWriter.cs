using System.Text;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Tests.Fuzzing;

/// <summary>Writes the primitive parts of the binary format.</summary>
internal sealed class ByteWriter
{
    private readonly List<byte> _bytes = [];

    internal int Length => _bytes.Count;

    internal byte[] ToArray() => [.. _bytes];

    internal ByteWriter Byte(byte value)
    {
        _bytes.Add(value);
        return this;
    }

    internal ByteWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    internal ByteWriter Type(WasmValueType type) => Byte((byte)type);

    internal ByteWriter Unsigned(ulong value)
    {
        for (; value >= 0x80; value >>= 7) _bytes.Add((byte)(value | 0x80));
        return Byte((byte)value);
    }

    internal ByteWriter Signed(long value)
    {
        for (; value is < -64 or > 63; value >>= 7) _bytes.Add((byte)(value | 0x80));
        return Byte((byte)(value & 0x7F));
    }

    internal ByteWriter Name(string name)
    {
        byte[] text = Encoding.UTF8.GetBytes(name);
        return Unsigned((ulong)text.Length).Bytes(text);
    }

    internal ByteWriter Opcode(Opcode opcode)
    {
        int number = (int)opcode;
        if (number < 0x100) return Byte((byte)number);
        return number < 0x200
            ? Byte(0xFC).Unsigned((ulong)(number - 0x100))
            : Byte(0xFD).Unsigned((ulong)(number - 0x200));
    }

    /// <summary>Bytes with their number before them.</summary>
    internal ByteWriter Sized(byte[] bytes) => Unsigned((ulong)bytes.Length).Bytes(bytes);
}
