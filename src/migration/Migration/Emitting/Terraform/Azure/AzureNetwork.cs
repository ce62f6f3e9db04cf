using Sirsi.Clouds.Estates;
using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Networks, subnets, routes, gateways and addresses on Azure.</summary>
internal static class AzureNetwork
{
    public static void Network(Emission e)
    {
        string[] blocks = [.. e.Texts("cidrs")];
        string? covering = blocks.Length > 0 ? null
            : Cidr.Covering(
                e.Node.Related("network.subnet").SelectMany(static subnet => subnet.Facts["cidrs"].AsList).Select(
                static item => item.AsText).OfType<string>());
        Azure.Main(e, e.Name(64),
            ("address_space", blocks.Length > 0 ? Texts(blocks) : covering is not null ? Texts(covering)
                : e.Variable("address_space", "Address blocks of the network", "list(string)")),
            ("tags", Azure.Tags(e)));
        e.Output("id", "Id", "id");
    }

    public static void Subnet(Emission e)
    {
        TargetNode? network = e.Node.First("network.vpc");
        string[] blocks = [.. e.Texts("cidrs")];
        e.Main(
            ("name", e.Name(80)),
            ("resource_group_name", network?["resource_group_name"] ?? Azure.Group(e)["name"]),
            ("virtual_network_name", network?["name"] ?? e.Variable("network_name", "Name of the virtual network")),
            ("address_prefixes", blocks.Length > 0
                ? Texts(blocks) : e.Variable("address_prefixes", "Address blocks of the subnet", "list(string)")));
        Associate(e, "network.firewall", "azurerm_network_security_group", "azurerm_subnet_network_security_group_association",
            "network_security_group_id");
        Associate(e, "network.route", "azurerm_route_table", "azurerm_subnet_route_table_association", "route_table_id");
        // On AWS a NAT gateway lies in a public subnet and serves others through their route table; here it is tied to those it serves.
        TargetNode? nat = e.Node.First("network.route")?.FirstOf("azurerm_nat_gateway")
            ?? (e.Node.Source.Cloud is Sirsi.Clouds.Cloud.Aws ? null : e.Node.FirstOf("azurerm_nat_gateway"));
        if (nat is not null)
            e.Extra("azurerm_subnet_nat_gateway_association", "", ("subnet_id", e.Node["id"]), ("nat_gateway_id", nat["id"]));
        e.Output("id", "Id", "id");
    }

    private static void Associate(Emission e, string kind, string type, string association, string attribute)
    {
        if (e.Node.Related(kind).FirstOrDefault(node => node.Type == type) is { } other)
            e.Extra(association, "", ("subnet_id", e.Node["id"]), (attribute, other["id"]));
    }

    public static void RouteTable(Emission e)
    {
        HclBody table = Azure.Main(e, e.Name(80), ("tags", Azure.Tags(e)));
        int number = 0;
        foreach (AttributeMap route in e.Maps("routes"))
        {
            if (route["cidr"].AsText is not { } block || !Cidr.IsOne(block)) continue;
            number++;
            switch (route["via"].AsText)
            {
                case "local":
                    break;
                case "internet":
                    table.Block("route", ("name", $"r{number}"), ("address_prefix", Cidr.AsBlock(block)), ("next_hop_type", "Internet"));
                    break;
                case "nat":
                    table.Comment($"{block} goes out through the NAT gateway tied to the subnet; it needs no route.");
                    break;
                case "peering":
                    table.Comment($"{block} is reached by peering; it needs no route.");
                    break;
                default:
                    table.Block("route", ("name", $"r{number}"), ("address_prefix", Cidr.AsBlock(block)),
                        ("next_hop_type", "VirtualAppliance"),
                        ("next_hop_in_ip_address",
                        e.Variable("appliance_address", "Private address of the appliance traffic goes through")));
                    break;
            }
        }
    }

