using System.Buffers;
using System.Runtime.InteropServices;

namespace Sirsi.Bus.Leases;

/// <summary>Writes the numbers of cells: varints as protobuf has them, and ids as 16 bytes.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly ref struct VarintWriter(ArrayBufferWriter<byte> into)
{
    public void Number(long value)
    {
        Span<byte> bytes = into.GetSpan(10);
        ulong rest = (ulong)value;
        int length = 0;
        for (; rest > 0x7F; rest >>= 7) bytes[length++] = (byte)(rest | 0x80);
        bytes[length++] = (byte)rest;
        into.Advance(length);
    }

    public void Id(Guid id)
    {
        _ = id.TryWriteBytes(into.GetSpan(16), bigEndian: true, out _);
        into.Advance(16);
    }
}

/// <summary>Reads them; what is not there reads as 0 and is told by <see cref="IsBroken"/>.</summary>
[StructLayout(LayoutKind.Auto)]
internal ref struct VarintReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public bool IsBroken { get; private set; }

    public long Number()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64 && !_rest.IsEmpty; shift += 7)
        {
            byte part = _rest[0];
            _rest = _rest[1..];
            value |= (ulong)(part & 0x7F) << shift;
            if (part <= 0x7F) return (long)value;
        }

        IsBroken = true;
        return 0;
    }

    /// <summary>A count of things of which each takes at least so many bytes: never more than there can be.</summary>
    public int Count(int bytesMin)
    {
        long count = Number();
        if (count >= 0 && count <= _rest.Length / bytesMin) return (int)count;
        IsBroken = true;
        return 0;
    }

    public Guid Id()
    {
        if (_rest.Length < 16)
        {
            IsBroken = true;
            return Guid.Empty;
        }

        var id = new Guid(_rest[..16], bigEndian: true);
        _rest = _rest[16..];
        return id;
    }
}
