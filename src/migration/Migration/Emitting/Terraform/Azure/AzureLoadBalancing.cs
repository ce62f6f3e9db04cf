using Sirsi.Clouds.Estates;
using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Application gateways and load balancers on Azure.</summary>
internal static class AzureLoadBalancing
{
    public static void ApplicationGateway(Emission e)
    {
        bool isInternal = e.Text("scheme") is "internal";
        HclValue address = e.Node.FirstOf("azurerm_public_ip")?["id"] ?? AzureNetwork.OwnAddress(e);
        TargetNode? near = Azure.Near(e.Node);
        TargetNode? network = near?.First("network.vpc") ?? e.Node.First("network.vpc");
        (_, Reference subnet) = e.Extra("azurerm_subnet", "gateway",
            ("name", $"{e.Name(60)}-gateway"),
            ("resource_group_name", network?["resource_group_name"] ?? Azure.Group(e)["name"]),
            ("virtual_network_name", network?["name"] ?? e.Variable("network_name", "Name of the virtual network")),
            ("address_prefixes", List(e.Variable("gateway_subnet", "Free address block, /24, for the gateway's own subnet"))));
        HclBody gateway = Azure.Main(e, e.Name(80), ("enable_http2", true), ("tags", Azure.Tags(e)));
        gateway.Block("sku", ("name", "Standard_v2"), ("tier", "Standard_v2"));
        gateway.Block("autoscale_configuration", ("min_capacity", 1), ("max_capacity", 5));
        gateway.Block("gateway_ip_configuration", ("name", "gateway"), ("subnet_id", subnet["id"]));
        gateway.Block("frontend_ip_configuration", ("name", "public"), ("public_ip_address_id", address));
        if (isInternal)
            gateway.Block("frontend_ip_configuration",
                ("name", "private"), ("subnet_id", subnet["id"]), ("private_ip_address_allocation", "Static"),
                ("private_ip_address", e.Variable("private_address", "Free address in the gateway's subnet")));
        gateway.Block("ssl_policy", ("policy_type", "Predefined"), ("policy_name", "AppGwSslPolicy20220101"));
        gateway.Block("backend_address_pool", ("name", "main"));
        AttributeMap backend = Facts(e, "network.backend").FirstOrDefault() ?? AttributeMap.Empty;
        gateway.Block("probe",
            ("name", "main"), ("protocol", "Http"), ("path", backend["healthPath"].AsText is { } path && path.StartsWith('/') ? path : "/"),
            ("interval", 30), ("timeout", 30), ("unhealthy_threshold", 3), ("pick_host_name_from_backend_http_settings", false),
            ("host", "127.0.0.1"));
        gateway.Block("backend_http_settings",
            ("name", "main"), ("port", backend["port"].AsWhole is > 0 and <= 65_535 and not 443 and var port ? port : 80),
            ("protocol", "Http"),
            ("cookie_based_affinity", "Disabled"), ("request_timeout", 60), ("probe_name", "main"));
        Listeners(e, gateway, isInternal ? "private" : "public");
        AttachMachines(e, "azurerm_network_interface_application_gateway_backend_address_pool_association",
            Expr($"tolist({e.Node.Type}.{e.Node.Label}.backend_address_pool)[0].id"));
    }

    private static void Listeners(Emission e, HclBody gateway, string frontend)
    {
        (long Port, bool Encrypted, bool Redirects)[] listeners =
            [.. Facts(e, "network.listener").Select(static facts => (
                    facts["port"].AsWhole ?? 80,
                    facts["protocol"].AsText?.ToUpperInvariant() is "HTTPS" or "TLS" or "SSL" || facts["port"].AsWhole is 443,
                    facts["redirectsToHttps"].AsBoolean is true))
                .DistinctBy(static listener => listener.Item1).Take(90)];
        if (listeners.Length == 0) listeners = [(443, true, false)];
        if (listeners.Any(static listener => listener.Encrypted))
            gateway.Block("ssl_certificate",
                ("name", "main"),
                ("data", e.Variable("certificate_pfx", "Certificate with its key, PKCS #12 in base 64", sensitive: true)),
                ("password", e.Variable("certificate_password", "Password of the certificate file", sensitive: true)));
        int priority = 100;
        foreach ((long port, bool encrypted, bool redirects) in listeners)
        {
            string name = $"port{port}";
            bool leads = redirects && listeners.Any(static listener => listener.Port == 443);
            gateway.Block("frontend_port", ("name", name), ("port", port));
            gateway.Block("http_listener",
                ("name", name), ("frontend_ip_configuration_name", frontend), ("frontend_port_name", name),
                ("protocol", encrypted ? "Https" : "Http"), ("ssl_certificate_name", encrypted ? "main" : null));
            if (leads)
                gateway.Block("redirect_configuration",
                    ("name", name), ("redirect_type", "Permanent"), ("target_listener_name", "port443"), ("include_path", true),
                    ("include_query_string", true));
            gateway.Block("request_routing_rule",
                ("name", name), ("priority", priority += 10), ("rule_type", "Basic"), ("http_listener_name", name),
                ("redirect_configuration_name", leads ? name : null),
                ("backend_address_pool_name", leads ? null : "main"), ("backend_http_settings_name", leads ? null : "main"));
        }
    }

