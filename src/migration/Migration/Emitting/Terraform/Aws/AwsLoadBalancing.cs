using Sirsi.Migration.Emitting.Terraform.Hcl;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Load balancers, listeners and target groups on AWS.</summary>
internal static class AwsLoadBalancing
{
    public static void LoadBalancer(Emission e)
    {
        string type = e.Text("type") is "network" or "gateway" ? e.Text("type")! : "application";
        e.Main(
            ("name", e.Name(32)),
            ("load_balancer_type", type),
            ("internal", type is "gateway" ? null : e.Text("scheme") is "internal"),
            ("subnets", type is "application" ? Aws.SubnetsOfTwoZones(e, "of the load balancer") : Aws.Subnets(e, "of the load balancer")),
            ("security_groups", type is "gateway" ? null : Aws.SecurityGroups(e)),
            ("drop_invalid_header_fields", type is "application" ? true : null),
            ("enable_deletion_protection", e.Flag("deletionProtection") ?? true),
            ("tags", Aws.Tags(e)));
        e.Output("dns_name", "Address", "dns_name");
    }

    public static void Listener(Emission e)
    {
        TargetNode? balancer = e.Node.First("network.loadbalancer") ?? e.Node.First("network.backend")?.First("network.loadbalancer");
        bool network = balancer?.Facts["type"].AsText is "network";
        string protocol = Protocol(e.Text("protocol"), network, e.Number("port"));
        bool encrypted = protocol is "HTTPS" or "TLS";
        HclBody listener = e.Main(
            ("load_balancer_arn", balancer?["arn"] ?? e.Variable("load_balancer_arn", "ARN of the load balancer")),
            ("port", e.Number("port") ?? (encrypted ? 443 : 80)),
            ("protocol", protocol),
            ("ssl_policy", encrypted ? "ELBSecurityPolicy-TLS13-1-2-2021-06" : null),
            ("certificate_arn", encrypted
                ? e.Node.First("certificate")?["arn"] ?? e.Variable("certificate_arn", "ARN of the certificate") : null),
            ("tags", Aws.Tags(e)));
        if (e.Flag("redirectsToHttps") is true && protocol is "HTTP")
            listener.Block("default_action", ("type", "redirect"))
                .Block("redirect", ("port", "443"), ("protocol", "HTTPS"), ("status_code", "HTTP_301"));
        else if (e.Node.First("network.backend") is { Type: "aws_lb_target_group" } backend)
            listener.Block("default_action", ("type", "forward"), ("target_group_arn", backend["arn"]));
        else if (network)
            listener.Block("default_action", ("type", "forward"),
                ("target_group_arn", e.Variable("target_group_arn", "ARN of the target group")));
        else
            listener.Block("default_action", ("type", "fixed-response"))
                .Block("fixed_response", ("content_type", "text/plain"), ("status_code", "404"), ("message_body", "Not found"));
    }

    public static void TargetGroup(Emission e)
    {
        TargetNode? balancer = e.Node.First("network.loadbalancer") ?? e.Node.First("network.listener")?.First("network.loadbalancer");
        bool network = balancer?.Facts["type"].AsText is "network";
        string protocol = Protocol(e.Text("protocol"), network, e.Number("port"));
        bool containers = e.Node.First("container.service") is not null;
        HclBody group = e.Main(
            ("name", e.Name(32)),
            ("port", e.Number("port") ?? 80),
            ("protocol", protocol),
            ("target_type", containers ? "ip" : "instance"),
            ("vpc_id", Aws.NetworkId(e)),
            ("tags", Aws.Tags(e)));
        bool http = protocol is "HTTP" or "HTTPS";
        group.Block("health_check", ("protocol", http ? protocol : "TCP"), ("path", http ? Path(e.Text("healthPath")) : null));
        foreach (TargetNode vm in e.Node.Related("compute.vm"))
            e.Extra("aws_lb_target_group_attachment", vm.Label, ("target_group_arn", e.Node["arn"]), ("target_id", vm["id"]));
    }

    private static string Path(string? path) => path is not null && path.StartsWith('/') ? path : "/";

    private static string Protocol(string? protocol, bool network, long? port) => (protocol?.ToUpperInvariant(), network) switch
    {
        ("UDP", true) => "UDP",
        ("TLS", true) => "TLS",
        (_, true) => "TCP",
        ("HTTPS" or "TLS" or "SSL", false) => "HTTPS",
        (null or "TCP", false) when port is 443 or 8443 => "HTTPS",
        _ => "HTTP",
    };
}
