using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Expressions;
using Sirsi.Clouds.Tables;

namespace Sirsi.Clouds.Tests.Tables;

/// <summary>Facts of Azure's resources, read from states as the product reads them, against what the attributes say to a person.</summary>
public sealed class FactsAzureTests
{
    private const string Group = "/subscriptions/1/resourceGroups/g/providers/";

    [Theory]
    // Machines.
    [InlineData("azurerm_linux_virtual_machine",
        """
        {"size":"Standard_D2s_v5","zone":"1","priority":"Spot","public_ip_address":"203.0.113.9","disable_password_authentication":false,
         "secure_boot_enabled":false,"os_disk":[{"disk_size_gb":64,"storage_account_type":"Premium_LRS","disk_encryption_set_id":""}],
         "source_image_reference":[{"publisher":"Canonical","offer":"ubuntu","sku":"22_04-lts","version":"latest"}],"source_image_id":""}
        """,
        "size == 'Standard_D2s_v5' and os == 'linux' and zone == '1' and spot and publicIp and passwordLogin and secureBoot == false "
        + "and rootDiskGiB == 64 and rootDiskType == 'Premium_LRS' and rootDiskEncrypted and image == 'Canonical:ubuntu:22_04-lts:latest' and kmsKey == null")]
    [InlineData("azurerm_kubernetes_cluster_node_pool", """{"vm_size":"Standard_D4s_v5","node_count":2,"priority":"Spot"}""", "spot == true and desiredCount == 2")]
    [InlineData("azurerm_linux_virtual_machine_scale_set", """{"sku":"Standard_D2s_v5","instances":2,"priority":"Regular"}""", "spot == false")]
    [InlineData("azurerm_postgresql_flexible_server", """{"create_mode":"Replica","high_availability":[]}""", "multiZone == null")]
    [InlineData("azurerm_postgresql_flexible_server", """{"create_mode":"","high_availability":[]}""", "multiZone == false")]
    [InlineData("azurerm_windows_virtual_machine",
        """{"size":"Standard_B2ms","zone":"","public_ip_address":"","source_image_id":"/images/base","source_image_reference":[]}""",
        "os == 'windows' and zone == null and publicIp == false and image == '/images/base' and rootDiskGiB == null and passwordLogin == null")]
    [InlineData("azurerm_virtual_machine",
        """
        {"vm_size":"Standard_DS1_v2","zones":["2"],"os_profile_linux_config":[{"disable_password_authentication":true}],
         "storage_os_disk":[{"disk_size_gb":30,"managed_disk_type":"Standard_LRS","os_type":""}],
         "storage_data_disk":[{"create_option":"Empty","disk_size_gb":100,"managed_disk_type":"Premium_LRS"},
                              {"create_option":"Attach","disk_size_gb":500,"managed_disk_type":"Premium_LRS"}],
         "storage_image_reference":[{"publisher":"Canonical","offer":"UbuntuServer","sku":"18.04-LTS","version":"latest","id":""}]}
        """,
        "size == 'Standard_DS1_v2' and os == 'linux' and zone == '2' and rootDiskGiB == 30 and rootDiskType == 'Standard_LRS' and passwordLogin == false "
        + "and count(dataDisks) == 1 and dataDisks[0].sizeGiB == 100 and dataDisks[0].type == 'Premium_LRS' and image startsWith 'Canonical:UbuntuServer'")]
    [InlineData("azurerm_windows_virtual_machine_scale_set", """{"sku":"Standard_F2","instances":3,"zones":["1","2"]}""",
        "size == 'Standard_F2' and os == 'windows' and desiredCount == 3 and multiZone and count(zones) == 2 and maxCount == null")]
    [InlineData("azurerm_virtual_machine_scale_set",
        """{"sku":[{"name":"Standard_F2","capacity":2}],"os_profile_linux_config":[{}],"storage_profile_os_disk":[{"os_type":""}]}""",
        "size == 'Standard_F2' and os == 'linux' and desiredCount == 2 and multiZone == null")]
    [InlineData("azurerm_network_interface", """{"enable_ip_forwarding":true}""", "ipForwarding")]
    // Web.
    [InlineData("azurerm_linux_web_app",
        """{"https_only":true,"service_plan_id":"/x/serverFarms/web","site_config":[{"minimum_tls_version":"1.1","application_stack":[{"node_version":"18-lts","python_version":""}]}]}""",
        "httpsOnly and minTls == 1.1 and runtime == 'nodejs18' and plan == 'web'")]
    [InlineData("azurerm_linux_function_app", """{"site_config":[{"application_stack":[{"dotnet_version":"3.1"}]}]}""", "runtime == 'dotnetcore3.1'")]
    [InlineData("azurerm_windows_function_app", """{"site_config":[{"application_stack":[{"dotnet_version":"v8.0","node_version":""}]}]}""", "runtime == 'dotnet8'")]
    [InlineData("azurerm_windows_web_app", """{"site_config":[{"application_stack":[{"dotnet_version":"v4.0","current_stack":"dotnet"}]}]}""", "runtime == null")]
    [InlineData("azurerm_app_service", """{"https_only":false,"site_config":[{"linux_fx_version":"PYTHON|3.7","min_tls_version":"1.0"}]}""",
        "runtime == 'python3.7' and httpsOnly == false and minTls == 1")]
    [InlineData("azurerm_function_app", """{"site_config":[{"linux_fx_version":"DOCKER|registry/image:1"}]}""", "runtime == null")]
    [InlineData("azurerm_function_app", """{"site_config":[{"linux_fx_version":"DOTNETCORE|8.0"}]}""", "runtime == 'dotnet8'")]
    [InlineData("azurerm_app_service_plan", """{"kind":"Linux","sku":[{"tier":"Premium","size":"P2","capacity":3}]}""", "size == 'P2v1' and os == 'linux' and count == 3")]
    [InlineData("azurerm_service_plan", """{"sku_name":"P1v3","os_type":"Windows","worker_count":2}""", "size == 'P1v3' and os == 'windows' and count == 2")]
    // Containers.
    [InlineData("azurerm_kubernetes_cluster",
        """
        {"kubernetes_version":"1.30.5","private_cluster_enabled":false,"local_account_disabled":true,"role_based_access_control_enabled":true,
         "oms_agent":[{"log_analytics_workspace_id":"w"}],"key_management_service":[],"network_profile":[{"network_policy":"calico"}],
         "api_server_access_profile":[{"authorized_ip_ranges":["203.0.113.0/24"]}],
         "default_node_pool":[{"vm_size":"Standard_D4s_v5","node_count":3,"node_public_ip_enabled":false,"zones":["1","2","3"]}]}
        """,
        "version == '1.30.5' and publicEndpoint == false and legacyAuth == false and rbac and logging and secretsEncrypted == false and networkPolicy "
        + "and nodeSize == 'Standard_D4s_v5' and nodeCount == 3 and privateNodes and multiZone")]
    [InlineData("azurerm_kubernetes_cluster",
        """{"private_cluster_enabled":false,"api_server_authorized_ip_ranges":[],"role_based_access_control":[{"enabled":false}],"addon_profile":[{"oms_agent":[{"enabled":false}]}]}""",
        "publicEndpoint and rbac == false and logging == false and secretsEncrypted == null and nodeSize == null")]
    [InlineData("azurerm_kubernetes_cluster_node_pool",
        """{"vm_size":"Standard_D2s_v3","os_type":"Windows","node_count":2,"enable_auto_scaling":false,"min_count":0,"max_count":0,"os_disk_size_gb":128}""",
        "size == 'Standard_D2s_v3' and os == 'windows' and desiredCount == 2 and minCount == null and maxCount == null and diskGiB == 128")]
    [InlineData("azurerm_container_registry", """{"admin_enabled":true,"anonymous_pull_enabled":true}""", "adminUser and public and encrypted")]
    [InlineData("azurerm_container_group", """{"ip_address_type":"Public"}""", "publicIp")]
    // Storage.
    [InlineData("azurerm_managed_disk", """{"disk_size_gb":1024,"storage_account_type":"Premium_ZRS","disk_iops_read_write":5000,"disk_mbps_read_write":200,"zone":"3"}""",
        "sizeGiB == 1024 and type == 'Premium_ZRS' and iops == 5000 and throughputMiBs == 200 and zone == '3' and encrypted and multiZone")]
    [InlineData("azurerm_storage_account",
        """{"https_traffic_only_enabled":true,"min_tls_version":"TLS1_0","access_tier":"Cool","account_tier":"Standard","account_replication_type":"GZRS","allow_nested_items_to_be_public":true,"shared_access_key_enabled":true,"public_network_access_enabled":true,"network_rules":[{"default_action":"Allow"}],"blob_properties":[{"delete_retention_policy":[]}]}""",
        "httpsOnly and minTls == 1.0 and class == 'Cool' and redundancy == 'GZRS' and multiZone and publicBlobs and sharedKey and networkDefaultDeny == false and softDeleteDays == 0 and encrypted")]
    [InlineData("azurerm_storage_account",
        """{"enable_https_traffic_only":false,"allow_blob_public_access":false,"network_rules":[{"default_action":"Deny"}],"blob_properties":[],"account_type":"Standard_RAGRS"}""",
        "httpsOnly == false and publicBlobs == false and networkDefaultDeny and softDeleteDays == null and redundancy == 'RAGRS' and multiZone == false and minTls == null")]
    [InlineData("azurerm_storage_container", """{"container_access_type":"blob"}""", "public and encrypted")]
    [InlineData("azurerm_storage_container", """{"container_access_type":"private"}""", "public == false")]
    // Databases and caches.
    [InlineData("azurerm_mssql_database",
        """{"sku_name":"GP_Gen5_4","max_size_gb":250,"zone_redundant":true,"transparent_data_encryption_enabled":false,"short_term_retention_policy":[{"retention_days":7}]}""",
        "engine == 'sqlserver' and size == 'GP_Gen5_4' and vcpus == 4 and storageGiB == 250 and multiZone and encrypted == false and backupDays == 7")]
    [InlineData("azurerm_mssql_database", """{"sku_name":"ElasticPool","max_size_gb":50}""", "size == null and vcpus == null and storageGiB == 50")]
    [InlineData("azurerm_mssql_elasticpool", """{"sku":[{"name":"GP_Gen5","tier":"GeneralPurpose","capacity":8}],"max_size_gb":512}""", "size == 'GP_Gen5_8' and vcpus == 8 and storageGiB == 512")]
    [InlineData("azurerm_mssql_server", """{"version":"12.0","minimum_tls_version":"Disabled","public_network_access_enabled":true}""",
        "engine == 'sqlserver' and version == null and minTls == null and public and size == null")]
    [InlineData("azurerm_postgresql_flexible_server",
        """{"sku_name":"GP_Standard_D2s_v3","version":"15","storage_mb":131072,"backup_retention_days":7,"high_availability":[{"mode":"SameZone"}],"delegated_subnet_id":"/s","public_network_access_enabled":true,"zone":"1"}""",
        "engine == 'postgres' and size == 'GP_Standard_D2s_v3' and version == '15' and storageGiB == 128 and backupDays == 7 and multiZone == false and public == false and zone == '1'")]
    [InlineData("azurerm_mysql_flexible_server", """{"version":"8.0.21","storage":[{"size_gb":20,"iops":360}],"high_availability":[{"mode":"ZoneRedundant"}],"delegated_subnet_id":"","public_network_access_enabled":true}""",
        "engine == 'mysql' and storageGiB == 20 and iops == 360 and multiZone and public")]
    [InlineData("azurerm_postgresql_server", """{"sku_name":"GP_Gen5_4","version":"11","storage_mb":5120,"ssl_enforcement_enabled":false,"ssl_minimal_tls_version_enforced":"TLSEnforcementDisabled"}""",
        "size == 'GP_Gen5_4' and storageGiB == 5 and tlsRequired == false and minTls == null and version == '11'")]
    [InlineData("azurerm_mariadb_server", """{"ssl_enforcement":"Enabled","storage_profile":[{"storage_mb":10240,"backup_retention_days":14}]}""",
        "engine == 'mariadb' and tlsRequired and storageGiB == 10 and backupDays == 14")]
    [InlineData("azurerm_cosmosdb_account",
        """{"kind":"GlobalDocumentDB","capabilities":[{"name":"EnableServerless"}],"backup":[{"type":"Periodic"}],"minimal_tls_version":"Tls","public_network_access_enabled":true,"ip_range_filter":"","geo_location":[{"zone_redundant":false}]}""",
        "engine == 'cosmos' and onDemand and pointInTimeRecovery == false and minTls == 1 and public and multiZone == false")]
    [InlineData("azurerm_cosmosdb_account", """{"kind":"MongoDB","capabilities":[],"public_network_access_enabled":true,"ip_range_filter":["198.51.100.4"]}""",
        "engine == 'mongodb' and onDemand == null and public == false")]
    [InlineData("azurerm_redis_cache", """{"sku_name":"Premium","family":"P","capacity":1,"shard_count":2,"enable_non_ssl_port":true,"minimum_tls_version":"1.0","zones":["1","2"],"subnet_id":"/s","redis_version":"6","redis_configuration":[{"enable_authentication":true}]}""",
        "engine == 'redis' and size == 'Premium_P1' and count == 2 and transitEncrypted == false and minTls == 1 and multiZone and public == false and authRequired and version == '6'")]
    // Network.
    [InlineData("azurerm_subnet", """{"address_prefix":"10.0.1.0/24"}""", "count(cidrs) == 1 and cidrs[0] == '10.0.1.0/24'")]
    [InlineData("azurerm_network_security_rule",
        """{"name":"web","priority":100,"direction":"Inbound","access":"Allow","protocol":"*","source_address_prefix":"Internet","destination_address_prefix":"10.0.0.4","destination_port_range":"","destination_port_ranges":["80","8000-8100"],"description":""}""",
        "count(rules) == 2 and priority == 100 and rules[0].protocol == 'all' and rules[0].fromPort == 80 and rules[0].toPort == 80 and rules[1].fromPort == 8000 "
        + "and rules[1].toPort == 8100 and rules[1].sources[0] == '0.0.0.0/0' and rules[1].targets[0] == '10.0.0.4' and rules[0].direction == 'in' and rules[0].action == 'allow' and rules[0].description == 'web'")]
    [InlineData("azurerm_network_security_group",
        """{"name":"g","security_rule":[{"name":"out","priority":200,"direction":"Outbound","access":"Deny","protocol":"Udp","source_address_prefix":"*","destination_address_prefixes":["198.51.100.0/24"],"destination_port_range":"*","description":"No"},{"name":"esp","priority":201,"direction":"Inbound","access":"Allow","protocol":"Esp","source_address_prefix":"*","destination_address_prefix":"*","destination_port_range":"*"}]}""",
        "count(rules) == 1 and rules[0].direction == 'out' and rules[0].action == 'deny' and rules[0].protocol == 'udp' and rules[0].fromPort == 0 and rules[0].toPort == 65535 "
        + "and rules[0].sources[0] == '198.51.100.0/24' and rules[0].description == 'No' and rules[0].priority == 200")]
    [InlineData("azurerm_firewall_policy_rule_collection_group",
        """{"priority":500,"network_rule_collection":[{"action":"Allow","priority":400,"rule":[{"name":"n","protocols":["TCP","Any"],"source_addresses":["10.0.0.0/8"],"destination_addresses":["*"],"destination_ports":["443","1000-2000"]}]}],"nat_rule_collection":[{"action":"Dnat","priority":300,"rule":[{"name":"d","protocols":["TCP"],"source_addresses":["*"],"destination_address":"203.0.113.7","destination_ports":["22"]}]}]}""",
        "count(rules) == 5 and priority == 500 and rules[0].direction == 'out' and rules[0].protocol == 'tcp' and rules[0].fromPort == 443 and rules[3].protocol == 'all' and rules[3].toPort == 2000 "
        + "and rules[0].sources[0] == '0.0.0.0/0' and rules[4].direction == 'in' and rules[4].fromPort == 22 and rules[4].sources[0] == '0.0.0.0/0' and rules[4].targets[0] == '203.0.113.7' and rules[4].priority == 300")]
    [InlineData("azurerm_lb", """{"sku":"Basic","frontend_ip_configuration":[{"public_ip_address_id":"","subnet_id":"/s","private_ip_address":"10.0.0.4"}]}""", "type == 'network' and scheme == 'internal' and sku == 'Basic'")]
    [InlineData("azurerm_application_gateway",
        """{"sku":[{"name":"WAF_v2"}],"zones":[],"frontend_ip_configuration":[{"public_ip_address_id":"/p","subnet_id":""}],"ssl_policy":[{"policy_name":"AppGwSslPolicy20150501","min_protocol_version":""}],"waf_configuration":[{"enabled":true}]}""",
        "type == 'application' and scheme == 'internet' and sku == 'WAF_v2' and multiZone == false and minTls == 1 and waf")]
    [InlineData("azurerm_public_ip", """{"allocation_method":"Dynamic","sku":"Basic","ip_address":""}""", "static == false and sku == 'Basic' and address == null")]
    [InlineData("azurerm_virtual_network_gateway", """{"type":"ExpressRoute","sku":"ErGw1AZ"}""", "type == 'express' and sku == 'ErGw1AZ'")]
    [InlineData("azurerm_route_table", """{"route":[{"address_prefix":"0.0.0.0/0","next_hop_type":"VirtualAppliance"},{"address_prefix":"10.0.0.0/8","next_hop_type":"VirtualNetworkGateway"}]}""",
        "count(routes) == 2 and routes[0].via == 'appliance' and routes[1].cidr == '10.0.0.0/8' and routes[1].via == null")]
    [InlineData("azurerm_dns_mx_record", """{"name":"@","zone_name":"example.com","ttl":60,"record":[{"preference":"10","exchange":"mail.example.com"}]}""",
        "type == 'MX' and domain == 'example.com' and ttlSeconds == 60 and values[0] == '10 mail.example.com'")]
    [InlineData("azurerm_private_dns_cname_record", """{"name":"www","zone_name":"example.com","ttl":300,"record":"web.example.com"}""",
        "type == 'CNAME' and domain == 'www.example.com' and values[0] == 'web.example.com'")]
    [InlineData("azurerm_dns_zone", """{"name":"example.com"}""", "domain == 'example.com' and private == false and dnssec == null")]
    // The rest.
    [InlineData("azurerm_servicebus_queue", """{"default_message_ttl":"P14D","requires_session":true,"dead_lettering_on_message_expiration":false}""",
        "retentionSeconds == 1209600 and fifo and deadLetter == false and encrypted")]
    [InlineData("azurerm_servicebus_topic", """{"default_message_ttl":"P10675199DT2H48M5.4775807S","support_ordering":true}""", "retentionSeconds == null and fifo")]
    [InlineData("azurerm_eventhub", """{"partition_count":4,"message_retention":7}""", "shards == 4 and retentionHours == 168")]
    [InlineData("azurerm_key_vault", """{"purge_protection_enabled":false,"public_network_access_enabled":true,"network_acls":[{"default_action":"Deny"}]}""", "deletionProtection == false and public == false")]
    [InlineData("azurerm_key_vault_key", """{"key_type":"RSA-HSM","key_size":3072,"rotation_policy":[],"expiration_date":"2030-01-01T00:00:00Z"}""",
        "algorithm == 'RSA_3072' and hsm and rotation == false and expires == '2030-01-01T00:00:00Z'")]
    [InlineData("azurerm_key_vault_certificate", """{"certificate_policy":[{"x509_certificate_properties":[{"subject":"CN=example.com, O=Example"}]}],"certificate_attribute":[{"expires":"2027-03-01T00:00:00Z"}]}""",
        "domain == 'example.com' and expires startsWith '2027-03-01'")]
    [InlineData("azurerm_role_assignment", """{"scope":"/subscriptions/1","role_definition_name":"Owner","principal_id":"p"}""", "admin and role == 'Owner' and member == 'p'")]
    [InlineData("azurerm_role_assignment", """{"scope":"/subscriptions/1/resourceGroups/g","role_definition_name":"Owner"}""", "admin == false")]
    [InlineData("azurerm_role_definition", """{"scope":"/subscriptions/1","assignable_scopes":["/subscriptions/1"],"permissions":[{"actions":["*"]}]}""", "wildcardActions and wildcardResources")]
    [InlineData("azurerm_cdn_endpoint", """{"is_http_allowed":true,"origin":[{"host_name":"www.example.com"}]}""", "httpsOnly == false and origins[0] == 'www.example.com'")]
    [InlineData("azurerm_log_analytics_workspace", """{"retention_in_days":30}""", "retentionDays == 30 and encrypted")]
    [InlineData("azurerm_monitor_metric_alert", """{"criteria":[{"metric_name":"Percentage CPU","threshold":85}]}""", "metric == 'Percentage CPU' and threshold == 85")]
    public async Task A_resource_has_the_facts_its_attributes_state(string type, string attributes, string condition)
    {
        Resource resource = (await Read((type, "main", attributes))).Resources.Single();
        Assert.True(Expression.Require(condition).IsTrue(resource.Facts), $"{type}: {EstateText(resource)}");
    }

