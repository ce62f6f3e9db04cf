using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>
/// Firewall rules. What a security group was to machines, a network tag is here: its rules apply to machines that carry the tag.
/// </summary>
internal static class GcpFirewall
{
    public static void Firewall(Emission e)
    {
        TargetNode group = e.Node.Kind == "network.rule" && e.Node.First("network.firewall") is { } owner ? owner : e.Node;
        TargetNode[] peers = [.. e.Node.Related("network.firewall").Where(node => node != group)];
        int number = 0;
        foreach (FirewallRule rule in FirewallRule.Of(e))
        {
            string[] v4 = [.. rule.Blocks.Where(static block => !Cidr.IsV6(block))];
            string[] v6 = [.. rule.Blocks.Where(Cidr.IsV6)];
            if (rule.Blocks.Count == 0 && (peers.Length == 0 || !rule.Inbound))
            {
                e.Blocks.Comment($"Left out: the rule for {rule.Protocol} {rule.Ports} names no address block; add the tags it is about.");
                continue;
            }

            if (v4.Length > 0) Write(e, group, rule, ++number, v4, null);
            if (v6.Length > 0) Write(e, group, rule, ++number, v6, null);
            if (rule.Blocks.Count == 0) Write(e, group, rule, ++number, [], Texts(peers.Select(Gcp.Tag).Distinct(StringComparer.Ordinal)));
        }

        if (number == 0) e.Blocks.Comment(
            $"{e.Node.Label}: no rule to write; without rules Google Cloud lets nothing in and everything out.");
    }

    private static void Write(Emission e, TargetNode group, FirewallRule rule, int number, string[] ranges, HclValue? sourceTags)
    {
        HclBody body = number == 1 ? e.Main() : e.Extra("google_compute_firewall", $"r{number}").Body;
        body.With(
            ("name", e.Module.CloudName("google_compute_firewall", $"{Gcp.Tag(e.Node)}-{number}", 63, "-")),
            ("network", Gcp.NetworkId(e)),
            ("description", rule.Description),
            ("direction", rule.Inbound ? "INGRESS" : "EGRESS"),
            ("priority", e.Node.Facts["priority"].AsWhole is >= 0 and <= 65_535 and var priority ? priority : 1_000),
            (rule.Inbound ? "source_ranges" : "destination_ranges", ranges.Length > 0 ? Texts(ranges) : null),
            ("source_tags", sourceTags),
            ("target_tags", Texts(Gcp.Tag(group))));
        body.Block(rule.Allow ? "allow" : "deny",
            ("protocol", rule.Protocol), ("ports", rule.Protocol is "tcp" or "udp" && !rule.AllPorts ? Texts(rule.Ports) : null));
    }
}
