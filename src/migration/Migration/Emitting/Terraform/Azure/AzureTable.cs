using Sirsi.Migration.Designing;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Which emitter writes which kind on Azure.</summary>
internal static class AzureTable
{
    /// <summary>Kinds, type, emitter.</summary>
    public static IEnumerable<(string Kinds, string Type, Emitter Emitter)> Rows =>
    [
        ("compute.vm", "azurerm_linux_virtual_machine", AzureCompute.Machine),
        ("compute.vm", "azurerm_windows_virtual_machine", AzureCompute.Machine),
        ("compute.group", "azurerm_linux_virtual_machine_scale_set", AzureCompute.ScaleSet),
        ("compute.group", "azurerm_windows_virtual_machine_scale_set", AzureCompute.ScaleSet),
        ("compute.keypair", "azurerm_ssh_public_key", AzureCompute.KeyPair),
        ("compute.plan", "azurerm_service_plan", AzureApps.Plan),
        ("compute.webapp", "azurerm_linux_web_app", AzureApps.WebApp),
        ("compute.webapp", "azurerm_windows_web_app", AzureApps.WebApp),
        ("compute.function", "azurerm_linux_function_app", AzureApps.Function),
        ("compute.function", "azurerm_windows_function_app", AzureApps.Function),
        ("container.cluster", "azurerm_kubernetes_cluster", AzureContainers.Cluster),
        ("container.cluster", "azurerm_container_app_environment", AzureContainers.Environment),
        ("container.nodepool", "azurerm_kubernetes_cluster_node_pool", AzureContainers.NodePool),
        ("container.service container.task", "azurerm_container_app", AzureContainers.App),
        ("container.registry", "azurerm_container_registry", AzureContainers.Registry),
        ("storage.disk", "azurerm_managed_disk", AzureStorage.Disk),
        ("storage.bucket storage.account storage.archive", "azurerm_storage_account", AzureStorage.Account),
        ("storage.file", "azurerm_storage_share", AzureStorage.Share),
        ("storage.backup", "azurerm_recovery_services_vault", AzureStorage.BackupVault),
        ("database.relational", "azurerm_postgresql_flexible_server", AzureDatabase.Postgres),
        ("database.relational", "azurerm_mysql_flexible_server", AzureDatabase.MySql),
        ("database.relational", "azurerm_mssql_database", AzureDatabase.SqlDatabase),
        ("database.relational", "azurerm_mssql_server", AzureDatabase.SqlServer),
        ("database.document", "azurerm_cosmosdb_account", AzureDatabase.Cosmos),
        ("cache", "azurerm_redis_cache", AzureDatabase.Redis),
        ("network.vpc", "azurerm_virtual_network", AzureNetwork.Network),
        ("network.subnet", "azurerm_subnet", AzureNetwork.Subnet),
        ("network.route", "azurerm_route_table", AzureNetwork.RouteTable),
        ("network.route", "azurerm_route", AzureNetwork.Route),
        ("network.endpoint", "azurerm_private_endpoint", AzureNetwork.PrivateEndpoint),
        ("network.gateway", "azurerm_virtual_network_gateway", AzureNetwork.Gateway),
        ("network.gateway", "azurerm_nat_gateway", AzureNetwork.NatGateway),
        ("network.ip", "azurerm_public_ip", AzureNetwork.Address),
        ("network.interface", "azurerm_network_interface", AzureNetwork.Interface),
        ("network.firewall", "azurerm_network_security_group", AzureFirewall.Group),
        ("network.rule", "azurerm_network_security_rule", AzureFirewall.Rule),
        ("network.loadbalancer", "azurerm_application_gateway", AzureLoadBalancing.ApplicationGateway),
        ("network.loadbalancer", "azurerm_lb", AzureLoadBalancing.LoadBalancer),
        ("network.backend", "azurerm_lb_backend_address_pool", AzureLoadBalancing.Pool),
        ("network.listener", "azurerm_lb_rule", AzureLoadBalancing.Rule),
        ("dns.zone", "azurerm_dns_zone", AzureEdge.Zone),
        ("dns.zone", "azurerm_private_dns_zone", AzureEdge.PrivateZone),
        ("dns.record", "azurerm_dns_a_record", AzureEdge.Record),
        ("dns.record", "azurerm_dns_aaaa_record", AzureEdge.Record),
        ("dns.record", "azurerm_dns_cname_record", AzureEdge.Record),
        ("dns.record", "azurerm_dns_mx_record", AzureEdge.Record),
        ("dns.record", "azurerm_dns_ns_record", AzureEdge.Record),
        ("dns.record", "azurerm_dns_txt_record", AzureEdge.Record),
        ("cdn", "azurerm_cdn_frontdoor_profile", AzureEdge.FrontDoor),
        ("api", "azurerm_api_management", AzureEdge.Api),
        ("queue", "azurerm_servicebus_queue", AzureMessaging.Queue),
        ("topic", "azurerm_servicebus_topic", AzureMessaging.Topic),
        ("subscription", "azurerm_servicebus_subscription", AzureMessaging.Subscription),
        ("stream", "azurerm_eventhub", AzureMessaging.Stream),
        ("key", "azurerm_key_vault", AzureSecurity.OwnVault),
        ("secret", "azurerm_key_vault_secret", AzureSecurity.Secret),
        ("key", "azurerm_key_vault_key", AzureSecurity.Key),
        ("certificate", "azurerm_key_vault_certificate", AzureSecurity.Certificate),
        ("parameter", "azurerm_app_configuration_key", AzureSecurity.Parameter),
        ("identity.role", "azurerm_user_assigned_identity", AzureSecurity.Identity),
        ("logs", "azurerm_log_analytics_workspace", AzureOperations.Workspace),
        ("alarm", "azurerm_monitor_metric_alert", AzureOperations.Alert),
        ("group", "azurerm_resource_group", AzureOperations.Group),
    ];

    /// <summary>The type that a target's facts ask for where a design names only the usual one; null to leave it.</summary>
    public static string? Variant(TargetResource target)
    {
        bool windows = target.Facts["os"].AsText is "windows";
        return target.Type switch
        {
            "azurerm_linux_virtual_machine" when windows => "azurerm_windows_virtual_machine",
            "azurerm_linux_virtual_machine_scale_set" when windows => "azurerm_windows_virtual_machine_scale_set",
            "azurerm_linux_function_app" when windows => "azurerm_windows_function_app",
            "azurerm_linux_web_app" when windows => "azurerm_windows_web_app",
            "azurerm_dns_zone" when target.Facts["private"].AsBoolean is true => "azurerm_private_dns_zone",
            "azurerm_dns_a_record" when target.Facts["type"].AsText?.ToUpperInvariant() is ("AAAA" or "CNAME" or "MX" or "NS" or "TXT") and var type =>
                $"azurerm_dns_{type.ToLowerInvariant()}_record",
            _ => null,
        };
    }
}
