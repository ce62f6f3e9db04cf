using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Sirsi.Hypervisor.Http;

/// <summary>Which addresses are not for agents. Only what is reached through the public internet is; an IPv6 form that carries an IPv4 address is judged by that.</summary>
internal static class AddressRules
{
    private static readonly Block[] Blocks =
    [
        new("0.0.0.0/8", "unspecified"),
        new("10.0.0.0/8", "private"),
        new("100.64.0.0/10", "private"),
        new("127.0.0.0/8", "loopback"),
        new("168.63.129.16/32", "a cloud's metadata"),
        new("169.254.169.254/32", "a cloud's metadata"),
        new("169.254.0.0/16", "link-local"),
        new("172.16.0.0/12", "private"),
        new("192.0.0.0/24", "a cloud's metadata"),
        new("192.168.0.0/16", "private"),
        new("198.18.0.0/15", "private"),
        new("224.0.0.0/4", "multicast"),
        new("255.255.255.255/32", "broadcast"),
        new("240.0.0.0/4", "reserved"),
        new("::/128", "unspecified"),
        new("::1/128", "loopback"),
        new("64:ff9b:1::/48", "private"),
        new("100::/64", "reserved"),
        new("2001::/32", "a tunnel"),
        new("fd00:ec2::254/128", "a cloud's metadata"),
        new("fc00::/7", "private"),
        new("fe80::/10", "link-local"),
        new("fec0::/10", "private"),
        new("ff00::/8", "multicast"),
    ];

    /// <summary>IPv6 prefixes behind which an IPv4 address begins: compatible, mapped, translated, NAT64, 6to4.</summary>
    private static readonly Block[] Carriers = [new("::/96", ""), new("::ffff:0:0/96", ""), new("::ffff:0:0:0/96", ""), new("64:ff9b::/96", ""), new("2002::/16", "")];

    /// <summary>What an address is that agents may not reach; null when they may.</summary>
    public static string? Refusal(IPAddress address)
    {
        byte[] bytes = address.GetAddressBytes();
        foreach (Block block in Blocks)
            if (block.Contains(bytes)) return block.Kind;
        if (address.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)) return "of an unknown kind";
        foreach (Block carrier in Carriers)
            if (carrier.Contains(bytes)) return Refusal(new IPAddress(bytes.AsSpan(carrier.Length / 8, 4)));
        return null;
    }

    /// <summary>Addresses that begin alike.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly struct Block
    {
        private readonly byte[] _prefix;

        public Block(string network, string kind)
        {
            IPNetwork parsed = IPNetwork.Parse(network);
            (_prefix, Length, Kind) = (parsed.BaseAddress.GetAddressBytes(), parsed.PrefixLength, kind);
        }

        /// <summary>In bits.</summary>
        public int Length { get; }

        public string Kind { get; }

        public bool Contains(ReadOnlySpan<byte> address)
        {
            if (address.Length != _prefix.Length) return false;
            int whole = Length / 8, rest = Length % 8;
            return address[..whole].SequenceEqual(_prefix.AsSpan(0, whole)) && (rest == 0 || (address[whole] ^ _prefix[whole]) >> (8 - rest) == 0);
        }
    }
}