    [Theory]
    [InlineData("azurerm_mssql_server", "Microsoft.Sql/servers/s", "azurerm_mssql_firewall_rule",
        """{"server_id":"$owner","start_ip_address":"0.0.0.0","end_ip_address":"255.255.255.255"}""", "openToAll")]
    [InlineData("azurerm_mssql_server", "Microsoft.Sql/servers/s", "azurerm_mssql_firewall_rule",
        """{"server_id":"$owner","start_ip_address":"0.0.0.0","end_ip_address":"0.0.0.0"}""", "openToAll == null")]
    [InlineData("azurerm_postgresql_server", "Microsoft.DBforPostgreSQL/servers/s", "azurerm_postgresql_firewall_rule",
        """{"server_name":"s","start_ip_address":"0.0.0.0","end_ip_address":"255.255.255.255"}""", "openToAll")]
    [InlineData("azurerm_postgresql_flexible_server", "Microsoft.DBforPostgreSQL/flexibleServers/s", "azurerm_postgresql_flexible_server_configuration",
        """{"server_id":"$owner","name":"require_secure_transport","value":"OFF"}""", "tlsRequired == false and auditLogs == null")]
    [InlineData("azurerm_mysql_flexible_server", "Microsoft.DBforMySQL/flexibleServers/s", "azurerm_mysql_flexible_server_configuration",
        """{"server_name":"s","name":"tls_version","value":"TLSv1.1,TLSv1.2"}""", "minTls == 1.1 and tlsRequired == null")]
    [InlineData("azurerm_storage_account", "Microsoft.Storage/storageAccounts/s", "azurerm_storage_account_network_rules",
        """{"storage_account_id":"$owner","default_action":"Deny"}""", "networkDefaultDeny")]
    [InlineData("azurerm_linux_virtual_machine_scale_set", "Microsoft.Compute/virtualMachineScaleSets/s", "azurerm_monitor_autoscale_setting",
        """{"target_resource_id":"$owner","profile":[{"capacity":[{"minimum":2,"maximum":6,"default":2}]},{"capacity":[{"minimum":1,"maximum":4,"default":1}]}]}""",
        "minCount == 1 and maxCount == 6")]
    [InlineData("azurerm_virtual_network", "Microsoft.Network/virtualNetworks/s", "azurerm_network_watcher_flow_log",
        """{"target_resource_id":"$owner","enabled":true}""", "flowLogs")]
    [InlineData("azurerm_application_gateway", "Microsoft.Network/applicationGateways/s", "azurerm_monitor_diagnostic_setting",
        """{"target_resource_id":"$owner","enabled_log":[{"category":"ApplicationGatewayAccessLog"}]}""", "accessLogs and logging == null")]
    public async Task A_setting_speaks_of_what_it_configures(string ownerType, string ownerId, string type, string attributes, string condition)
    {
        string id = Group + ownerId;
        Estate estate = await Read(
            (ownerType, "owner", $$"""{"id":"{{id}}","name":"s","resource_group_name":"g"}"""),
            (type, "setting", attributes.Replace("$owner", id, StringComparison.Ordinal)));
        Resource owner = Assert.IsType<Resource>(estate.Find($"{ownerType}.owner"));
        Assert.True(Expression.Require(condition).IsTrue(owner.Facts), $"{ownerType}: {EstateText(owner)}");
    }

