using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Names, content delivery and programming interfaces on Google Cloud.</summary>
internal static class GcpEdge
{
    public static void Zone(Emission e)
    {
        bool isPrivate = e.Flag("private") is true;
        HclBody zone = e.Main(
            ("name", e.Name()),
            ("dns_name", e.Text("domain") is { } domain
                ? $"{domain.TrimEnd('.')}." : e.Variable("domain", "Domain of the zone, with a dot at its end")),
            ("visibility", isPrivate ? "private" : "public"),
            ("labels", Gcp.Labels(e)));
        if (isPrivate) zone.Block("private_visibility_config").Block("networks", ("network_url", Gcp.NetworkId(e)));
        else zone.Block("dnssec_config", ("state", "on"));
        if (!isPrivate) e.Output("name_servers", "Name servers", "name_servers");
    }

    public static void Record(Emission e)
    {
        string[] values = [.. e.Texts("values")];
        string type = e.Text("type")?.ToUpperInvariant() is ("AAAA" or "CAA" or "CNAME" or "MX" or "NS" or "PTR" or "SRV" or "TXT") and var known ? known : "A";
        TargetNode? front = type != "A" ? null : e.Node.First("network.loadbalancer");
        TargetNode? listener = front?.Related("network.listener").FirstOrDefault(
            static node => node.Type == "google_compute_global_forwarding_rule");
        HclValue data = e.Node.FirstOf("google_compute_address") is { } address && type == "A" ? List(address["address"])
            : listener is not null ? List(listener["ip_address"])
            : front is { Type: "google_compute_forwarding_rule" } ? List(front["ip_address"])
            : values.Length == 0 || values.Any(SourceIdentity.IsIn)
                ? e.Variable("records", "Values of the record; those of the source name things of the source", "list(string)")
            : type is "TXT" ? Texts(values.Select(static value => value.StartsWith('"') ? value : $"\"{value}\""))
            : type is "CNAME" or "MX" or "NS" or "PTR" or "SRV"
                ? Texts(values.Select(static value => value.EndsWith('.') ? value : $"{value}."))
            : Texts(values);
        e.Main(
            ("managed_zone", e.Node.FirstOf("google_dns_managed_zone")?["name"]
                ?? e.Variable("zone_name", "Name of the zone it belongs to")),
            ("name", e.Text("domain") is { } domain
                ? $"{domain.TrimEnd('.')}." : e.Variable("record_name", "Full name of the record, with a dot at its end")),
            ("type", type),
            ("ttl", e.Number("ttlSeconds") ?? 300),
            ("rrdatas", data));
    }

    public static void ContentDelivery(Emission e)
    {
        e.Blocks.Comment("Cloud CDN is a switch on a load balancer's backend. Put a proxy and a forwarding rule before this URL map, with the domain's certificate.");
        e.Main(
            ("name", e.Name()),
            ("bucket_name", e.Node.FirstOf("google_storage_bucket")?["name"] ?? e.Variable("bucket_name", "Bucket the content comes from")),
            ("enable_cdn", true)).Block("cdn_policy", ("cache_mode", "CACHE_ALL_STATIC"), ("default_ttl", 3_600),
            ("negative_caching", true));
        e.Extra("google_compute_url_map", "", ("name", $"{e.Name(55)}-cdn"), ("default_service", e.Node["id"]));
    }

    public static void Api(Emission e)
    {
        HclValue provider = e.Module.UseGoogleBeta();
        string name = e.Name(49);
        e.Main(("provider", provider), ("api_id", name), ("labels", Gcp.Labels(e)));
        (HclBody config, Reference reference) = e.Extra("google_api_gateway_api_config", "",
            ("provider", provider), ("api", e.Node["api_id"]),
            ("api_config_id_prefix", $"{name[..Math.Min(name.Length, 20)].TrimEnd('-')}-"));
        config.Block("openapi_documents").Block("document",
            ("path", "openapi.yaml"),
            ("contents", Call("filebase64", e.Variable("openapi", "Path of the interface's description, OpenAPI 2"))));
        config.Block("lifecycle", ("create_before_destroy", true));
        e.Extra("google_api_gateway_gateway", "",
            ("provider", provider), ("region", Gcp.Region(e)), ("api_config", reference["id"]), ("gateway_id", name));
    }
}
