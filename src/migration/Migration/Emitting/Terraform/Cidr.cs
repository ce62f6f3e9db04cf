using System.Net;
using System.Numerics;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Address blocks in the notation 10.0.0.0/16.</summary>
internal static class Cidr
{
    /// <summary>Whether the text is an address block or a single address.</summary>
    public static bool IsOne(string text) => IPNetwork.TryParse(text, out _) || IPAddress.TryParse(text, out _);

    /// <summary>Whether the text is of the sixth version.</summary>
    public static bool IsV6(string text) => text.Contains(':', StringComparison.Ordinal);

    /// <summary>The text as a block: a single address gets its full prefix.</summary>
    public static string AsBlock(string text) =>
        text.Contains('/', StringComparison.Ordinal) ? text : IsV6(text) ? $"{text}/128" : $"{text}/32";

    /// <summary>The smallest block of version 4 that covers all the given ones, when it is /16 or smaller; else null.</summary>
    public static string? Covering(IEnumerable<string> blocks)
    {
        uint low = uint.MaxValue;
        uint high = 0;
        foreach (string block in blocks)
        {
            if (IsV6(block) || !IPNetwork.TryParse(block, out IPNetwork network)) continue;
            uint first = BigEndian(network.BaseAddress);
            low = Math.Min(low, first);
            high = Math.Max(high, first | (network.PrefixLength == 0 ? uint.MaxValue : ~(uint.MaxValue << (32 - network.PrefixLength))));
        }

        if (low > high) return null;
        int prefix = BitOperations.LeadingZeroCount(low ^ high);
        if (prefix < 16) return null;
        uint start = prefix == 32 ? low : low & (uint.MaxValue << (32 - prefix));
        return $"{start >> 24}.{(start >> 16) & 255}.{(start >> 8) & 255}.{start & 255}/{Math.Min(prefix, 28)}";
    }

    private static uint BigEndian(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        address.TryWriteBytes(bytes, out _);
        return ((uint)bytes[0] << 24) | ((uint)bytes[1] << 16) | ((uint)bytes[2] << 8) | bytes[3];
    }
}
