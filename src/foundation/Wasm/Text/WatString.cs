using System.Globalization;
using System.Text;

namespace Sirsi.Wasm.Text;

/// <summary>The bytes a string of the text format stands for (section 6.3.3), in both directions.</summary>
internal static class WatString
{
    private const string Hex = "0123456789abcdef";

    /// <summary>Appends the bytes of a string literal, quotes included; an error message, or null.</summary>
    internal static string? Decode(ReadOnlySpan<char> literal, ByteWriter into)
    {
        ReadOnlySpan<char> rest = literal[1..^1];
        while (rest.Length > 0)
        {
            int escape = rest.IndexOf('\\');
            ReadOnlySpan<char> plain = escape < 0 ? rest : rest[..escape];
            if (plain.IndexOfAnyInRange('\0', '\u001f') >= 0 || plain.Contains('\u007f')) return "illegal character in a string";
            if (!into.TryText(plain)) return "malformed UTF-8 encoding";
            if (escape < 0) return null;
            int length = Escape(rest[(escape + 1)..], into);
            if (length == 0) return "unknown escape in a string";
            rest = rest[(escape + 1 + length)..];
        }

        return null;
    }

    /// <summary>Writes bytes as a literal: printable ASCII as it is, everything else escaped.</summary>
    internal static void Write(TextWriter output, ReadOnlySpan<byte> bytes)
    {
        output.Write('"');
        foreach (byte one in bytes)
        {
            if (one is (byte)'"' or (byte)'\\') output.Write('\\');
            if (one is >= 0x20 and < 0x7F)
            {
                output.Write((char)one);
                continue;
            }

            output.Write('\\');
            output.Write(Hex[one >> 4]);
            output.Write(Hex[one & 15]);
        }

        output.Write('"');
    }

    /// <summary>Writes a name as a literal: what can be read stays as it is.</summary>
    internal static void WriteName(TextWriter output, string name)
    {
        output.Write('"');
        foreach (Rune rune in name.EnumerateRunes())
        {
            if (rune.Value is '"' or '\\') output.Write('\\');
            bool readable = rune.Value >= 0x20 && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator);
            if (readable) output.Write(rune.ToString());
            else output.Write($"\\u{{{rune.Value:x}}}");
        }

        output.Write('"');
    }

    /// <summary>Decodes what stands behind a backslash; how many characters that took, 0 when it is no escape.</summary>
    private static int Escape(ReadOnlySpan<char> rest, ByteWriter into)
    {
        if (rest.IsEmpty) return 0;
        int simple = rest[0] switch { 't' => 9, 'n' => 10, 'r' => 13, '"' or '\'' or '\\' => rest[0], _ => -1 };
        if (simple >= 0)
        {
            into.Byte((byte)simple);
            return 1;
        }

        if (rest[0] != 'u')
        {
            if (rest.Length < 2 || !char.IsAsciiHexDigit(rest[0]) || !char.IsAsciiHexDigit(rest[1])) return 0;
            into.Byte(byte.Parse(rest[..2], NumberStyles.AllowHexSpecifier));
            return 2;
        }

        int close = rest.IndexOf('}');
        if (rest.Length < 4 || rest[1] != '{' || close < 3) return 0;
        if (!WatNumber.TryMagnitude($"0x{rest[2..close]}", out ulong code) || code > 0x10FFFF || !Rune.IsValid((int)code)) return 0;
        Span<char> units = stackalloc char[2];
        into.TryText(units[..new Rune((int)code).EncodeToUtf16(units)]);
        return close + 1;
    }
}