    public static void LoadBalancer(Emission e)
    {
        bool isInternal = e.Text("scheme") is "internal";
        HclValue? address = isInternal ? null : e.Node.FirstOf("azurerm_public_ip")?["id"] ?? AzureNetwork.OwnAddress(e);
        Azure.Main(e, e.Name(80), ("sku", "Standard"), ("tags", Azure.Tags(e)))
            .Block("frontend_ip_configuration",
                ("name", "main"), ("public_ip_address_id", address),
                ("subnet_id", isInternal ? Azure.Subnet(e) : null), ("private_ip_address_allocation", isInternal ? "Dynamic" : null));
        if (e.Node.FirstOf("azurerm_lb_backend_address_pool") is not null) return;
        (_, Reference pool) = e.Extra("azurerm_lb_backend_address_pool", "", ("name", "main"), ("loadbalancer_id", e.Node["id"]));
        AttachMachines(e, "azurerm_network_interface_backend_address_pool_association", pool["id"]);
        foreach (AttributeMap listener in Facts(e, "network.listener").DistinctBy(static facts => facts["port"].AsWhole).Take(90))
        {
            long port = listener["port"].AsWhole is > 0 and <= 65_535 and var known ? known : 443;
            long backend = Facts(e,
                "network.backend").Select(static facts => facts["port"].AsWhole).FirstOrDefault(static value => value is > 0 and <= 65_535)
                ?? port;
            WriteRule(e.Extra("azurerm_lb_rule", $"port{port}").Body, e, $"port{port}", e.Node["id"], pool["id"], port, backend,
                Udp(listener));
        }
    }

    public static void Pool(Emission e)
    {
        e.Main(("name", e.Name(80)), ("loadbalancer_id", BalancerId(e)));
        AttachMachines(e, "azurerm_network_interface_backend_address_pool_association", e.Node["id"]);
    }

    public static void Rule(Emission e)
    {
        TargetNode? pool = e.Node.FirstOf("azurerm_lb_backend_address_pool");
        long port = e.Number("port") is > 0 and <= 65_535 and var known ? known : 443;
        WriteRule(e.Main(), e, e.Name(80), BalancerId(e), pool?["id"], port, pool?.Facts["port"].AsWhole ?? port, Udp(e.Node.Facts));
    }

    private static void WriteRule(HclBody rule, Emission e, string name, HclValue balancer, HclValue? pool, long port, long backend,
        bool udp)
    {
        rule.With(
            ("name", name), ("loadbalancer_id", balancer), ("protocol", udp ? "Udp" : "Tcp"), ("frontend_port", port),
            ("backend_port", backend),
            ("frontend_ip_configuration_name", "main"), ("backend_address_pool_ids", pool is null ? null : List(pool)),
            ("disable_outbound_snat", true));
        HclValue probe = e.Extra("azurerm_lb_probe", $"port{port}",
            ("name", $"{name[..Math.Min(name.Length, 70)]}-probe"), ("loadbalancer_id", balancer), ("protocol", "Tcp"),
            ("port", backend)).Reference["id"];
        rule["probe_id"] = probe;
    }

    private static bool Udp(AttributeMap facts) => facts["protocol"].AsText?.ToUpperInvariant() is "UDP";

    private static HclValue BalancerId(Emission e) =>
        (e.Node.FirstOf("azurerm_lb") ?? e.Node.FirstOf("azurerm_lb_backend_address_pool")?.FirstOf("azurerm_lb"))?["id"]
        ?? e.Variable("load_balancer_id", "Id of the load balancer");

    private static void AttachMachines(Emission e, string association, HclValue pool)
    {
        foreach (TargetNode vm in e.Node.Related("compute.vm"))
        {
            TargetNode? own = vm.Related("network.interface").FirstOrDefault(static node => node.Type == "azurerm_network_interface");
            e.Extra(association, vm.Label,
                ("network_interface_id", own?["id"] ?? vm.Companion("azurerm_network_interface", "id")), ("ip_configuration_name", "main"),
                ("backend_address_pool_id", pool));
        }
    }

    // Listeners and backends are part of the balancer here; they come as what was folded into it, or stand beside it.
    private static IEnumerable<AttributeMap> Facts(Emission e, string kind) =>
        e.Node.Folded.Where(folded => folded.Kind.Name == kind).Select(static folded => folded.Facts)
            .Concat(e.Node.Related(kind).Select(static node => node.Facts));
}
