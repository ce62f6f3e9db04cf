using System.Buffers.Binary;

namespace Sirsi.Core.Identity;

/// <summary>128 bits as 26 digits of Crockford's base 32, most significant first: text sorts as the number does.</summary>
internal static class IdText
{
    public const int Digits = 26;

    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    public static void Write(Guid value, Span<char> text)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        UInt128 number = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        for (int i = Digits - 1; i >= 0; i--)
        {
            text[i] = Alphabet[(int)((ulong)number & 31)];
            number >>= 5;
        }
    }

    public static bool TryRead(ReadOnlySpan<char> text, out Guid value)
    {
        value = default;
        // 26 digits carry 130 bits; a first digit above 7 does not fit.
        if (text.Length != Digits || text[0] > '7') return false;
        UInt128 number = 0;
        foreach (char c in text)
        {
            int digit = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0) return false;
            number = (number << 5) | (uint)digit;
        }
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        value = new Guid(bytes, bigEndian: true);
        return true;
    }
}
