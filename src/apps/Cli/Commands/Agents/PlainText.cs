using System.Text;
using System.Text.Unicode;

namespace Sirsi.Cli.Commands.Agents;

/// <summary>What agents and guests say, so that it stays on its line and commands no terminal.</summary>
internal static class PlainText
{
    private const int BytesMax = 512;
    private const int HexBytesMax = 32;

    /// <summary>A text with a mark for each end of a line and each control character.</summary>
    public static string Of(string text)
    {
        string line = text.ReplaceLineEndings(" ⏎ ");
        return line.Any(char.IsControl) ? string.Concat(line.Select(static letter => char.IsControl(letter) ? '·' : letter)) : line;
    }

    /// <summary>The text where the bytes are one, else digits of base 16. What is long is cut.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return "–";
        ReadOnlySpan<byte> beginning = bytes[..Math.Min(bytes.Length, BytesMax)];
        // What was cut within a letter is text all the same.
        for (int back = 0; back < 4 && beginning.Length < bytes.Length && !Utf8.IsValid(beginning); back++) beginning = beginning[..^1];
        string cut = beginning.Length < bytes.Length ? "…" : "";
        bool isText = Utf8.IsValid(beginning) && beginning.IndexOfAnyInRange((byte)0, (byte)8) < 0 && beginning.IndexOfAnyInRange((byte)14, (byte)31) < 0;
        return isText
            ? Of(Encoding.UTF8.GetString(beginning)) + cut
            : $"0x{Convert.ToHexStringLower(bytes[..Math.Min(bytes.Length, HexBytesMax)])}{(bytes.Length > HexBytesMax ? "…" : "")}";
    }
}
