using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Network security groups and their rules.</summary>
internal static class AzureFirewall
{
    public static void Group(Emission e)
    {
        HclBody group = Azure.Main(e, e.Name(80), ("tags", Azure.Tags(e)));
        int number = 0;
        foreach ((FirewallRule rule, IReadOnlyList<string> blocks) in ByFamily(FirewallRule.Of(e)).Take(380))
        {
            number++;
            if (rule.Inbound && blocks.Count == 0)
                group.Comment($"Rule {number} admitted members of another group; here it admits the network. Narrow it to their subnets.");
            Write(group.Block("security_rule"), rule, blocks, $"r{number}", 100 + (10 * number));
        }
    }

    public static void Rule(Emission e)
    {
        TargetNode? group = e.Node.FirstOf("azurerm_network_security_group");
        int number = 0;
        // Priorities are unique in a group; neighbours in the estate differ, and those of the group's own rules end at 3,900.
        int priority = 3_901 - 1_000 + (e.Node.Index % 1_000);
        foreach ((FirewallRule rule, IReadOnlyList<string> blocks) in ByFamily(FirewallRule.Of(e)).Take(8))
        {
            HclBody body = ++number == 1 ? e.Main() : e.Extra("azurerm_network_security_rule", $"r{number}").Body;
            body.With(
                ("resource_group_name", group?["resource_group_name"] ?? Azure.Group(e)["name"]),
                ("network_security_group_name",
                group?["name"] ?? e.Variable("security_group_name", "Name of the security group it belongs to")));
            Write(body, rule, blocks, $"{e.Name(60)}-{number}",
                e.Node.Facts["priority"].AsWhole is >= 100 and <= 4_096 and var own ? own + number - 1 : priority);
        }

        if (number == 0) e.Blocks.Comment(
            $"{e.Node.Label}: the rule's ports and addresses are not known; add them to its security group by hand.");
    }

    // One rule holds addresses of one version of the protocol only.
    private static IEnumerable<(FirewallRule Rule, IReadOnlyList<string> Blocks)> ByFamily(IEnumerable<FirewallRule> rules)
    {
        foreach (FirewallRule rule in rules)
        {
            string[] v4 = [.. rule.Blocks.Where(static block => !Cidr.IsV6(block))];
            string[] v6 = [.. rule.Blocks.Where(Cidr.IsV6)];
            if (v4.Length > 0 || v6.Length == 0) yield return (rule, v4);
            if (v6.Length > 0) yield return (rule, v6);
        }
    }

    private static void Write(HclBody body, FirewallRule rule, IReadOnlyList<string> blocks, string name, long priority)
    {
        HclValue? single = blocks.Count switch { 0 => "VirtualNetwork", 1 => blocks[0] is "0.0.0.0/0" ? "Internet" : blocks[0], _ => null };
        if (blocks is ["0.0.0.0/0"] && !rule.Inbound) single = "*";
        HclValue? many = blocks.Count > 1 ? Texts(blocks) : null;
        string peer = rule.Inbound ? "source" : "destination";
        string own = rule.Inbound ? "destination" : "source";
        body.With(
            ("name", name),
            ("description", rule.Description is { } text ? text[..Math.Min(text.Length, 140)] : null),
            ("priority", Math.Min(priority, 4_096)),
            ("direction", rule.Inbound ? "Inbound" : "Outbound"),
            ("access", rule.Allow ? "Allow" : "Deny"),
            ("protocol", rule.Protocol switch { "tcp" => "Tcp", "udp" => "Udp", "icmp" => "Icmp", _ => "*" }),
            ("source_port_range", "*"),
            ("destination_port_range", rule.AllPorts ? "*" : rule.Ports),
            ($"{peer}_address_prefix", single),
            ($"{peer}_address_prefixes", many),
            ($"{own}_address_prefix", "*"));
    }
}
