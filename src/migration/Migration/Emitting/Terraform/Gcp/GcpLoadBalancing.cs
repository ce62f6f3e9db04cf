using Sirsi.Clouds.Estates;
using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Load balancers on Google Cloud: a URL map behind proxies for applications, forwarding rules for networks.</summary>
internal static class GcpLoadBalancing
{
    public static void UrlMap(Emission e)
    {
        TargetNode? backend = e.Node.FirstOf("google_compute_backend_service")
            ?? e.Node.First("network.listener")?.FirstOf("google_compute_backend_service");
        e.Main(
            ("name", e.Name()), ("default_service",
            backend?["id"] ?? WriteBackend(e, e.Extra("google_compute_backend_service", ""), Part(e, "network.backend"))));
        // Listeners that became part of the balancer are written with it.
        foreach (AttributeMap listener in e.Node.Folded.Where(static folded => folded.Kind.Name == "network.listener")
            .Select(static folded => folded.Facts).DistinctBy(static facts => facts["port"].AsWhole).Take(20))
            WriteListener(e, $"port{listener["port"].AsWhole ?? 443}", listener, e.Node["id"]);
    }

    public static void Listener(Emission e)
    {
        TargetNode? map = e.Node.FirstOf("google_compute_url_map") ?? e.Node.First("network.backend")?.FirstOf("google_compute_url_map");
        HclValue mapId = map?["id"] ?? e.Variable("url_map_id", "Id of the URL map traffic is sent to");
        WriteListener(e, null, e.Node.Facts, mapId);
    }

    private static void WriteListener(Emission e, string? suffix, AttributeMap facts, HclValue map)
    {
        bool encrypted = facts["protocol"].AsText?.ToUpperInvariant() is "HTTPS" or "TLS" or "SSL" || facts["port"].AsWhole is 443;
        string name = $"{e.Node.Label.Replace('_', '-').ToLowerInvariant()}{(suffix is null ? "" : $"-{suffix}")}";
        HclValue target;
        if (encrypted)
        {
            HclValue certificates = e.Node.FirstOf("google_compute_managed_ssl_certificate") is { } certificate
                ? List(certificate["id"]) : e.Variable("certificate_ids", "Ids of the certificates", "list(string)");
            HclValue policy = e.Module.Shared("network.tf", "google_compute_ssl_policy", static (body, _) => body.With(
                ("name", "tls12"), ("profile", "MODERN"), ("min_tls_version", "TLS_1_2")))["id"];
            target = e.Extra("google_compute_target_https_proxy", suffix ?? "",
                ("name", e.Module.CloudName("proxy", name, 60, "-")), ("url_map", map), ("ssl_certificates", certificates),
                ("ssl_policy", policy)).Reference["id"];
        }
        else
        {
            if (facts["redirectsToHttps"].AsBoolean is true)
            {
                (HclBody redirect, Reference reference) = e.Extra("google_compute_url_map",
                    suffix is null ? "redirect" : $"{suffix}_redirect",
                    ("name", e.Module.CloudName("google_compute_url_map", $"{name}-redirect", 63, "-")));
                redirect.Block("default_url_redirect", ("https_redirect", true), ("strip_query", false));
                map = reference["id"];
            }

            target = e.Extra("google_compute_target_http_proxy", suffix ?? "", ("name", e.Module.CloudName("proxy", name, 60, "-")),
                ("url_map", map)).Reference["id"];
        }

        HclBody rule = suffix is null ? e.Main() : e.Extra("google_compute_global_forwarding_rule", suffix).Body;
        rule.With(
            ("name", e.Module.CloudName("google_compute_global_forwarding_rule", name, 60, "-")),
            ("target", target),
            ("port_range", $"{facts["port"].AsWhole ?? (encrypted ? 443 : 80)}"),
            ("load_balancing_scheme", "EXTERNAL_MANAGED"));
    }

    public static void Backend(Emission e) => WriteBackend(e, (e.Main(), new(e.Node.Type, e.Node.Label)), e.Node.Facts);

    private static HclValue WriteBackend(Emission e, (HclBody Body, Reference Reference) service, AttributeMap facts)
    {
        long port = facts["port"].AsWhole is > 0 and <= 65_535 and var known ? known : 80;
        string name = e.Node.Label.Replace('_', '-').ToLowerInvariant();
        HclValue check = Check(e, name, port, facts["healthPath"].AsText is { } path && path.StartsWith('/') ? path : "/");
        service.Body.With(
            ("name", e.Module.CloudName("google_compute_backend_service", name, 60, "-")), ("protocol", "HTTP"), ("port_name", "http"),
            ("load_balancing_scheme", "EXTERNAL_MANAGED"), ("timeout_sec", 30), ("health_checks", List(check)));
        foreach (HclValue group in Groups(e, port))
            service.Body.Block("backend", ("group", group), ("balancing_mode", "UTILIZATION"));
        service.Body.Block("log_config", ("enable", true));
        return service.Reference["id"];
    }

