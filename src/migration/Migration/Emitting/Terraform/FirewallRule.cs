using Sirsi.Clouds.Estates;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>One entry of the <c>rules</c> fact of a firewall.</summary>
/// <param name="Inbound">Whether it is about traffic that comes in.</param>
/// <param name="Allow">Whether it admits.</param>
/// <param name="Protocol"><c>tcp</c>, <c>udp</c>, <c>icmp</c> or <c>all</c>.</param>
/// <param name="FromPort">The lowest port.</param>
/// <param name="ToPort">The highest port.</param>
/// <param name="Blocks">The address blocks on the other side; empty when it names none.</param>
/// <param name="Description">What people wrote about it.</param>
internal sealed record FirewallRule(
    bool Inbound, bool Allow, string Protocol, long FromPort, long ToPort, IReadOnlyList<string> Blocks, string? Description)
{
    /// <summary>Whether it is about every port.</summary>
    public bool AllPorts => Protocol is "all" or "icmp" || (FromPort == 0 && ToPort == 65_535);

    /// <summary>The port or range: <c>443</c>, <c>8000-8100</c>.</summary>
    public string Ports => FromPort == ToPort ? $"{FromPort}" : $"{FromPort}-{ToPort}";

    /// <summary>The rules of a resource; those for other protocols are named in a comment and left out.</summary>
    public static IEnumerable<FirewallRule> Of(Emission emission)
    {
        foreach (AttributeMap rule in emission.Maps("rules"))
        {
            string protocol = rule["protocol"].AsText ?? "all";
            if (protocol is not ("tcp" or "udp" or "icmp" or "all"))
            {
                // Written as any of the others it would open what the source keeps shut.
                emission.Blocks.Comment($"Left out: a rule for the protocol '{Emission.Line(protocol)}'; add it by hand.");
                continue;
            }

            string? description = rule["description"].AsText;
            yield return new FirewallRule(
                rule["direction"].AsText is not "out", rule["action"].AsText is not "deny", protocol,
                Math.Clamp(rule["fromPort"].AsWhole ?? 0, 0, 65_535),
                    Math.Clamp(rule["toPort"].AsWhole ?? rule["fromPort"].AsWhole ?? 65_535, 0, 65_535),
                [.. rule["sources"].AsList.Select(static source => source.AsText).OfType<string>().Where(Cidr.IsOne).Select(Cidr.AsBlock)],
                description is { Length: > 0 } && !SourceIdentity.IsIn(description) ? description : null);
        }
    }
}