    [Fact]
    public void Nothing_is_stated_of_attributes_that_a_plan_does_not_know()
    {
        string[] constants = ["encrypted", "engine", "os", "type", "static", "private", "protocol", "hsm", "rootDiskEncrypted", "scheme", "accessLogs", "auditLogs"];
        foreach (string type in FactTable.BuiltIn.Types.Where(static type => type.StartsWith("azurerm_", StringComparison.Ordinal)))
        {
            (AttributeMap own, AttributeMap owner) = FactTable.BuiltIn.Compute(type, AttributeMap.Empty);
            Assert.All((string[])[.. own.Names, .. owner.Names], fact => Assert.Contains(fact, constants));
        }

    }

    [Fact]
    public void Every_rule_can_be_read_and_every_fact_is_in_the_vocabulary()
    {
        string vocabulary = File.ReadAllText(Path.Combine(Repository.Root, "src", "migration", "Migration", "Data", "vocabulary.tsv"));
        var factsByKind = vocabulary.Split('\n').Where(static line => line.Length > 0 && line[0] != '#').Select(static line => line.Split('\t'))
            .SelectMany(static row => row[0].Split(", "), static (row, kind) => (Kind: kind, Facts: NamesOf(row[1])))
            .ToDictionary(static row => row.Kind, static row => row.Facts, StringComparer.Ordinal);
        HashSet<string> everyFact = [.. factsByKind.Values.SelectMany(static facts => facts)];
        int rules = 0;
        var wrong = new List<string>();
        foreach (string type in FactTable.BuiltIn.Types.Where(static type => type.StartsWith("azurerm_", StringComparison.Ordinal)))
        {
            string kind = TypeTable.BuiltIn.Find(type)!.Kind.Name;
            foreach (FactRule rule in FactTable.BuiltIn.For(type))
            {
                rules++;
                bool known = rule.OnOwner ? everyFact.Contains(rule.Fact)
                    : factsByKind["*"].Contains(rule.Fact) || (factsByKind.TryGetValue(kind, out HashSet<string>? facts) && facts.Contains(rule.Fact));
                if (!known) wrong.Add($"{type} ({kind}): {rule.Fact}");
            }
        }

        Assert.Equal("", string.Join('\n', wrong));
        Assert.True(rules >= 200, $"{rules} rules");
    }

    private static HashSet<string> NamesOf(string facts)
    {
        int open;
        while ((open = facts.IndexOf(" (", StringComparison.Ordinal)) >= 0) facts = facts.Remove(open, facts.IndexOf(')', open) - open + 1);
        return [.. facts.Trim().Split(", ")];
    }

    private static async Task<Estate> Read(params (string Type, string Label, string Attributes)[] resources)
    {
        using var folder = new TemporaryFolder();
        string list = string.Join(",", resources.Select(static resource =>
            $$"""{"mode":"managed","type":"{{resource.Type}}","name":"{{resource.Label}}","provider":"provider[\"registry.example.com/hashicorp/azurerm\"]","instances":[{"schema_version":0,"attributes":{{resource.Attributes}}}]}"""));
        string path = folder.Write("terraform.tfstate", $$"""{"version":4,"terraform_version":"1.9.0","serial":1,"lineage":"l","outputs":{},"resources":[{{list}}]}""");
        return await EstateSource.ReadAsync([path], cancellationToken: TestContext.Current.CancellationToken);
    }

    private static string EstateText(Resource resource) => string.Join("; ", resource.Facts.Names.ToArray().Select(name => $"{name} = {resource.Facts[name]}"));
}
