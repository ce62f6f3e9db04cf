namespace Sirsi.Wasm.Text;

/// <summary>Reads the integers of the text format (section 6.3.1).</summary>
internal static class WatNumber
{
    /// <summary>An unsigned number: digits or 0x and hexadecimal digits, with single underscores between digits.</summary>
    internal static bool TryMagnitude(ReadOnlySpan<char> text, out ulong value)
    {
        value = 0;
        bool isHex = text.Length > 2 && text[0] == '0' && text[1] == 'x';
        ReadOnlySpan<char> digits = isHex ? text[2..] : text;
        if (!AreDigits(digits, isHex)) return false;
        uint radix = isHex ? 16u : 10u;
        foreach (char digit in digits)
        {
            if (digit == '_') continue;
            UInt128 next = ((UInt128)value * radix) + (uint)HexValue(digit);
            if (next > ulong.MaxValue) return false;
            value = (ulong)next;
        }

        return true;
    }

    /// <summary>A number of <paramref name="bits"/> bits, signed or not: -2^(n-1) to 2^n - 1; negative ones as two's complement.</summary>
    internal static bool TryInteger(ReadOnlySpan<char> text, int bits, out ulong value)
    {
        bool isNegative = text.Length > 0 && text[0] == '-';
        bool hasSign = isNegative || (text.Length > 0 && text[0] == '+');
        if (!TryMagnitude(hasSign ? text[1..] : text, out value)) return false;
        ulong most = bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;
        ulong mostNegative = 1UL << (bits - 1);
        if (value > (isNegative ? mostNegative : most)) return false;
        if (isNegative) value = unchecked(0 - value) & most;
        return true;
    }

    /// <summary>Whether a text is digits with single underscores between them.</summary>
    internal static bool AreDigits(ReadOnlySpan<char> text, bool isHex)
    {
        bool wasDigit = false;
        foreach (char one in text)
        {
            bool isDigit = isHex ? char.IsAsciiHexDigit(one) : char.IsAsciiDigit(one);
            if (!isDigit && (one != '_' || !wasDigit)) return false;
            wasDigit = isDigit;
        }

        return wasDigit;
    }

    internal static int HexValue(char digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
