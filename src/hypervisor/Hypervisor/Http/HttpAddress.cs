using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Sirsi.Hypervisor.Http;

/// <summary>Addresses of requests, and the one form in which their hosts are compared.</summary>
internal static class HttpAddress
{
    /// <summary>Reads an absolute address of http or https; the problem is the end of a sentence and quotes nothing.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? address, [NotNullWhen(false)] out string? problem)
    {
        problem = !Uri.TryCreate(text, UriKind.Absolute, out address) ? "is not absolute" : Fault(address);
        return problem is null;
    }

    /// <summary>What makes it no address of a request; null when nothing does.</summary>
    public static string? Fault(Uri address) =>
        address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps ? "is not one of http or https"
        : address.UserInfo.Length > 0 ? "has user information; credentials go into a header"
        : address.IdnHost.Length == 0 ? "has no host"
        : null;

    /// <summary>The host in lower case, in ASCII; an IPv6 address without brackets.</summary>
    public static string HostOf(Uri address) => address.IdnHost.ToLowerInvariant();

    /// <summary>The same of a host by itself; null when it is none.</summary>
    public static string? HostOf(string host)
    {
        string inAddress = host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('[') ? $"[{host}]" : host;
        return host.AsSpan().IndexOfAny("/?#@\\") < 0 && Uri.TryCreate($"http://{inAddress}/", UriKind.Absolute, out Uri? address)
            && address.IsDefaultPort && address.IdnHost.Length > 0 && !inAddress.EndsWith(":80", StringComparison.Ordinal) ? HostOf(address) : null;
    }

    /// <summary>What a capability has to allow: the host, and the port unless it is the scheme's own.</summary>
    public static string AuthorityOf(Uri address)
    {
        string host = HostOf(address);
        if (address.HostNameType is UriHostNameType.IPv6) host = $"[{host}]";
        return address.IsDefaultPort ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{address.Port}");
    }

    /// <summary>Whether both lead to one server: scheme, host and port.</summary>
    public static bool IsSameOrigin(Uri one, Uri other) => one.Scheme == other.Scheme && one.Port == other.Port && HostOf(one) == HostOf(other);
}
