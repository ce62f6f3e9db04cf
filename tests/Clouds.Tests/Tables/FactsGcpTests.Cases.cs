namespace Sirsi.Clouds.Tests.Tables;

public sealed partial class FactsGcpTests
{
    /// <summary>Name, type, attributes as JSON, the facts expected; a fact that must be absent is null.</summary>
    public static TheoryData<string, string, string, string> Cases => new()
    {
        {
            "A machine with an address", "google_compute_instance",
            """
            {"machine_type":"n2-standard-2","zone":"europe-west1-b","can_ip_forward":true,"deletion_protection":false,"boot_disk":[{"kms_key_self_link":"",
            "initialize_params":[{"image":"https://www.googleapis.com/compute/v1/projects/debian-cloud/global/images/debian-12-bookworm-v20250513","size":30,"type":"pd-balanced"}]}],
            "network_interface":[{"access_config":[{"nat_ip":"203.0.113.1"}]}],"scratch_disk":[],"metadata":{"serial-port-enable":"TRUE"},
            "service_account":[{"email":"1234-compute@developer.gserviceaccount.com"}],"scheduling":[{"preemptible":false,"provisioning_model":"STANDARD"}],
            "shielded_instance_config":[{"enable_secure_boot":false}]}
            """,
            """
            {"size":"n2-standard-2","os":"linux","image":"debian-12-bookworm-v20250513","zone":"europe-west1-b","publicIp":true,"rootDiskGiB":30,
            "rootDiskType":"pd-balanced","rootDiskEncrypted":true,"kmsKey":null,"dataDisks":[],"spot":false,"serialPort":true,"ipForwarding":true,
            "defaultIdentity":true,"secureBoot":false,"deletionProtection":false}
            """
        },
        {
            "A private spot machine with Windows", "google_compute_instance",
            """
            {"machine_type":"e2-custom-4-8192","zone":"us-central1-a","boot_disk":[{"kms_key_self_link":"projects/p/locations/l/keyRings/r/cryptoKeys/k",
            "initialize_params":[{"image":"windows-cloud/windows-2022","size":"50","type":"pd-ssd"}]}],"network_interface":[{"access_config":[],"ipv6_access_config":[]}],
            "scratch_disk":[{"interface":"NVME","size":375},{"interface":"NVME"}],"metadata":{"serial-port-enable":"false"},"service_account":[],
            "scheduling":[{"preemptible":false,"provisioning_model":"SPOT"}],"shielded_instance_config":[{"enable_secure_boot":true}]}
            """,
            """
            {"size":"e2-custom-4-8192","os":"windows","image":"windows-2022","publicIp":false,"rootDiskGiB":50,"kmsKey":"projects/p/locations/l/keyRings/r/cryptoKeys/k",
            "dataDisks":[{"sizeGiB":375,"type":"local-ssd","encrypted":true},{"sizeGiB":375,"type":"local-ssd","encrypted":true}],
            "spot":true,"serialPort":false,"defaultIdentity":false,"secureBoot":true}
            """
        },
        {
            "A planned machine whose identity and disk are not known", "google_compute_instance",
            """
            {"machine_type":"f1-micro","boot_disk":[{"initialize_params":[{"image":null,"size":null,"type":null}]}],"network_interface":[{"access_config":[]}],
            "service_account":[{"email":null,"scopes":["cloud-platform"]}],"metadata":null}
            """,
            """{"size":"f1-micro","os":null,"rootDiskGiB":null,"rootDiskType":null,"defaultIdentity":null,"serialPort":null,"secureBoot":null,"spot":false}"""
        },
        {
            "A template of machines", "google_compute_instance_template",
            """{"machine_type":"e2-medium","disk":[{"boot":false,"source_image":""},{"boot":true,"source_image":"projects/rhel-cloud/global/images/family/rhel-9"}]}""",
            """{"size":"e2-medium","os":"linux","image":"rhel-9","encrypted":true}"""
        },
        {
            "A group over zones", "google_compute_region_instance_group_manager",
            """{"target_size":3,"distribution_policy_zones":["europe-west1-b","europe-west1-c"]}""",
            """{"desiredCount":3,"zones":["europe-west1-b","europe-west1-c"],"multiZone":true}"""
        },
        {
            "A disk with a key", "google_compute_disk",
            """{"size":500,"type":"pd-ssd","zone":"europe-west1-b","provisioned_iops":0,"disk_encryption_key":[{"kms_key_self_link":"projects/p/k"}]}""",
            """{"sizeGiB":500,"type":"pd-ssd","zone":"europe-west1-b","iops":null,"encrypted":true,"kmsKey":"projects/p/k"}"""
        },
        {
            "A fast disk", "google_compute_disk",
            """{"size":"1000","type":"projects/p/zones/z/diskTypes/hyperdisk-balanced","zone":"","provisioned_iops":9000,"provisioned_throughput":300,"disk_encryption_key":[]}""",
            """{"sizeGiB":1000,"type":"hyperdisk-balanced","zone":null,"iops":9000,"throughputMiBs":300,"kmsKey":null}"""
        },
        {
            "A bucket as the provider makes it", "google_storage_bucket",
            """
            {"encryption":[],"lifecycle_rule":[],"logging":[],"public_access_prevention":"inherited","retention_policy":[],"storage_class":"NEARLINE",
            "uniform_bucket_level_access":false,"versioning":[]}
            """,
            """
            {"encrypted":true,"kmsKey":null,"lifecycle":false,"logging":false,"publicBlocked":false,"public":null,"retentionDays":null,"class":"NEARLINE",
            "uniformAccess":false,"versioned":false}
            """
        },
        {
            "A bucket that is locked up", "google_storage_bucket",
            """
            {"encryption":[{"default_kms_key_name":"projects/p/k"}],"lifecycle_rule":[{}],"logging":[{"log_bucket":"l"}],"public_access_prevention":"enforced",
            "retention_policy":[{"is_locked":true,"retention_period":"864000"}],"bucket_policy_only":true,"versioning":[{"enabled":true}]}
            """,
            """
            {"kmsKey":"projects/p/k","lifecycle":true,"logging":true,"publicBlocked":true,"public":false,"retentionDays":10,"class":null,
            "uniformAccess":true,"versioned":true}
            """
        },
        {
            "PostgreSQL to measure, open to all", "google_sql_database_instance",
            """
            {"database_version":"POSTGRES_15","deletion_protection":true,"encryption_key_name":"","settings":[{"tier":"db-custom-4-15360","availability_type":"ZONAL",
            "disk_size":200,"disk_type":"PD_SSD","database_flags":[],"backup_configuration":[{"enabled":true,"backup_retention_settings":[{"retained_backups":7}]}],
            "ip_configuration":[{"ipv4_enabled":true,"ssl_mode":"ALLOW_UNENCRYPTED_AND_ENCRYPTED","authorized_networks":[{"value":"0.0.0.0/0"}]}]}]}
            """,
            """
            {"engine":"postgres","version":"15","size":"db-custom-4-15360","vcpus":4,"memoryGiB":15,"storageGiB":200,"storageType":"PD_SSD","backupDays":7,
            "multiZone":false,"public":true,"openToAll":true,"tlsRequired":false,"auditLogs":false,"deletionProtection":true,"encrypted":true,"kmsKey":null}
            """
        },
        {
            "MySQL of an old provider, private and with a standby", "google_sql_database_instance",
            """
            {"database_version":"MYSQL_8_0_31","master_instance_name":"","settings":[{"tier":"db-n1-standard-2","availability_type":"REGIONAL","disk_size":10,
            "disk_type":"PD_HDD","deletion_protection_enabled":false,"database_flags":[{"name":"cloudsql_mysql_audit","value":"ON"}],
            "backup_configuration":[{"enabled":false}],"ip_configuration":[{"ipv4_enabled":false,"require_ssl":true,"authorized_networks":[]}]}]}
            """,
            """
            {"engine":"mysql","version":"8.0.31","size":"db-n1-standard-2","vcpus":null,"storageType":"PD_HDD","backupDays":0,"multiZone":true,"public":false,
            "openToAll":false,"tlsRequired":true,"auditLogs":true,"deletionProtection":false}
            """
        },
        {
            "A read replica of SQL Server", "google_sql_database_instance",
            """
            {"database_version":"SQLSERVER_2019_STANDARD","master_instance_name":"main","instance_type":"READ_REPLICA_INSTANCE",
            "settings":[{"tier":"db-perf-optimized-N-8","availability_type":"ZONAL","backup_configuration":[{"enabled":false}]}]}
            """,
            """{"engine":"sqlserver","version":"15.00","vcpus":8,"memoryGiB":64,"backupDays":null,"multiZone":null}"""
        },
        {
            "An AlloyDB cluster", "google_alloydb_cluster",
            """{"database_version":"POSTGRES_16","continuous_backup_config":[{"enabled":true,"recovery_window_days":21}],"encryption_config":[{"kms_key_name":"k"}]}""",
            """{"engine":"postgres","version":"16","backupDays":21,"kmsKey":"k","encrypted":true}"""
        },
        {
            "A Bigtable instance in two zones", "google_bigtable_instance",
            """{"deletion_protection":true,"cluster":[{"zone":"a","num_nodes":3,"kms_key_name":""},{"zone":"b","num_nodes":2,"kms_key_name":"k"}]}""",
            """{"engine":"bigtable","count":5,"multiZone":true,"kmsKey":"k","deletionProtection":true}"""
        },
        {
            "A Firestore database", "google_firestore_database",
            """{"point_in_time_recovery_enablement":"POINT_IN_TIME_RECOVERY_DISABLED","delete_protection_state":"DELETE_PROTECTION_ENABLED","cmek_config":[]}""",
            """{"engine":"firestore","pointInTimeRecovery":false,"deletionProtection":true,"onDemand":true,"kmsKey":null}"""
        },
        {
            "A dataset for all who have signed in", "google_bigquery_dataset",
            """{"access":[{"role":"OWNER","special_group":"projectOwners"},{"role":"READER","special_group":"allAuthenticatedUsers"}]}""",
            """{"public":true,"encrypted":true}"""
        },
        {
            "A Redis with a standby", "google_redis_instance",
            """{"auth_enabled":false,"memory_size_gb":5,"redis_version":"REDIS_6_X","tier":"STANDARD_HA","transit_encryption_mode":"DISABLED","replica_count":0,"location_id":"z"}""",
            """{"engine":"redis","version":"6.x","memoryGiB":5,"count":2,"multiZone":true,"authRequired":false,"transitEncrypted":false,"public":false,"zone":"z"}"""
        },
        {
            "A Redis cluster", "google_redis_cluster",
            """{"shard_count":3,"replica_count":1,"node_type":"REDIS_HIGHMEM_MEDIUM","authorization_mode":"AUTH_MODE_IAM_AUTH","transit_encryption_mode":"TRANSIT_ENCRYPTION_MODE_DISABLED","zone_distribution_config":[{"mode":"MULTI_ZONE"}]}""",
            """{"size":"REDIS_HIGHMEM_MEDIUM","count":6,"memoryGiB":null,"authRequired":true,"transitEncrypted":false,"multiZone":true}"""
        },
        {
            "A regional cluster without a pool of its own", "google_container_cluster",
            """
            {"location":"europe-west1","master_version":"1.30.5-gke.1014001","remove_default_node_pool":true,"initial_node_count":1,"enable_legacy_abac":false,
            "logging_service":"logging.googleapis.com/kubernetes","private_cluster_config":[],"network_policy":[],"database_encryption":[{"state":"DECRYPTED","key_name":""}],
            "master_auth":[{"client_certificate_config":[{"issue_client_certificate":false}]}],"deletion_protection":true,"node_config":[]}
            """,
            """
            {"version":"1.30.5","nodeSize":null,"nodeCount":null,"legacyAuth":false,"logging":true,"publicEndpoint":true,"privateNodes":false,"networkPolicy":false,
            "secretsEncrypted":false,"rbac":true,"multiZone":true,"zone":null,"kmsKey":null,"deletionProtection":true}
            """
        },
        {
            "A zonal cluster over two zones, private", "google_container_cluster",
            """
            {"location":"us-east1-b","min_master_version":"1.29","initial_node_count":2,"node_locations":["us-east1-c"],"node_config":[{"machine_type":"e2-medium"}],
            "logging_service":"none","datapath_provider":"ADVANCED_DATAPATH","enable_legacy_abac":true,
            "private_cluster_config":[{"enable_private_endpoint":true,"enable_private_nodes":true}],"database_encryption":[{"state":"ENCRYPTED","key_name":"k"}]}
            """,
            """
            {"version":"1.29","nodeSize":"e2-medium","nodeCount":4,"logging":false,"networkPolicy":true,"legacyAuth":true,"publicEndpoint":false,"privateNodes":true,
            "secretsEncrypted":true,"kmsKey":"k","multiZone":false,"zone":"us-east1-b"}
            """
        },
        {
            "A pool counts its nodes in all zones", "google_container_node_pool",
            """{"location":"europe-west1","node_locations":["b","c"],"node_count":2,"autoscaling":[{"min_node_count":1,"max_node_count":4,"total_min_node_count":0,"total_max_node_count":0}],"node_config":[{"machine_type":"e2-standard-4","disk_size_gb":100}]}""",
            """{"size":"e2-standard-4","minCount":2,"maxCount":8,"desiredCount":4,"diskGiB":100,"multiZone":true}"""
        },
        {
            "A zonal pool", "google_container_node_pool",
            """{"location":"europe-west1-b","initial_node_count":2,"node_config":[{"machine_type":"n1-standard-1","spot":true}],"autoscaling":[]}""",
            """{"size":"n1-standard-1","desiredCount":2,"minCount":null,"maxCount":null,"spot":true}"""
        },
        {
            "A Cloud Run service", "google_cloud_run_v2_service",
            """{"ingress":"INGRESS_TRAFFIC_ALL","template":[{"scaling":[{"min_instance_count":1}],"containers":[{"resources":[{"limits":{"cpu":"500m","memory":"2Gi"}}]}]}]}""",
            """{"desiredCount":1,"cpuUnits":512,"memoryMiB":2048,"public":null}"""
        },
        {
            "A function of the first generation", "google_cloudfunctions_function",
            """{"runtime":"nodejs14","available_memory_mb":256,"timeout":60,"kms_key_name":"","ingress_settings":"ALLOW_ALL","trigger_http":true}""",
            """{"runtime":"nodejs14","memoryMiB":256,"timeoutSeconds":60,"kmsKey":null,"public":null}"""
        },
        {
            "A function of the second generation", "google_cloudfunctions2_function",
            """{"build_config":[{"runtime":"python312"}],"service_config":[{"available_memory":"1Gi","timeout_seconds":90,"ingress_settings":"ALLOW_INTERNAL_ONLY"}]}""",
            """{"runtime":"python312","memoryMiB":1024,"timeoutSeconds":90,"public":false}"""
        },
        {
            "A firewall rule with single ports and ranges", "google_compute_firewall",
            """
            {"allow":[{"protocol":"tcp","ports":["22","8000-8100"]},{"protocol":"icmp","ports":[]},{"protocol":"esp","ports":[]}],"deny":[],"direction":"INGRESS","disabled":false,
            "priority":900,"source_ranges":["0.0.0.0/0"],"destination_ranges":[],"target_tags":["web"],"description":""}
            """,
            """
            {"priority":900,"rules":[
            {"direction":"in","action":"allow","protocol":"tcp","fromPort":22,"toPort":22,"priority":900,"sources":["0.0.0.0/0"],"targets":["web"]},
            {"direction":"in","action":"allow","protocol":"tcp","fromPort":8000,"toPort":8100,"priority":900,"sources":["0.0.0.0/0"],"targets":["web"]},
            {"direction":"in","action":"allow","protocol":"icmp","fromPort":0,"toPort":65535,"priority":900,"sources":["0.0.0.0/0"],"targets":["web"]}]}
            """
        },
        {
            "A rule that denies what leaves", "google_compute_firewall",
            """{"allow":[],"deny":[{"protocol":"all","ports":[]}],"direction":"EGRESS","priority":65534,"destination_ranges":["10.0.0.0/8"],"source_ranges":[]}""",
            """{"rules":[{"direction":"out","action":"deny","protocol":"all","fromPort":0,"toPort":65535,"priority":65534,"sources":["10.0.0.0/8"]}]}"""
        },
        {
            "A rule that is switched off", "google_compute_firewall",
            """{"allow":[{"protocol":"tcp","ports":["22"]}],"direction":"INGRESS","disabled":true,"source_ranges":["0.0.0.0/0"]}""",
            """{"rules":[]}"""
        },
        {
            "A rule of which nothing is known yet", "google_compute_firewall", """{"priority":1000,"direction":null}""", """{"rules":null,"priority":1000}"""
        },
        {
            "A rule of a policy", "google_compute_network_firewall_policy_rule",
            """{"action":"allow","direction":"INGRESS","disabled":false,"priority":10,"match":[{"src_ip_ranges":["::/0"],"layer4_configs":[{"ip_protocol":"6","ports":["3389"]}]}]}""",
            """{"priority":10,"rules":[{"direction":"in","action":"allow","protocol":"tcp","fromPort":3389,"toPort":3389,"priority":10,"sources":["::/0"]}]}"""
        },
        {
            "A policy that holds its rules", "google_compute_region_network_firewall_policy_with_rules",
            """
            {"rule":[{"action":"goto_next","direction":"INGRESS","priority":1,"match":[{"src_ip_ranges":["0.0.0.0/0"],"layer4_config":[{"ip_protocol":"all","ports":[]}]}]},
            {"action":"deny","direction":"EGRESS","priority":2,"match":[{"dest_ip_ranges":["192.0.2.0/24"],"layer4_config":[{"ip_protocol":"udp","ports":["53"]}]}]}]}
            """,
            """{"rules":[{"direction":"out","action":"deny","protocol":"udp","fromPort":53,"toPort":53,"priority":2,"sources":["192.0.2.0/24"]}]}"""
        },
        {
            "A subnet without logs", "google_compute_subnetwork",
            """{"ip_cidr_range":"10.60.0.0/22","log_config":[],"private_ip_google_access":false,"purpose":"PRIVATE","secondary_ip_range":[{"ip_cidr_range":"10.64.0.0/14"}]}""",
            """{"cidrs":["10.60.0.0/22"],"flowLogs":false,"privateAccess":false}"""
        },
        {
            "A subnet of proxies cannot be logged", "google_compute_subnetwork",
            """{"ip_cidr_range":"10.9.0.0/24","log_config":[],"private_ip_google_access":false,"purpose":"REGIONAL_MANAGED_PROXY"}""",
            """{"cidrs":["10.9.0.0/24"],"flowLogs":null,"privateAccess":null}"""
        },
        {
            "A rule of a web balancer", "google_compute_global_forwarding_rule",
            """{"load_balancing_scheme":"EXTERNAL","ip_protocol":"TCP","target":"https://www.googleapis.com/compute/v1/projects/p/global/targetHttpProxies/fleet"}""",
            """{"scheme":"internet","type":"application","public":true}"""
        },
        {
            "A rule of an internal balancer", "google_compute_forwarding_rule",
            """{"load_balancing_scheme":"INTERNAL","ip_protocol":"TCP","target":"","backend_service":"projects/p/regions/r/backendServices/b"}""",
            """{"scheme":"internal","type":"network","public":false}"""
        },
        {
            "A proxy without a policy of its own", "google_compute_target_https_proxy",
            """{"ssl_policy":""}""",
            """{"protocol":"HTTPS","minTls":1.0,"sslPolicy":null}"""
        },
        {
            "A route to the internet", "google_compute_route",
            """{"dest_range":"0.0.0.0/0","next_hop_gateway":"https://x/projects/p/global/gateways/default-internet-gateway","next_hop_ip":"","next_hop_instance":""}""",
            """{"routes":[{"cidr":"0.0.0.0/0","via":"internet"}]}"""
        },
        {
            "An unsigned zone", "google_dns_managed_zone",
            """{"dns_name":"fleet.example.com.","visibility":"public","dnssec_config":[{"state":"off"}]}""",
            """{"domain":"fleet.example.com","private":false,"dnssec":false,"public":true}"""
        },
        {
            "A private zone", "google_dns_managed_zone",
            """{"dns_name":"internal.","visibility":"private","dnssec_config":[]}""",
            """{"domain":"internal","private":true,"dnssec":null}"""
        },
        {
            "A subscription", "google_pubsub_subscription",
            """{"enable_message_ordering":true,"dead_letter_policy":[],"message_retention_duration":"604800s"}""",
            """{"fifo":true,"deadLetter":false,"retentionSeconds":604800}"""
        },
        {
            "A key that is never renewed", "google_kms_crypto_key",
            """{"purpose":"ENCRYPT_DECRYPT","rotation_period":"","destroy_scheduled_duration":"86400s","version_template":[{"algorithm":"GOOGLE_SYMMETRIC_ENCRYPTION","protection_level":"HSM"}]}""",
            """{"rotation":false,"algorithm":"GOOGLE_SYMMETRIC_ENCRYPTION","hsm":true,"deletionDays":1}"""
        },
        {
            "A key that signs cannot be renewed", "google_kms_crypto_key",
            """{"purpose":"ASYMMETRIC_SIGN","rotation_period":""}""",
            """{"rotation":null,"hsm":null}"""
        },
        {
            "A policy for a project", "google_project_iam_policy",
            """{"policy_data":"{\"bindings\":[{\"role\":\"roles/owner\",\"members\":[\"user:a@example.com\"]},{\"role\":\"roles/viewer\",\"members\":[\"allUsers\"]}]}"}""",
            """{"member":"allUsers","role":"roles/owner","admin":true}"""
        },
        {
            "A grant to many", "google_storage_bucket_iam_binding",
            """{"bucket":"b/x","role":"roles/storage.objectViewer","members":["user:a@example.com","allAuthenticatedUsers"]}""",
            """{"member":"allAuthenticatedUsers","role":"roles/storage.objectViewer"}"""
        },
        {
            "An alert", "google_monitoring_alert_policy",
            """{"conditions":[{"condition_threshold":[{"filter":"metric.type=\"compute.googleapis.com/instance/cpu/utilization\" AND resource.type=\"gce_instance\"","threshold_value":0.8}]}]}""",
            """{"metric":"compute.googleapis.com/instance/cpu/utilization","threshold":0.8}"""
        },
        {
            "A sink that is switched off", "google_logging_project_sink", """{"disabled":true}""", """{"enabled":false}"""
        },
    };
}
