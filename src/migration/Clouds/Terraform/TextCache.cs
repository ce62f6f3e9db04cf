using System.Buffers.Binary;
using System.Text;

namespace Sirsi.Clouds.Terraform;

/// <summary>
/// Gives the same string for the same UTF-8 bytes most of the time: a direct-mapped cache, so its memory is bounded and no input can
/// make it slow. States repeat names, types, regions and ids over and over. Not thread-safe.
/// </summary>
internal sealed class TextCache(int slotBits = 15)
{
    private const int LongestKept = 160;

    private readonly string?[] _slots = new string?[1 << slotBits];

    /// <summary>The text of <paramref name="utf8"/>, which holds no escapes; bytes that are no UTF-8 become replacement characters.</summary>
    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty) return "";
        if (utf8.Length > LongestKept) return Encoding.UTF8.GetString(utf8);
        ref string? slot = ref _slots[Hash(utf8) >> (32 - slotBits)];
        if (slot is { } kept && Ascii.Equals(utf8, kept)) return kept;
        string text = Encoding.UTF8.GetString(utf8);
        slot = text;
        return text;
    }

    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        const ulong multiplier = 0x9E37_79B9_7F4A_7C15;
        ulong hash = (ulong)bytes.Length * multiplier;
        for (; bytes.Length >= 8; bytes = bytes[8..])
            hash = Mixed(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        ulong tail = 0;
        foreach (byte value in bytes) tail = (tail << 8) | value;
        hash = Mixed(hash ^ tail);
        return (uint)(hash >> 32);

        static ulong Mixed(ulong value)
        {
            value *= multiplier;
            return value ^ (value >> 29);
        }
    }
}
