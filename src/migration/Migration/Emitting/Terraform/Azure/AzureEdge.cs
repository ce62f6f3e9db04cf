using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Names, content delivery and programming interfaces on Azure.</summary>
internal static class AzureEdge
{
    public static void Zone(Emission e)
    {
        e.Main(("name", Domain(e)), ("resource_group_name", Azure.Group(e)["name"]), ("tags", Azure.Tags(e)));
        e.Output("name_servers", "Name servers", "name_servers");
    }

    public static void PrivateZone(Emission e)
    {
        Reference group = Azure.Group(e);
        e.Main(("name", Domain(e)), ("resource_group_name", group["name"]), ("tags", Azure.Tags(e)));
        foreach (TargetNode network in e.Node.Related("network.vpc"))
            e.Extra("azurerm_private_dns_zone_virtual_network_link", network.Label,
                ("name", network.Label.Replace('_', '-')), ("resource_group_name", group["name"]),
                ("private_dns_zone_name", e.Node["name"]), ("virtual_network_id", network["id"]));
    }

    private static HclValue? Domain(Emission e) => (HclValue?)e.Text("domain")?.TrimEnd('.') ?? e.Variable("domain", "Domain of the zone");

    public static void Record(Emission e)
    {
        TargetNode? zone = e.Node.First("dns.zone");
        string[] values = [.. e.Texts("values")];
        bool known = values.Length > 0 && !values.Any(SourceIdentity.IsIn);
        string type = e.Node.Type.Split('_')[2];
        HclBody record = e.Main(
            ("name", Relative(e.Text("domain"), zone?.Facts["domain"].AsText)),
            ("zone_name", zone?["name"] ?? e.Variable("zone_name", "Name of the zone it belongs to")),
            ("resource_group_name", zone?["resource_group_name"] ?? Azure.Group(e)["name"]),
            ("ttl", e.Number("ttlSeconds") ?? 300));
        switch (type)
        {
            case "cname":
                record["record"] = known
                    ? values[0].TrimEnd('.') : e.Variable("record",
                    "Name the record points to; that of the source names a thing of the source");
                break;
            case "mx":
                foreach (string value in known ? values : [])
                    if (value.Split(' ') is [var preference, var exchange]) record.Block("record", ("preference", preference),
                        ("exchange", exchange.TrimEnd('.')));
                if (!known) record.Block("record", ("preference", "10"), ("exchange", e.Variable("exchange", "Mail server")));
                break;
            case "txt":
                foreach (string value in known ? values : []) record.Block("record", ("value", value.Trim('"')));
                if (!known) record.Block("record", ("value", e.Variable("text", "Text of the record")));
                break;
            case "a" when e.Node.FirstOf("azurerm_public_ip") is { } address:
                record["target_resource_id"] = address["id"];
                break;
            case "a" when (e.Node.FirstOf("azurerm_application_gateway") ?? e.Node.FirstOf("azurerm_lb")) is { } balancer
                && balancer.FirstOf("azurerm_public_ip") is null && balancer.Facts["scheme"].AsText is not "internal":
                record["target_resource_id"] = balancer.Companion("azurerm_public_ip", "id");
                break;
            default:
                record["records"] = known ? Texts(values)
                    : e.Variable("records", "Values of the record; those of the source name things of the source", "list(string)");
                break;
        }
    }

    private static string Relative(string? domain, string? zone)
    {
        string name = (domain ?? "@").TrimEnd('.');
        string parent = (zone ?? "").TrimEnd('.');
        if (parent.Length == 0) return name;
        return name == parent ? "@" : name.EndsWith($".{parent}", StringComparison.Ordinal) ? name[..^(parent.Length + 1)] : name;
    }

    public static void FrontDoor(Emission e)
    {
        string name = e.Name(40);
        e.Main(("name", name), ("resource_group_name", Azure.Group(e)["name"]), ("sku_name", "Standard_AzureFrontDoor"),
            ("tags", Azure.Tags(e)));
        (_, Reference endpoint) = e.Extra("azurerm_cdn_frontdoor_endpoint", "", ("name", e.GlobalName(46)),
            ("cdn_frontdoor_profile_id", e.Node["id"]));
        (HclBody group, Reference groupReference) = e.Extra("azurerm_cdn_frontdoor_origin_group", "", ("name", "main"),
            ("cdn_frontdoor_profile_id", e.Node["id"]));
        group.Block("load_balancing", ("sample_size", 4), ("successful_samples_required", 3));
        string? plain = e.Texts("origins").FirstOrDefault(static origin => !SourceIdentity.IsIn(origin));
        HclValue host = e.Node.FirstOf("azurerm_storage_account")?["primary_blob_host"] ?? (HclValue?)plain
            ?? e.Variable("origin", "Host name the content comes from");
        (_, Reference origin) = e.Extra("azurerm_cdn_frontdoor_origin", "",
            ("name", "main"), ("cdn_frontdoor_origin_group_id", groupReference["id"]), ("enabled", true),
            ("certificate_name_check_enabled", true),
            ("host_name", host), ("origin_host_header", host));
        e.Extra("azurerm_cdn_frontdoor_route", "",
            ("name", "main"), ("cdn_frontdoor_endpoint_id", endpoint["id"]), ("cdn_frontdoor_origin_group_id", groupReference["id"]),
            ("cdn_frontdoor_origin_ids", List(origin["id"])), ("patterns_to_match", Texts("/*")),
            ("supported_protocols", Texts("Http", "Https")),
            ("forwarding_protocol", "HttpsOnly"), ("https_redirect_enabled", true));
        e.Module.Output($"{e.Node.Label}_hostname", "Address of the content delivery.", endpoint["host_name"]);
    }

    public static void Api(Emission e)
    {
        HclBody api = Azure.Main(e, e.GlobalName(50),
            ("publisher_name", e.Module.Variable("api_publisher_name", "string", "Name shown as the publisher of programming interfaces.")),
            ("publisher_email", e.Module.Variable("api_publisher_email", "string",
            "Address that gets notices about programming interfaces.")),
            ("sku_name", "Consumption_0"),
            ("tags", Azure.Tags(e)));
        api.Block("identity", ("type", "SystemAssigned"));
        e.Extra("azurerm_api_management_api", "",
            ("name", "main"), ("resource_group_name", Azure.Group(e)["name"]), ("api_management_name", e.Node["name"]), ("revision", "1"),
            ("display_name", e.Node.Label), ("path", ""), ("protocols", Texts("https")),
            ("subscription_required", e.Flag("authorisation") ?? true));
        e.Output("gateway_url", "Address", "gateway_url");
    }
}
