using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Security groups and their rules.</summary>
internal static class AwsFirewall
{
    public static void Group(Emission e)
    {
        e.Main(
            ("name", e.Name(255)), ("description", $"From {e.Node.Label}"), ("vpc_id", Aws.NetworkId(e)), ("tags", Aws.Tags(e)));
        int number = 0;
        bool outbound = false;
        foreach (FirewallRule rule in FirewallRule.Of(e))
        {
            number++;
            outbound |= !rule.Inbound;
            if (!rule.Allow)
            {
                e.Blocks.Comment($"Left out: a security group knows no deny rule ({rule.Protocol} {rule.Ports}).");
                continue;
            }

            HclValue[] peers = [.. e.Node.Related("network.firewall").Where(static node => node.Type == "aws_security_group").Select(
                static node => node["id"])];
            if (rule.Blocks.Count == 0 && peers.Length == 0)
            {
                e.Blocks.Comment($"Left out: the rule for {rule.Protocol} {rule.Ports} names no address block; add the group it admits.");
                continue;
            }

            int part = 0;
            foreach (string block in rule.Blocks) Write(e, rule, $"r{number}_{++part}", Cidr.IsV6(block) ? "cidr_ipv6" : "cidr_ipv4",
                block);
            if (rule.Blocks.Count == 0)
                foreach (HclValue peer in peers) Write(e, rule, $"r{number}_{++part}", "referenced_security_group_id", peer);
        }

        // Without rules of their own, Azure and Google let all traffic out; a security group that Terraform makes lets none out.
        if (!outbound) Write(e, new(false, true, "all", 0, 65_535, [], null), "out", "cidr_ipv4", "0.0.0.0/0");
    }

    private static void Write(Emission e, FirewallRule rule, string suffix, string peerAttribute, HclValue? peer) =>
        e.Extra(rule.Inbound ? "aws_vpc_security_group_ingress_rule" : "aws_vpc_security_group_egress_rule", suffix,
            ("security_group_id", e.Node["id"]),
            ("description", Description(rule)),
            ("ip_protocol", rule.Protocol is "all" ? "-1" : rule.Protocol),
            ("from_port", Port(rule, rule.FromPort)),
            ("to_port", Port(rule, rule.ToPort)),
            (peerAttribute, peer));

    private static HclValue? Port(FirewallRule rule, long port) => rule.Protocol switch { "all" => null, "icmp" => -1, _ => port };

    public static void Rule(Emission e)
    {
        TargetNode[] groups = [.. e.Node.Related("network.firewall").Where(static node => node.Type == "aws_security_group")];
        HclValue group = groups.FirstOrDefault()?["id"] ?? e.Variable("security_group_id", "Id of the security group it belongs to");
        int number = 0;
        foreach (FirewallRule rule in FirewallRule.Of(e))
        {
            if (!rule.Allow)
            {
                e.Blocks.Comment($"Left out: a security group knows no deny rule ({rule.Protocol} {rule.Ports}).");
                continue;
            }

            HclBody body = ++number == 1 ? e.Main() : e.Extra("aws_security_group_rule", $"r{number}").Body;
            string[] v4 = [.. rule.Blocks.Where(static block => !Cidr.IsV6(block))];
            string[] v6 = [.. rule.Blocks.Where(Cidr.IsV6)];
            body.With(
                ("type", rule.Inbound ? "ingress" : "egress"),
                ("security_group_id", group),
                ("description", Description(rule)),
                ("protocol", rule.Protocol is "all" ? "-1" : rule.Protocol),
                ("from_port", rule.Protocol switch { "all" => 0, "icmp" => -1, _ => rule.FromPort }),
                ("to_port", rule.Protocol switch { "all" => 0, "icmp" => -1, _ => rule.ToPort }),
                ("cidr_blocks", v4.Length > 0 ? Texts(v4) : null),
                ("ipv6_cidr_blocks", v6.Length > 0 ? Texts(v6) : null),
                ("source_security_group_id", rule.Blocks.Count > 0 ? null
                    : groups.Length > 1 ? groups[1]["id"] : e.Variable("peer_security_group_id", "Id of the security group it admits")));
        }

        if (number == 0) e.Blocks.Comment(
            $"{e.Node.Label}: the rule's ports and addresses are not known; add them to its security group by hand.");
    }

    // AWS accepts a small set of characters here.
    private static string? Description(FirewallRule rule) => rule.Description is not { } text ? null
        : new string([.. text.Take(255).Select(static c => char.IsAsciiLetterOrDigit(c)
            || " ._-:/()#,@[]+=&;{}!$*".Contains(c, StringComparison.Ordinal) ? c : ' ')]);
}
