using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Networks, subnets, routes, gateways and addresses on AWS.</summary>
internal static class AwsNetwork
{
    public static void Vpc(Emission e)
    {
        string[] blocks = [.. e.Texts("cidrs").Where(static block => !Cidr.IsV6(block))];
        string? block = blocks.FirstOrDefault()
            ?? Cidr.Covering(
                e.Node.Related("network.subnet").SelectMany(static subnet => subnet.Facts["cidrs"].AsList).Select(
                static item => item.AsText).OfType<string>());
        e.Main(
            ("cidr_block", block ?? e.Variable("cidr_block", "Address block of the network, /16 to /28")),
            ("enable_dns_support", true),
            ("enable_dns_hostnames", true),
            ("tags", Aws.Tags(e)));
        foreach (string more in blocks.Skip(1))
            e.Extra("aws_vpc_ipv4_cidr_block_association", more.Replace('.', '_').Replace('/', '_'), ("vpc_id", e.Node["id"]),
                ("cidr_block", more));
        // Azure and Google networks reach the internet by themselves; here that takes a gateway and a route.
        if (e.Node.Source.Cloud is Cloud.Aws || e.Node.FirstOf("aws_internet_gateway") is not null) return;
        (_, Reference gateway) = e.Extra("aws_internet_gateway", "", ("vpc_id", e.Node["id"]));
        e.Extra("aws_route", "internet",
            ("route_table_id", e.Node["main_route_table_id"]), ("destination_cidr_block", "0.0.0.0/0"), ("gateway_id", gateway["id"]));
    }

    public static void Subnet(Emission e)
    {
        HclValue? zone = e.Text("zone");
        if (zone is null)
        {
            HclValue? provider = CloudProfile.ProviderOf(e.Module, e.Node);
            string label = provider is HclExpression other ? other.Source[4..] : "here";
            if (e.Module.FirstUse($"zones {label}"))
                e.Blocks.Labelled("data", ["aws_availability_zones", label], ("provider", provider), ("state", "available"));
            // The source's subnets span zones; neighbours in the estate are put into different ones.
            zone = Expr($"data.aws_availability_zones.{label}.names[{e.Node.Index % 2}]");
        }

        e.Main(
            ("vpc_id", Aws.NetworkId(e)),
            ("cidr_block", e.Texts("cidrs").FirstOrDefault(static block => !Cidr.IsV6(block))
                ?? e.Variable("cidr_block", "Address block of the subnet")),
            ("availability_zone", zone),
            ("map_public_ip_on_launch", e.Flag("assignsPublicIp") ?? false),
            ("tags", Aws.Tags(e)));
        e.Output("id", "Id", "id");
    }

    public static void RouteTable(Emission e)
    {
        e.Main(("vpc_id", Aws.NetworkId(e)), ("tags", Aws.Tags(e)));
        WriteRoutes(e, e.Node["id"]);
        foreach (TargetNode subnet in e.Node.Related("network.subnet"))
            e.Extra("aws_route_table_association", subnet.Label, ("subnet_id", subnet["id"]), ("route_table_id", e.Node["id"]));
    }

    public static void Route(Emission e) => WriteRoutes(e,
        e.Node.FirstOf("aws_route_table")?["id"] ?? Aws.NetworkOf(e.Node)?["main_route_table_id"]
            ?? e.Variable("route_table_id", "Id of the route table it belongs to"));

    private static void WriteRoutes(Emission e, HclValue table)
    {
        int number = 0;
        bool isRoute = e.Node.Type == "aws_route";
        foreach (AttributeMap route in e.Maps("routes"))
        {
            string via = route["via"].AsText ?? "";
            if (via is "local" || route["cidr"].AsText is not { } block || !Cidr.IsOne(block)) continue;
            (string attribute, HclValue target) = via switch
            {
                "internet" => ("gateway_id",
                    Gateway(e, "aws_internet_gateway") ?? e.Variable("internet_gateway_id", "Id of the internet gateway")),
                "nat" => ("nat_gateway_id", Gateway(e, "aws_nat_gateway") ?? e.Variable("nat_gateway_id", "Id of the NAT gateway")),
                "peering" => ("vpc_peering_connection_id", e.Variable("peering_id", "Id of the peering connection")),
                _ => ("network_interface_id", e.Variable("appliance_interface_id", "Id of the network interface of the appliance")),
            };
            HclBody body = isRoute && ++number == 1 ? e.Main() : e.Extra("aws_route", $"r{(isRoute ? number : ++number)}").Body;
            body.With(
                ("route_table_id", table),
                (Cidr.IsV6(block) ? "destination_ipv6_cidr_block" : "destination_cidr_block", Cidr.AsBlock(block)),
                (attribute, target));
        }

        if (isRoute && number == 0) e.Blocks.Comment(
            $"{e.Node.Label}: the network knows this route by itself, or where it leads is not known.");
    }

    private static HclValue? Gateway(Emission e, string type) =>
        (e.Node.FirstOf(type) ?? Aws.NetworkOf(e.Node)?.FirstOf(type))?["id"];

    public static void InternetGateway(Emission e) => e.Main(("vpc_id", Aws.NetworkId(e)), ("tags", Aws.Tags(e)));

    public static void NatGateway(Emission e)
    {
        HclValue address = e.Node.First("network.ip")?["id"] ?? e.Extra("aws_eip", "", ("domain", "vpc")).Reference["id"];
        TargetNode? subnet = e.Node.First("network.subnet") ?? Aws.NetworkOf(e.Node)?.First("network.subnet");
        e.Main(
            ("allocation_id", address),
            ("subnet_id", subnet?["id"] ?? e.Variable("subnet_id", "Id of a public subnet")),
            ("tags", Aws.Tags(e)));
    }

    public static void Gateway(Emission e)
    {
        switch (e.Text("type"))
        {
            case "transit":
                e.Blocks.Comment("A transit gateway of the source is rebuilt as a VPN gateway; join networks by a transit gateway where there are several.");
                break;
            case "express":
                e.Blocks.Comment("The dedicated line of the source is ordered anew (Direct Connect); this gateway ends it in the network.");
                break;
        }

        e.Main(("vpc_id", Aws.NetworkId(e)), ("tags", Aws.Tags(e)));
    }

    public static void TransitGateway(Emission e) => e.Main(
        ("description", e.Title), ("auto_accept_shared_attachments", "disable"), ("tags", Aws.Tags(e)));

    public static void Address(Emission e)
    {
        TargetNode? vm = e.Node.FirstOf("aws_instance");
        e.Main(("domain", "vpc"), ("tags", Aws.Tags(e)));
        e.Output("address", "Public address", "public_ip");
        if (vm is not null)
            e.Extra("aws_eip_association", "", ("allocation_id", e.Node["id"]), ("instance_id", vm["id"]));
    }

    public static void Interface(Emission e)
    {
        e.Main(
            ("subnet_id", e.Node.First("network.subnet")?["id"] ?? e.Variable("subnet_id", "Id of the subnet it is built in")),
            ("security_groups", Aws.SecurityGroups(e)),
            ("tags", Aws.Tags(e)));
        if (e.Node.FirstOf("aws_instance") is not { } vm) return;
        int place = vm.Related("network.interface").TakeWhile(other => other != e.Node).Take(14).Count();
        e.Extra("aws_network_interface_attachment", "",
            ("instance_id", vm["id"]), ("network_interface_id", e.Node["id"]), ("device_index", place + 1));
    }
}
