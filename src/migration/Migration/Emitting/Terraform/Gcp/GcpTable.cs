namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Which emitter writes which kind on Google Cloud.</summary>
internal static class GcpTable
{
    /// <summary>Kinds, type, emitter.</summary>
    public static IEnumerable<(string Kinds, string Type, Emitter Emitter)> Rows =>
    [
        ("compute.vm", "google_compute_instance", GcpCompute.Instance),
        ("compute.group", "google_compute_region_instance_group_manager", GcpCompute.Group),
        ("compute.template", "google_compute_instance_template", GcpCompute.Template),
        ("compute.function", "google_cloudfunctions2_function", GcpApps.Function),
        ("compute.webapp container.service", "google_cloud_run_v2_service", GcpApps.Service),
        ("container.task compute.batch", "google_cloud_run_v2_job", GcpApps.Job),
        ("container.cluster", "google_container_cluster", GcpContainers.Cluster),
        ("container.nodepool", "google_container_node_pool", GcpContainers.NodePool),
        ("container.registry", "google_artifact_registry_repository", GcpContainers.Registry),
        ("storage.disk", "google_compute_disk", GcpStorage.Disk),
        ("storage.bucket storage.account storage.archive", "google_storage_bucket", GcpStorage.Bucket),
        ("storage.file", "google_filestore_instance", GcpStorage.Filestore),
        ("storage.backup", "google_backup_dr_backup_vault", GcpStorage.BackupVault),
        ("database.relational", "google_sql_database_instance", GcpDatabase.Sql),
        ("database.document", "google_firestore_database", GcpDatabase.Firestore),
        ("database.document", "google_bigtable_instance", GcpDatabase.Bigtable),
        ("cache", "google_redis_instance", GcpDatabase.Redis),
        ("cache", "google_memcache_instance", GcpDatabase.Memcache),
        ("network.vpc", "google_compute_network", GcpNetwork.Network),
        ("network.subnet", "google_compute_subnetwork", GcpNetwork.Subnet),
        ("network.route", "google_compute_route", GcpNetwork.Route),
        ("network.gateway", "google_compute_ha_vpn_gateway", GcpNetwork.VpnGateway),
        ("network.gateway", "google_compute_router_nat", GcpNetwork.Nat),
        ("network.ip network.interface", "google_compute_address", GcpNetwork.Address),
        ("network.firewall network.rule", "google_compute_firewall", GcpFirewall.Firewall),
        ("network.loadbalancer", "google_compute_url_map", GcpLoadBalancing.UrlMap),
        ("network.loadbalancer", "google_compute_forwarding_rule", GcpLoadBalancing.NetworkBalancer),
        ("network.listener", "google_compute_global_forwarding_rule", GcpLoadBalancing.Listener),
        ("network.backend", "google_compute_backend_service", GcpLoadBalancing.Backend),
        ("network.backend", "google_compute_region_backend_service", GcpLoadBalancing.RegionBackend),
        ("dns.zone", "google_dns_managed_zone", GcpEdge.Zone),
        ("dns.record", "google_dns_record_set", GcpEdge.Record),
        ("cdn", "google_compute_backend_bucket", GcpEdge.ContentDelivery),
        ("api", "google_api_gateway_api", GcpEdge.Api),
        ("topic queue stream", "google_pubsub_topic", GcpMessaging.Topic),
        ("subscription", "google_pubsub_subscription", GcpMessaging.Subscription),
        ("secret parameter", "google_secret_manager_secret", GcpSecurity.Secret),
        ("key", "google_kms_crypto_key", GcpSecurity.Key),
        ("key", "google_kms_key_ring", GcpSecurity.KeyRing),
        ("certificate", "google_compute_managed_ssl_certificate", GcpSecurity.Certificate),
        ("identity.role", "google_service_account", GcpSecurity.ServiceAccount),
        ("logs", "google_logging_project_bucket_config", GcpOperations.LogBucket),
        ("alarm", "google_monitoring_alert_policy", GcpOperations.Alert),
        ("group", "google_folder", GcpOperations.Folder),
    ];
}
