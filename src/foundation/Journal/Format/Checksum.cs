using System.Buffers.Binary;
using System.Numerics;

namespace Sirsi.Journal.Format;

/// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4), by the processor's instruction where it has one.</summary>
internal static class Checksum
{
    /// <summary>The checksum of <paramref name="bytes"/>, going on from <paramref name="before"/>, the checksum of what precedes them.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes, uint before = 0)
    {
        uint state = ~before;
        while (bytes.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte one in bytes) state = BitOperations.Crc32C(state, one);
        return ~state;
    }
}
