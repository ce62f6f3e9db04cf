using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Sirsi.Hypervisor.Capabilities;

namespace Sirsi.Hypervisor.Secrets;

/// <summary>
/// To which hosts a secret may go: any, or those it is bound to. A host is written as in the capability <c>net.http</c>: <c>api.example.com</c> for the scheme's own port, <c>api.example.com:8443</c>, <c>api.example.com:*</c>, and
/// <c>*.example.com</c> for every name with one part more. Immutable.
/// </summary>
public sealed partial class SecretHosts
{
    /// <summary>The most hosts of a secret.</summary>
    public const int CountMax = 32;

    /// <summary>The most characters of a host with its port.</summary>
    public const int HostLengthMax = 255;

    private SecretHosts(ImmutableArray<string> names) => Names = names;

    /// <summary>It may go to any host.</summary>
    public static SecretHosts Any { get; } = new([]);

    /// <summary>Whether it may go to any host.</summary>
    public bool IsAny => Names.IsEmpty;

    /// <summary>The hosts it is bound to, in ordinal order; none for any.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>These hosts, in ordinal order; any when there are none. Upper case is read as lower case.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.SecretHostInvalid"/>: one is no host, or there are more than <see cref="CountMax"/>.</exception>
    public static SecretHosts Of(params IEnumerable<string> hosts)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        ImmutableArray<string> read = [.. hosts.Select(static host => host.ToLowerInvariant()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        foreach (string host in read)
        {
            if (host.Length > HostLengthMax || !Host().IsMatch(host))
                throw new HypervisorException(HypervisorErrors.SecretHostInvalid, $"'{(host.Length > HostLengthMax ? host[..HostLengthMax] + "…" : host)}' is no host that a secret can be bound to.");
        }

        if (read.Length > CountMax) throw new HypervisorException(HypervisorErrors.SecretHostInvalid, $"A secret is bound to at most {CountMax} hosts; these are {read.Length}.");
        return read.IsEmpty ? Any : new SecretHosts(read);
    }

    /// <summary>Whether it may go to a server.</summary>
    /// <param name="host">In lower case and ASCII, with its port unless that is the scheme's own; null for what goes to no server.</param>
    public bool Allows(string? host)
    {
        if (IsAny) return true;
        foreach (string pattern in Names)
            if (host is not null && ScopePattern.Matches(pattern, host)) return true;
        return false;
    }

    /// <summary>The hosts with commas between them, or "any host".</summary>
    public override string ToString() => IsAny ? "any host" : string.Join(", ", Names);

    [GeneratedRegex(@"^((\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*|\[[0-9a-f:.]+\])(:([0-9]{1,5}|\*))?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Host();
}
