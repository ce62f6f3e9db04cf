using System.Buffers;
using System.Collections.Frozen;

namespace Sirsi.Clouds.Estates;

/// <summary>What an attribute says of its own resource.</summary>
/// <param name="IsIdentity">It is unique to it.</param>
/// <param name="IsLocator">Traffic finds it by this.</param>
/// <param name="NameRank">It is called so; 0 is best, -1 is no name.</param>
internal readonly record struct IdentityRole(bool IsIdentity, bool IsLocator, int NameRank);

/// <summary>Which attributes identify a resource, and which texts can be identities at all.</summary>
internal static class Identities
{
    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdef");

    /// <summary>Attributes that hold an identity of their own resource.</summary>
    private static readonly string[] Own =
        ["id", "arn", "self_link", "self_link_unique", "unique_id", "invoke_arn", "qualified_arn", "resource_id", "email", "member"];

    /// <summary>Names and addresses by which traffic finds a resource: DNS records and origins point to them.</summary>
    private static readonly string[] Located =
    [
        "dns_name", "domain_name", "fqdn", "endpoint", "address", "default_hostname", "default_host_name", "default_site_hostname",
        "website_endpoint", "website_domain", "bucket_domain_name", "bucket_regional_domain_name", "primary_blob_host", "primary_web_host",
        "ip_address", "public_ip", "public_ip_address", "cloudfront_domain_name", "host_name", "invoke_url", "reader_endpoint",
        "configuration_endpoint_address", "primary_endpoint_address", "host",
    ];

    /// <summary>Names a resource is called by in its cloud, best first.</summary>
    private static readonly string[] Called =
    [
        "name", "bucket", "identifier", "cluster_identifier", "replication_group_id", "display_name", "alarm_name", "account_id",
        "function_name", "repository_name", "cluster_id", "cluster_name", "domain_name", "domain", "family", "alias", "key_name", "secret_id",
        "db_name", "username",
    ];

    /// <summary>The last rank of <see cref="Called"/> that always means the resource itself; the others may name what it belongs to.</summary>
    public static int OwnNameRankLast { get; } = Array.IndexOf(Called, "account_id");

    private static readonly FrozenDictionary<string, IdentityRole> Roles = ((string[])[.. Own, .. Located, .. Called]).Distinct(StringComparer.Ordinal).ToFrozenDictionary(
        static name => name,
        static name => new IdentityRole(Array.IndexOf(Own, name) >= 0, Array.IndexOf(Located, name) >= 0, Array.IndexOf(Called, name)),
        StringComparer.Ordinal);

    /// <summary>What an attribute of this name says of its own resource; null when nothing.</summary>
    public static IdentityRole? RoleOf(string attribute) => Roles.TryGetValue(attribute, out IdentityRole role) ? role : null;

    /// <summary>
    /// Whether a text is an identity wherever it stands: long and made to be unique. Others (<c>web</c>, <c>default</c>) count only where
    /// an attribute is known to hold one.
    /// </summary>
    public static bool IsStrong(string text)
    {
        if (text.Length is < 8 or > 1024) return false;
        if (text.StartsWith("arn:", StringComparison.Ordinal) || text[0] == '/' || text.StartsWith("projects/", StringComparison.Ordinal))
            return true;
        if (text.EndsWith(".gserviceaccount.com", StringComparison.Ordinal)) return true;
        return text.StartsWith("https://", StringComparison.Ordinal) || text.StartsWith("//", StringComparison.Ordinal) || IsPrefixedId(text)
            || Guid.TryParseExact(text, "D", out _);
    }

    /// <summary><c>subnet-0a1b2c3d</c>: letters, a dash, 8 or 17 hexadecimal digits, as AWS numbers its things.</summary>
    private static bool IsPrefixedId(string text)
    {
        int dash = text.LastIndexOf('-');
        if (dash < 1 || text.Length - dash - 1 is not (8 or 17)) return false;
        return !text.AsSpan(dash + 1).ContainsAnyExcept(Hexadecimal);
    }

    /// <summary>
    /// The next wider thing an identity may be a part of: an Azure or Google path without its last pair of names, an ARN without
    /// what follows its last <c>:</c> or <c>/</c>. Empty when nothing wider is a resource.
    /// </summary>
    public static ReadOnlySpan<char> Wider(ReadOnlySpan<char> identity)
    {
        if (identity.StartsWith("arn:", StringComparison.Ordinal))
        {
            int colons = 0;
            for (int at = 0; at < identity.Length; at++)
                if (identity[at] == ':' && ++colons == 5)
                {
                    int cut = identity[(at + 1)..].LastIndexOfAny(':', '/');
                    return cut > 0 ? identity[..(at + 1 + cut)] : [];
                }

            return [];
        }

        int last = identity.LastIndexOf('/');
        int pair = last > 0 ? identity[..last].LastIndexOf('/') : -1;
        if (pair <= 0) return [];
        ReadOnlySpan<char> wider = identity[..pair];
        int providers = wider.IndexOf("/providers/", StringComparison.OrdinalIgnoreCase);
        if (identity[0] == '/') return providers >= 0 && wider[(providers + 11)..].Count('/') >= 2 ? wider : [];
        return wider.StartsWith("projects/", StringComparison.Ordinal) && wider.Count('/') >= 3 ? wider : [];
    }
}