    public static void Route(Emission e)
    {
        TargetNode? table = e.Node.FirstOf("azurerm_route_table");
        AttributeMap? route = e.Maps("routes").FirstOrDefault(static map => map["cidr"].AsText is { } block && Cidr.IsOne(block));
        if (route is null || route["via"].AsText is "local" or "nat" or "peering")
        {
            e.Blocks.Comment($"{e.Node.Label}: the network knows this route by itself, or where it leads is not known.");
            return;
        }

        bool internet = route["via"].AsText is "internet";
        e.Main(
            ("name", e.Name(80)),
            ("resource_group_name", table?["resource_group_name"] ?? Azure.Group(e)["name"]),
            ("route_table_name", table?["name"] ?? e.Variable("route_table_name", "Name of the route table it belongs to")),
            ("address_prefix", Cidr.AsBlock(route["cidr"].AsText!)),
            ("next_hop_type", internet ? "Internet" : "VirtualAppliance"),
            ("next_hop_in_ip_address",
            internet ? null : e.Variable("appliance_address", "Private address of the appliance traffic goes through")));
    }

    public static void PrivateEndpoint(Emission e)
    {
        TargetNode? account = e.Node.FirstOf("azurerm_storage_account");
        Azure.Main(e, e.Name(80), ("subnet_id", Azure.Subnet(e)), ("tags", Azure.Tags(e))).Block("private_service_connection",
            ("name", "main"), ("is_manual_connection", false),
            ("private_connection_resource_id",
            account?["id"] ?? e.Variable("resource_id", "Id of the resource that is reached through it")),
            ("subresource_names", account is not null ? Texts("blob")
                : e.Variable("subresources", "What of the resource is reached, such as blob or sqlServer", "list(string)")));
    }

    public static void NatGateway(Emission e)
    {
        Azure.Main(e, e.Name(80), ("sku_name", "Standard"), ("idle_timeout_in_minutes", 10), ("tags", Azure.Tags(e)));
        HclValue address = e.Node.FirstOf("azurerm_public_ip")?["id"] ?? OwnAddress(e);
        e.Extra("azurerm_nat_gateway_public_ip_association", "", ("nat_gateway_id", e.Node["id"]), ("public_ip_address_id", address));
    }

    public static void Gateway(Emission e)
    {
        bool express = e.Text("type") is "express";
        TargetNode? network = e.Node.First("network.vpc");
        HclValue address = e.Node.FirstOf("azurerm_public_ip")?["id"] ?? OwnAddress(e);
        (_, Reference subnet) = e.Extra("azurerm_subnet", "gateway",
            ("name", "GatewaySubnet"),
            ("resource_group_name", network?["resource_group_name"] ?? Azure.Group(e)["name"]),
            ("virtual_network_name", network?["name"] ?? e.Variable("network_name", "Name of the virtual network")),
            ("address_prefixes", List(e.Variable("gateway_subnet", "Free address block, /27, for the gateway's own subnet"))));
        HclBody gateway = Azure.Main(e, e.Name(80),
            ("type", express ? "ExpressRoute" : "Vpn"),
            ("vpn_type", express ? null : "RouteBased"),
            ("sku", express ? "ErGw1AZ" : "VpnGw1AZ"),
            ("tags", Azure.Tags(e)));
        gateway.Block("ip_configuration", ("name", "main"), ("public_ip_address_id", address), ("subnet_id", subnet["id"]));
    }

    public static void Address(Emission e)
    {
        Azure.Main(e, e.Name(80), ("allocation_method", "Static"), ("sku", "Standard"), ("zones", Texts("1", "2", "3")),
            ("tags", Azure.Tags(e)));
        e.Output("address", "Public address", "ip_address");
    }

    /// <summary>A public address of the resource's own; gives its id.</summary>
    public static HclValue OwnAddress(Emission e) => Azure.Extra(e, "azurerm_public_ip", "", $"{e.Node.Label.Replace('_', '-')}-ip",
        ("allocation_method", "Static"), ("sku", "Standard"), ("zones", Texts("1", "2", "3")), ("tags", Azure.Tags(e))).Reference["id"];

    public static void Interface(Emission e)
    {
        Azure.Main(e, e.Name(80), ("tags", Azure.Tags(e))).Block("ip_configuration",
            ("name", "main"), ("subnet_id", Azure.Subnet(e)), ("private_ip_address_allocation", "Dynamic"),
            ("public_ip_address_id", e.Node.FirstOf("azurerm_public_ip")?["id"]));
        if (e.Node.FirstOf("azurerm_network_security_group") is { } group)
            e.Extra("azurerm_network_interface_security_group_association", "",
                ("network_interface_id", e.Node["id"]), ("network_security_group_id", group["id"]));
    }
}