    private static HclValue Check(Emission e, string name, long port, string? path)
    {
        (HclBody check, Reference reference) = e.Extra("google_compute_health_check", "",
            ("name", e.Module.CloudName("google_compute_health_check", name, 60, "-")));
        if (path is null) check.Block("tcp_health_check", ("port", port));
        else check.Block("http_health_check", ("port", port), ("request_path", path));
        return reference["id"];
    }

    private static List<HclValue> Groups(Emission e, long port)
    {
        List<HclValue> groups = [.. e.Node.Related("compute.group")
            .Where(static node => node.Type == "google_compute_region_instance_group_manager").Select(
                static node => node["instance_group"])];
        foreach (TargetNode vm in e.Node.Related("compute.vm"))
        {
            (HclBody group, Reference reference) = e.Extra("google_compute_instance_group", vm.Label,
                ("name", e.Module.CloudName("google_compute_instance_group",
                $"{e.Node.Label}-{vm.Label}".Replace('_', '-').ToLowerInvariant(), 60, "-")),
                ("zone", vm["zone"]), ("instances", List(vm["self_link"])));
            group.Block("named_port", ("name", "http"), ("port", port));
            groups.Add(reference["id"]);
        }

        return groups;
    }

    public static void RegionBackend(Emission e)
    {
        TargetNode? balancer = e.Node.FirstOf("google_compute_forwarding_rule");
        WriteRegionBackend(e, e.Main(), e.Node.Facts, balancer?.Facts["scheme"].AsText is "internal", e.Name(55));
    }

    private static void WriteRegionBackend(Emission e, HclBody service, AttributeMap facts, bool isInternal, string name)
    {
        long port = facts["port"].AsWhole is > 0 and <= 65_535 and var known ? known : 443;
        (HclBody check, Reference reference) = e.Extra("google_compute_region_health_check", "", ("name", name), ("region", Gcp.Region(e)));
        check.Block("tcp_health_check", ("port", port));
        service.With(
            ("name", name), ("region", Gcp.Region(e)), ("protocol", facts["protocol"].AsText?.ToUpperInvariant() is "UDP" ? "UDP" : "TCP"),
            ("load_balancing_scheme", isInternal ? "INTERNAL" : "EXTERNAL"), ("health_checks", List(reference["id"])));
        foreach (HclValue group in Groups(e, port)) service.Block("backend", ("group", group), ("balancing_mode", "CONNECTION"));
    }

    public static void NetworkBalancer(Emission e)
    {
        bool isInternal = e.Text("scheme") is "internal";
        AttributeMap listener = Part(e, "network.listener");
        bool udp = listener["protocol"].AsText?.ToUpperInvariant() is "UDP";
        long port = listener["port"].AsWhole is > 0 and <= 65_535 and var known ? known : 443;
        string name = e.Name(55);
        HclValue service;
        if (e.Node.FirstOf("google_compute_region_backend_service") is { } related)
            service = related["id"];
        else
        {
            (HclBody body, Reference reference) = e.Extra("google_compute_region_backend_service", "");
            WriteRegionBackend(e, body, Part(e, "network.backend"), isInternal, name);
            service = reference["id"];
        }

        e.Main(
            ("name", name), ("region", Gcp.Region(e)),
            ("load_balancing_scheme", isInternal ? "INTERNAL" : "EXTERNAL"),
            ("backend_service", service),
            ("ip_protocol", udp ? "UDP" : "TCP"), ("ports", Texts($"{port}")),
            ("ip_address", isInternal
                ? null : e.Node.Related("network.ip").FirstOrDefault(static node => node.Type == "google_compute_address")?["id"]),
            ("network", isInternal ? Gcp.NetworkId(e) : null), ("subnetwork", isInternal ? Gcp.SubnetId(e) : null),
            ("labels", Gcp.Labels(e)));
    }

    private static AttributeMap Part(Emission e, string kind) =>
        e.Node.Folded.FirstOrDefault(folded => folded.Kind.Name == kind)?.Facts ?? e.Node.First(kind)?.Facts ?? AttributeMap.Empty;
}
