using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Sirsi.Wasm.Text;

/// <summary>
/// Reads and writes the floating-point numbers of the text format (section 6.3.2) of one width, as bits. Rounds to the nearest, ties to
/// even; what would round to infinity is refused, as the specification asks for.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct WatFloat
{
    /// <summary>binary32.</summary>
    internal static readonly WatFloat Single = new(24, 127);

    /// <summary>binary64.</summary>
    internal static readonly WatFloat Double = new(53, 1023);

    private const long ExponentBound = 1L << 40;

    private readonly int _precision;
    private readonly int _bias;

    private WatFloat(int precision, int bias)
    {
        _precision = precision;
        _bias = bias;
    }

    private int FractionBits => _precision - 1;

    private ulong Infinity => (ulong)((2 * _bias) + 1) << FractionBits;

    private ulong Sign => (Infinity + (1UL << FractionBits)) & ~Infinity;

    internal bool TryParse(ReadOnlySpan<char> text, out ulong bits)
    {
        bits = 0;
        if (text.IsEmpty) return false;
        bool isNegative = text[0] == '-';
        ReadOnlySpan<char> magnitude = isNegative || text[0] == '+' ? text[1..] : text;
        if (!TryMagnitude(magnitude, out bits)) return false;
        if (isNegative) bits |= Sign;
        return true;
    }

    /// <summary>The shortest text that reads back as the same bits.</summary>
    internal string Format(ulong bits)
    {
        string sign = (bits & Sign) != 0 ? "-" : "";
        ulong magnitude = bits & ~Sign;
        if (magnitude < Infinity)
        {
            return _precision == 24
                ? BitConverter.UInt32BitsToSingle((uint)bits).ToString("R", CultureInfo.InvariantCulture)
                : BitConverter.UInt64BitsToDouble(bits).ToString("R", CultureInfo.InvariantCulture);
        }

        ulong payload = magnitude - Infinity;
        if (payload == 0) return sign + "inf";
        return payload == 1UL << (FractionBits - 1) ? sign + "nan" : $"{sign}nan:0x{payload:x}";
    }

    private bool TryMagnitude(ReadOnlySpan<char> text, out ulong bits)
    {
        bits = Infinity;
        if (text.SequenceEqual("inf")) return true;
        if (text.SequenceEqual("nan"))
        {
            bits |= 1UL << (FractionBits - 1);
            return true;
        }

        if (text.StartsWith("nan:0x"))
        {
            if (!WatNumber.TryMagnitude(text[4..], out ulong payload) || payload == 0 || payload >= 1UL << FractionBits) return false;
            bits |= payload;
            return true;
        }

        return text.StartsWith("0x") ? TryHex(text[2..], out bits) : TryDecimal(text, out bits);
    }

    private bool TryDecimal(ReadOnlySpan<char> text, out ulong bits)
    {
        bits = 0;
        if (!TrySplit(text, 'e', isHex: false, out ReadOnlySpan<char> whole, out ReadOnlySpan<char> fraction, out ReadOnlySpan<char> exponent))
            return false;
        string mark = exponent.IsEmpty ? "" : "e";
        string plain = $"{whole}.{(fraction.IsEmpty ? "0" : fraction)}{mark}{exponent}".Replace("_", "", StringComparison.Ordinal);
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (_precision == 24)
        {
            if (!float.TryParse(plain, Style, CultureInfo.InvariantCulture, out float single)) return false;
            bits = BitConverter.SingleToUInt32Bits(single);
        }
        else
        {
            if (!double.TryParse(plain, Style, CultureInfo.InvariantCulture, out double number)) return false;
            bits = BitConverter.DoubleToUInt64Bits(number);
        }

        return bits < Infinity;
    }

    private bool TryHex(ReadOnlySpan<char> text, out ulong bits)
    {
        bits = 0;
        if (!TrySplit(text, 'p', isHex: true, out ReadOnlySpan<char> whole, out ReadOnlySpan<char> fraction, out ReadOnlySpan<char> exponent))
            return false;
        ulong digits = 0;
        bool more = false;
        long scale = Exponent(exponent);
        Append(whole, isFraction: false, ref digits, ref more, ref scale);
        Append(fraction, isFraction: true, ref digits, ref more, ref scale);
        return digits == 0 || TryRound(digits, more, scale, out bits);
    }

    /// <summary>Takes up to 60 significant bits of digits; of those behind them only whether one is not zero.</summary>
    private static void Append(ReadOnlySpan<char> text, bool isFraction, ref ulong digits, ref bool more, ref long scale)
    {
        foreach (char digit in text)
        {
            if (digit == '_') continue;
            int value = WatNumber.HexValue(digit);
            if (digits < 1UL << 56)
            {
                digits = (digits << 4) | (uint)value;
                if (isFraction) scale -= 4;
            }
            else
            {
                more |= value != 0;
                if (!isFraction) scale += 4;
            }
        }
    }

    /// <summary>Rounds digits · 2^scale, a little more when <paramref name="more"/>, to this format.</summary>
    private bool TryRound(ulong digits, bool more, long scale, out ulong bits)
    {
        bits = 0;
        int length = 64 - BitOperations.LeadingZeroCount(digits);
        if (scale + length - 1 > _bias) return false;
        long last = Math.Max(scale + length - _precision, 1L - _bias - FractionBits);
        long shift = last - scale;
        if (shift > 64) return true;
        ulong kept;
        if (shift <= 0)
        {
            kept = digits << (int)-shift;
        }
        else
        {
            UInt128 all = digits;
            kept = (ulong)(all >> (int)shift);
            UInt128 rest = all - ((UInt128)kept << (int)shift);
            UInt128 half = UInt128.One << (int)(shift - 1);
            if (rest > half || (rest == half && (more || (kept & 1) != 0))) kept++;
        }

        // A carry out of the fraction goes into the exponent by itself; so does the step from subnormal to normal.
        long exponent = last + FractionBits + _bias;
        bits = kept < 1UL << FractionBits ? kept : ((ulong)exponent << FractionBits) + (kept - (1UL << FractionBits));
        return bits < Infinity;
    }

    /// <summary>digits [. [digits]] [e [sign] digits]</summary>
    private static bool TrySplit(
        ReadOnlySpan<char> text, char mark, bool isHex,
        out ReadOnlySpan<char> whole, out ReadOnlySpan<char> fraction, out ReadOnlySpan<char> exponent)
    {
        fraction = exponent = default;
        int end = text.IndexOfAny(mark, char.ToUpperInvariant(mark));
        whole = end < 0 ? text : text[..end];
        if (end >= 0)
        {
            exponent = text[(end + 1)..];
            ReadOnlySpan<char> digits = exponent.Length > 0 && exponent[0] is '+' or '-' ? exponent[1..] : exponent;
            if (!WatNumber.AreDigits(digits, isHex: false)) return false;
        }

        int point = whole.IndexOf('.');
        if (point < 0) return WatNumber.AreDigits(whole, isHex);
        fraction = whole[(point + 1)..];
        whole = whole[..point];
        return WatNumber.AreDigits(whole, isHex) && (fraction.IsEmpty || WatNumber.AreDigits(fraction, isHex));
    }

    private static long Exponent(ReadOnlySpan<char> text)
    {
        long value = 0;
        foreach (char digit in text)
            if (char.IsAsciiDigit(digit)) value = Math.Min((value * 10) + (digit - '0'), ExponentBound);
        return text.Length > 0 && text[0] == '-' ? -value : value;
    }
}
