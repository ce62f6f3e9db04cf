using System.Runtime.CompilerServices;

namespace Sirsi.Bus.Schemas.Walking;

/// <content>Tags, varints, lengths and fixed values.</content>
internal ref partial struct PayloadWalker
{
    private const int VarintBytesMax = 10;

    // Tags and lengths are numbers of 32 bits, and readers in C++ take no more bytes for them.
    private const int ShortVarintBytesMax = 5;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Tag(int end, out uint number, out WireType wire)
    {
        uint tag = _payload[_at];
        if (tag < 0x80)
        {
            _at++;
        }
        else if (!ShortVarint(end, PayloadFaultKind.InvalidTag, "the tag", out tag))
        {
            number = 0;
            wire = default;
            return false;
        }

        number = tag >> 3;
        wire = (WireType)(tag & 7);
        return number != 0 || ZeroNumber();
    }

    private bool ZeroNumber() => Fail(PayloadFaultKind.InvalidTag, _at - 1, "field number 0 is none, but stands in the tag that ends");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Varint(int end)
    {
        if (_at < end && _payload[_at] < 0x80)
        {
            _at++;
            return true;
        }

        return LongVarint(end);
    }

    private bool LongVarint(int end)
    {
        ReadOnlySpan<byte> bytes = _payload[_at..end];
        for (int i = 0; i < bytes.Length; i++)
        {
            if (i == VarintBytesMax) return Fail(PayloadFaultKind.VarintOverflow, _at, "a varint has more than ten bytes");
            if (bytes[i] >= 0x80) continue;
            if (i == VarintBytesMax - 1 && bytes[i] > 1) return Fail(PayloadFaultKind.VarintOverflow, _at, "a varint has more than 64 bits");
            _at += i + 1;
            return true;
        }

        return Cut("a varint");
    }

    /// <summary>The end of the value whose length stands at the cursor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Length(int end, out int valueEnd)
    {
        int start = _at;
        uint length = _at < end ? _payload[_at] : 0x80u;
        if (length < 0x80)
        {
            _at++;
        }
        else if (!ShortVarint(end, PayloadFaultKind.InvalidLength, "the length", out length))
        {
            valueEnd = 0;
            return false;
        }

        valueEnd = (int)Math.Min(_at + (long)length, int.MaxValue);
        return length <= (uint)(end - _at) || BadLength(length, start, end);
    }

    private bool BadLength(uint length, int start, int end) => length > int.MaxValue
        ? Fail(PayloadFaultKind.InvalidLength, start, $"the length is {length}, beyond 2 GiB,")
        : Fail(PayloadFaultKind.Truncated, start, $"{length} bytes are announced where {end - _at} are left,");

    private bool ShortVarint(int end, PayloadFaultKind kind, string what, out uint value)
    {
        value = 0;
        ReadOnlySpan<byte> bytes = _payload[_at..end];
        for (int i = 0; i < bytes.Length; i++)
        {
            if (i == ShortVarintBytesMax) return Fail(kind, _at, $"{what} has more than five bytes");
            byte b = bytes[i];
            if (i == ShortVarintBytesMax - 1 && (b & 0x7F) > 0xF) return Fail(kind, _at, $"{what} has more than 32 bits");
            value |= (uint)(b & 0x7F) << (7 * i);
            if (b >= 0x80) continue;
            _at += i + 1;
            return true;
        }

        return Cut(what);
    }

    private bool Fixed(int size, int end)
    {
        if (end - _at < size) return Cut("a value of fixed size");
        _at += size;
        return true;
    }

    private bool Cut(string what) => Fail(PayloadFaultKind.Truncated, _at, $"{what} is cut off that begins");
}
