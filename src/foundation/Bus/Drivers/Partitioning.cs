using System.IO.Hashing;
using System.Text;

namespace Sirsi.Bus.Drivers;

/// <summary>Which partition a key belongs to: the same in every process and for ever.</summary>
public static class Partitioning
{
    /// <summary>XXH3, 64 bits, seed 0, of the key's UTF-8 bytes; never 0.</summary>
    public static ulong HashOf(ReadOnlySpan<byte> key)
    {
        ulong hash = XxHash3.HashToUInt64(key);
        return hash == 0 ? 1 : hash;
    }

    /// <summary>The partition, from 0, of a key.</summary>
    public static int PartitionOf(string key, int partitions)
    {
        ArgumentNullException.ThrowIfNull(key);
        Span<byte> utf8 = key.Length <= 255 ? stackalloc byte[3 * 255] : new byte[3 * key.Length];
        return PartitionOf(HashOf(utf8[..Encoding.UTF8.GetBytes(key, utf8)]), partitions);
    }

    /// <summary>The partition, from 0, of a key with this hash.</summary>
    public static int PartitionOf(ulong keyHash, int partitions) => (int)(keyHash % (uint)partitions);
}
