using Sirsi.Clouds.Estates;
using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Networks, subnets, routes, gateways and addresses on Google Cloud.</summary>
internal static class GcpNetwork
{
    public static void Network(Emission e)
    {
        e.Main(("name", e.Name()), ("auto_create_subnetworks", false), ("routing_mode", "REGIONAL"));
        e.Output("id", "Id", "id");
    }

    public static void Subnet(Emission e)
    {
        HclBody subnet = e.Main(
            ("name", e.Name()),
            ("region", Gcp.Region(e)),
            ("network", Gcp.NetworkId(e)),
            ("ip_cidr_range", e.Texts("cidrs").FirstOrDefault(static block => !Cidr.IsV6(block))
                ?? e.Variable("cidr_range", "Address block of the subnet")),
            ("private_ip_google_access", true));
        subnet.Block("log_config", ("aggregation_interval", "INTERVAL_10_MIN"), ("flow_sampling", Expr("0.5")),
            ("metadata", "INCLUDE_ALL_METADATA"));
        e.Output("id", "Id", "id");
    }

    public static void Route(Emission e)
    {
        int number = 0;
        foreach (AttributeMap route in e.Maps("routes"))
        {
            if (route["cidr"].AsText is not { } block || !Cidr.IsOne(block)) continue;
            string via = route["via"].AsText ?? "";
            if (via is "local" or "nat" or "peering")
            {
                e.Blocks.Comment($"{block} needs no route: a network knows its subnets and peers, and Cloud NAT works without one.");
                continue;
            }

            HclBody body = ++number == 1 ? e.Main() : e.Extra("google_compute_route", $"r{number}").Body;
            body.With(
                ("name", e.Module.CloudName("google_compute_route", $"{e.Node.Label.Replace('_', '-').ToLowerInvariant()}-r{number}", 63,
                "-")),
                ("network", Gcp.NetworkId(e)),
                ("dest_range", Cidr.AsBlock(block)),
                ("next_hop_gateway", via is "internet" ? "default-internet-gateway" : null),
                ("next_hop_ip", via is "internet"
                    ? null : e.Variable("appliance_address", "Private address of the appliance traffic goes through")));
        }

        if (number == 0) e.Blocks.Comment(
            $"{e.Node.Label}: no route to write; Google Cloud makes those to its subnets and to the internet by itself.");
    }

    public static void Nat(Emission e)
    {
        (_, Reference router) = e.Extra("google_compute_router", "",
            ("name", e.Name()), ("region", Gcp.Region(e)), ("network", Gcp.NetworkId(e)));
        TargetNode[] addresses = [.. e.Node.Related("network.ip").Where(static node => node.Type == "google_compute_address")];
        e.Main(
            ("name", e.Name()), ("router", router["name"]), ("region", router["region"]),
            ("nat_ip_allocate_option", addresses.Length > 0 ? "MANUAL_ONLY" : "AUTO_ONLY"),
            ("nat_ips", addresses.Length > 0 ? List(addresses.Select(static node => node["self_link"])) : null),
            ("source_subnetwork_ip_ranges_to_nat", "ALL_SUBNETWORKS_ALL_IP_RANGES"))
            .Block("log_config", ("enable", true), ("filter", "ERRORS_ONLY"));
    }

    public static void VpnGateway(Emission e)
    {
        e.Main(("name", e.Name()), ("region", Gcp.Region(e)), ("network", Gcp.NetworkId(e)));
        e.Blocks.Comment("Tunnels are added when the other side's addresses and shared secrets are known.");
        HclBody router = e.Extra("google_compute_router", "", ("name", e.Name()), ("region", Gcp.Region(e)),
            ("network", Gcp.NetworkId(e))).Body;
        router.Block("bgp", ("asn", e.Variable("asn", "Private number of the autonomous system", "number", initial: 64_514)));
    }

    public static void Address(Emission e)
    {
        bool inside = e.Node.Kind == "network.interface";
        e.Main(
            ("name", e.Name()), ("region", Gcp.Region(e)), ("address_type", inside ? "INTERNAL" : "EXTERNAL"),
            ("subnetwork", inside ? Gcp.SubnetId(e) : null), ("labels", Gcp.Labels(e)));
        e.Output("address", "Address", "address");
    }
}
