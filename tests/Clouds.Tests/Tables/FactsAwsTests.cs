using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Tables;

namespace Sirsi.Clouds.Tests.Tables;

public sealed class FactsAwsTests : IDisposable
{
    private const string OpenPolicy =
        """{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"*\"]},\"Action\":\"sqs:*\",\"Resource\":\"*\"}}""";

    private const string ConditionalPolicy =
        """{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"sqs:*\",\"Resource\":\"*\",\"Condition\":{\"ArnEquals\":{\"aws:SourceArn\":\"arn:aws:sns:eu-west-1:1:t\"}}}]}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Type, attributes as a state holds them, and facts: <c>name=value</c> each, <c>name=-</c> for one that must be absent.</summary>
    public static TheoryData<string, string, string> Cases => new()
    {
        {
            "aws_instance",
            """{"instance_type":"m5.large","ami":"ami-1","get_password_data":true,"public_ip":"","associate_public_ip_address":false,"monitoring":true,"source_dest_check":false,"availability_zone":"eu-west-1a","metadata_options":[{"http_endpoint":"enabled","http_tokens":"optional"}],"root_block_device":[{"volume_size":"30","volume_type":"gp2","encrypted":false,"kms_key_id":""}],"ebs_block_device":[{"volume_size":100,"volume_type":"gp3","encrypted":true,"iops":3000,"throughput":125}],"instance_lifecycle":"spot"}""",
            "size=m5.large os=windows image=ami-1 publicIp=false monitoring=true ipForwarding=true zone=eu-west-1a metadataTokenRequired=false rootDiskGiB=30 rootDiskType=gp2 rootDiskEncrypted=false kmsKey=- spot=true dataDisks=[{encrypted:true,iops:3000,sizeGiB:100,throughputMiBs:125,type:gp3}]"
        },
        {
            "aws_instance", """{"instance_type":"t3.micro","public_ip":"203.0.113.1","associate_public_ip_address":false,"metadata_options":[{"http_endpoint":"disabled","http_tokens":"optional"}],"tags":{"OS":"Ubuntu 22.04"}}""",
            "publicIp=true metadataTokenRequired=true os=linux image=ubuntu-22.04 spot=false monitoring=false rootDiskGiB=- dataDisks=- deletionProtection=false"
        },
        { "aws_instance", """{"instance_type":"t3.micro","ami":"ami-1","tags":{"Name":"windows"}}""", "os=- image=ami-1 metadataTokenRequired=- publicIp=- rootDiskEncrypted=-" },
        { "aws_launch_template", """{"instance_type":"","image_id":"ami-2","metadata_options":[{"http_tokens":"required"}]}""", "size=- image=ami-2 metadataTokenRequired=true" },
        {
            "aws_autoscaling_group", """{"min_size":"1","max_size":4,"desired_capacity":2,"availability_zones":["eu-west-1a","eu-west-1b"],"mixed_instances_policy":[{"launch_template":[{"override":[{"instance_type":"m5.large"},{"instance_type":"m5a.large"}]}]}]}""",
            "minCount=1 maxCount=4 desiredCount=2 zones=[eu-west-1a,eu-west-1b] size=m5.large"
        },
        { "aws_lambda_function", """{"runtime":"nodejs20.x","memory_size":512,"timeout":30,"architectures":["arm64"],"tracing_config":[{"mode":"Active"}]}""", "runtime=nodejs20.x memoryMiB=512 timeoutSeconds=30 architecture=arm64 tracing=true" },
        { "aws_lambda_function", """{"runtime":"","package_type":"Image"}""", "runtime=- memoryMiB=128 timeoutSeconds=3 architecture=x86_64 tracing=false" },
        { "aws_elastic_beanstalk_environment", """{"solution_stack_name":"64bit Amazon Linux 2023 v6.1.0 running Node.js 20"}""", "runtime=Node 20" },
        {
            "aws_eks_cluster", """{"version":"1.29","enabled_cluster_log_types":["audit"],"encryption_config":[{"resources":["secrets"],"provider":[{"key_arn":"arn:k"}]}],"vpc_config":[{"endpoint_public_access":true,"public_access_cidrs":["10.0.0.0/8"]}]}""",
            "version=1.29 publicEndpoint=true public=false logging=true secretsEncrypted=true kmsKey=arn:k"
        },
        { "aws_eks_node_group", """{"capacity_type":"SPOT","instance_types":["m5.xlarge"]}""", "spot=true" },
        { "aws_eks_node_group", """{"capacity_type":"ON_DEMAND","instance_types":["m5.xlarge"]}""", "spot=false" },
        { "aws_autoscaling_group", """{"mixed_instances_policy":[{"instances_distribution":[{"on_demand_base_capacity":0,"on_demand_percentage_above_base_capacity":0}]}]}""", "spot=true" },
        { "aws_autoscaling_group", """{"mixed_instances_policy":[{"instances_distribution":[{"on_demand_base_capacity":1,"on_demand_percentage_above_base_capacity":0}]}]}""", "spot=false" },
        { "aws_autoscaling_group", """{"min_size":1}""", "spot=-" },
        { "aws_vpc_endpoint", """{"service_name":"com.amazonaws.eu-west-1.s3","vpc_endpoint_type":"Gateway"}""", "type=gateway" },
        { "aws_vpc_endpoint", """{"service_name":"com.amazonaws.eu-west-1.ecr.api","vpc_endpoint_type":"Interface"}""", "type=interface" },
        { "aws_vpc_endpoint", """{"service_name":"com.amazonaws.eu-west-1.s3"}""", "type=gateway" },
        { "aws_db_instance", """{"engine":"postgres","multi_az":false}""", "multiZone=false" },
        { "aws_db_instance", """{"engine":"postgres","multi_az":true,"replicate_source_db":"main"}""", "multiZone=true" },
        { "aws_eks_node_group", """{"instance_types":["m5.xlarge"],"ami_type":"AL2_x86_64","disk_size":0,"scaling_config":[{"min_size":1,"max_size":5,"desired_size":3}]}""", "size=m5.xlarge os=linux minCount=1 maxCount=5 desiredCount=3 diskGiB=-" },
        { "aws_ecs_service", """{"desired_count":2,"launch_type":"","capacity_provider_strategy":[{"capacity_provider":"FARGATE"}],"network_configuration":[{"assign_public_ip":true}]}""", "desiredCount=2 launchType=FARGATE publicIp=true" },
        { "aws_ecs_task_definition", """{"cpu":".5 vCPU","memory":"1 GB","container_definitions":"[]"}""", "cpuUnits=512 memoryMiB=1024" },
        { "aws_ecs_task_definition", """{"cpu":null,"memory":null,"container_definitions":"[{\"name\":\"a\",\"cpu\":256,\"memory\":512},{\"name\":\"b\",\"cpu\":128,\"memoryReservation\":256}]"}""", "cpuUnits=384 memoryMiB=768" },
        { "aws_ecr_repository", """{"image_tag_mutability":"IMMUTABLE","image_scanning_configuration":[{"scan_on_push":true}]}""", "immutableTags=true scanOnPush=true encrypted=true" },
        { "aws_ebs_volume", """{"size":500,"type":"gp3","iops":6000,"throughput":250,"encrypted":false,"kms_key_id":"","availability_zone":"eu-west-1a"}""", "sizeGiB=500 type=gp3 iops=6000 throughputMiBs=250 encrypted=false kmsKey=- zone=eu-west-1a" },
        { "aws_db_snapshot", """{"encrypted":true,"shared_accounts":["all"]}""", "encrypted=true public=true" },
        {
            "aws_s3_bucket", """{"acl":"public-read","versioning":[{"enabled":true}],"logging":[],"lifecycle_rule":[{"enabled":true}],"policy":""}""",
            "public=true versioned=true logging=false lifecycle=true publicBlocked=false tlsOnly=false encrypted=true"
        },
        {
            "aws_s3_bucket", """{"policy":"{\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}","object_lock_configuration":[{"rule":[{"default_retention":[{"days":0,"years":1}]}]}]}""",
            "public=false tlsOnly=true retentionDays=365"
        },
        { "aws_s3_bucket", """{"policy":"","grant":[{"type":"Group","uri":"http://acs.amazonaws.com/groups/global/AllUsers","permissions":["READ"]}]}""", "public=true" },
        { "aws_efs_file_system", """{"encrypted":true,"size_in_bytes":[{"value":10737418240}],"availability_zone_name":"","throughput_mode":"provisioned","provisioned_throughput_in_mibps":64}""", "sizeGiB=10 encrypted=true class=STANDARD multiZone=true throughputMiBs=64" },
        { "aws_fsx_windows_file_system", """{"storage_capacity":300,"storage_type":"SSD","deployment_type":"MULTI_AZ_1","throughput_capacity":32}""", "sizeGiB=300 class=SSD multiZone=true encrypted=true throughputMiBs=-" },
        {
            "aws_db_instance",
            """{"engine":"postgres","engine_version":"15","engine_version_actual":"15.7","instance_class":"db.r5.large","allocated_storage":200,"storage_type":"gp3","iops":3000,"backup_retention_period":7,"multi_az":true,"storage_encrypted":true,"publicly_accessible":false,"deletion_protection":true,"auto_minor_version_upgrade":true,"enabled_cloudwatch_logs_exports":["postgresql"],"parameter_group_name":"default.postgres15","replicas":["r"]}""",
            "engine=postgres version=15.7 size=db.r5.large storageGiB=200 storageType=gp3 iops=3000 backupDays=7 multiZone=true encrypted=true public=false deletionProtection=true autoUpgrade=true auditLogs=true tlsRequired=true replicas=1"
        },
        { "aws_db_instance", """{"engine":"sqlserver-se","engine_version":"15.00","instance_class":"db.m5.large","parameter_group_name":"shop"}""", "engine=sqlserver version=15.00 encrypted=false public=false auditLogs=false tlsRequired=- backupDays=-" },
        { "aws_db_instance", """{"engine":"oracle-se2","replicate_source_db":"main","backup_retention_period":0,"deletion_protection":false,"parameter_group_name":"default.postgres14"}""", "engine=oracle backupDays=- deletionProtection=- multiZone=- tlsRequired=false" },
        { "aws_rds_cluster", """{"engine":"aurora","engine_version":"5.6.10a","allocated_storage":1,"backup_retention_period":1,"storage_encrypted":false}""", "engine=aurora-mysql version=5.6.10a storageGiB=- backupDays=1 encrypted=false multiZone=-" },
        { "aws_dynamodb_table", """{"billing_mode":"","read_capacity":5,"write_capacity":2,"global_secondary_index":[{"read_capacity":3,"write_capacity":1}],"point_in_time_recovery":[{"enabled":true}]}""", "engine=dynamodb onDemand=false readUnits=8 writeUnits=3 pointInTimeRecovery=true encrypted=true" },
        { "aws_dynamodb_table", """{"billing_mode":"PAY_PER_REQUEST","read_capacity":0,"write_capacity":0}""", "onDemand=true readUnits=- writeUnits=- pointInTimeRecovery=false deletionProtection=false" },
        { "aws_redshift_cluster", """{"node_type":"ra3.xlplus","number_of_nodes":2,"encrypted":"true","publicly_accessible":true,"logging":[{"enable":true}]}""", "size=ra3.xlplus count=2 encrypted=true public=true auditLogs=true" },
        { "aws_opensearch_domain", """{"encrypt_at_rest":[{"enabled":false}],"vpc_options":[],"cluster_config":[{"zone_awareness_enabled":true}]}""", "encrypted=false public=true multiZone=true" },
        { "aws_elasticache_replication_group", """{"engine":"redis","engine_version":"7.1","node_type":"cache.r6g.large","num_node_groups":2,"replicas_per_node_group":1,"at_rest_encryption_enabled":"true","transit_encryption_enabled":false,"auth_token":"a-long-secret-token-of-the-cache","multi_az_enabled":true}""", "engine=redis version=7.1 size=cache.r6g.large count=4 encrypted=true transitEncrypted=false authRequired=true multiZone=true" },
        { "aws_elasticache_replication_group", """{"number_cache_clusters":3,"auth_token":null}""", "engine=redis count=3 encrypted=false authRequired=false" },
        { "aws_elasticache_cluster", """{"engine":"memcached","node_type":"cache.t3.micro","num_cache_nodes":2,"az_mode":"cross-az","replication_group_id":""}""", "engine=memcached size=cache.t3.micro count=2 multiZone=true encrypted=false" },
        { "aws_subnet", """{"cidr_block":"10.0.1.0/24","availability_zone":"eu-west-1a","map_public_ip_on_launch":true}""", "cidrs=[10.0.1.0/24] zone=eu-west-1a assignsPublicIp=true" },
        {
            "aws_security_group", """{"description":"the group","ingress":[{"from_port":22,"to_port":22,"protocol":"tcp","cidr_blocks":["0.0.0.0/0"],"ipv6_cidr_blocks":["::/0"],"prefix_list_ids":[],"security_groups":["sg-1"],"self":true,"description":""}],"egress":[{"from_port":0,"to_port":0,"protocol":"-1","cidr_blocks":["0.0.0.0/0"],"description":"all"}]}""",
            "rules=[{action:allow,direction:in,fromPort:22,protocol:tcp,sources:[0.0.0.0/0,::/0,sg-1,self],toPort:22},{action:allow,description:all,direction:out,fromPort:0,protocol:all,sources:[0.0.0.0/0],toPort:65535}]"
        },
        { "aws_default_security_group", """{"ingress":[],"egress":[]}""", "rules=[]" },
        { "aws_security_group_rule", """{"type":"egress","protocol":"icmp","from_port":-1,"to_port":-1,"cidr_blocks":["10.0.0.0/8"]}""", "rules=[{action:allow,direction:out,protocol:icmp,sources:[10.0.0.0/8]}]" },
        { "aws_vpc_security_group_ingress_rule", """{"ip_protocol":"tcp","from_port":6379,"to_port":6379,"referenced_security_group_id":"sg-2","description":"cache"}""", "rules=[{action:allow,description:cache,direction:in,fromPort:6379,protocol:tcp,sources:[sg-2],toPort:6379}]" },
        { "aws_security_group_rule", """{"security_group_id":"sg-1","source_security_group_id":"sg-2"}""", "rules=-" },
        { "aws_network_acl_rule", """{"egress":false,"protocol":"6","rule_action":"DENY","rule_number":90,"from_port":22,"to_port":22,"cidr_block":"0.0.0.0/0","ipv6_cidr_block":""}""", "priority=90 rules=[{action:deny,direction:in,fromPort:22,priority:90,protocol:tcp,sources:[0.0.0.0/0],toPort:22}]" },
        { "aws_route_table", """{"route":[{"cidr_block":"0.0.0.0/0","gateway_id":"igw-1","nat_gateway_id":""},{"cidr_block":"10.9.0.0/16","gateway_id":"","vpc_peering_connection_id":"pcx-1"},{"cidr_block":"","ipv6_cidr_block":"::/0","egress_only_gateway_id":"eigw-1"}]}""", "routes=[{cidr:0.0.0.0/0,via:internet},{cidr:10.9.0.0/16,via:peering},{cidr:::/0,via:internet}]" },
        { "aws_route", """{"destination_cidr_block":"0.0.0.0/0","destination_ipv6_cidr_block":"","gateway_id":"","nat_gateway_id":"nat-1"}""", "routes=[{cidr:0.0.0.0/0,via:nat}]" },
        { "aws_route", """{"destination_cidr_block":"172.16.0.0/12","gateway_id":"vgw-1"}""", "routes=[{cidr:172.16.0.0/12}]" },
        { "aws_lb", """{"internal":false,"load_balancer_type":"application","subnets":["subnet-1","subnet-2"],"access_logs":[{"enabled":false}],"drop_invalid_header_fields":false,"enable_deletion_protection":true}""", "type=application scheme=internet public=true multiZone=true accessLogs=false dropInvalidHeaders=false deletionProtection=true" },
        { "aws_elb", """{"internal":true,"availability_zones":["eu-west-1a"],"access_logs":[{"bucket":"b"}]}""", "type=classic scheme=internal multiZone=false accessLogs=true" },
        { "aws_lb_listener", """{"port":443,"protocol":"HTTPS","ssl_policy":"ELBSecurityPolicy-2016-08","default_action":[{"type":"forward","redirect":[]}]}""", "port=443 protocol=HTTPS minTls=1 redirectsToHttps=false" },
        { "aws_lb_listener", """{"port":"443","protocol":"TLS","ssl_policy":"ELBSecurityPolicy-TLS13-1-2-Res-2021-06"}""", "port=443 minTls=1.2" },
        { "aws_lb_listener", """{"port":80,"protocol":"HTTP","ssl_policy":"","default_action":[{"type":"redirect","redirect":[{"protocol":"HTTPS"}]}]}""", "minTls=- sslPolicy=- redirectsToHttps=true" },
        { "aws_route53_zone", """{"name":"shop.example.com.","vpc":[]}""", "domain=shop.example.com private=false dnssec=false" },
        { "aws_route53_record", """{"name":"www","fqdn":"www.example.com","type":"CNAME","ttl":300,"records":["a.example.com"]}""", "domain=www.example.com type=CNAME ttlSeconds=300 values=[a.example.com]" },
        { "aws_sqs_queue", $$"""{"fifo_queue":true,"message_retention_seconds":60,"kms_master_key_id":"","sqs_managed_sse_enabled":false,"redrive_policy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:eu-west-1:1:d\"}","policy":"{{OpenPolicy}}"}""", "fifo=true retentionSeconds=60 encrypted=false deadLetter=true openPolicy=true" },
        { "aws_sqs_queue", $$"""{"redrive_policy":"","kms_master_key_id":"alias/q","policy":"{{ConditionalPolicy}}"}""", "retentionSeconds=345600 encrypted=true kmsKey=alias/q deadLetter=false openPolicy=false" },
        { "aws_kinesis_stream", """{"shard_count":4,"retention_period":48,"encryption_type":"NONE","stream_mode_details":[{"stream_mode":"ON_DEMAND"}]}""", "shards=- retentionHours=48 encrypted=false" },
        { "aws_kms_key", """{"customer_master_key_spec":"RSA_2048","enable_key_rotation":false,"deletion_window_in_days":7}""", "rotation=- algorithm=RSA_2048 deletionDays=7 public=false" },
        { "aws_acm_certificate", """{"domain_name":"a.example.com","not_after":"2027-02-07T23:59:59Z"}""", "domain=a.example.com expires=2027-02-07T23:59:59Z" },
        { "aws_iam_policy", """{"policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"dynamodb:*\",\"Resource\":\"*\"}]}"}""", "admin=false wildcardActions=true wildcardResources=false" },
        { "aws_iam_policy", """{"policy":"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":[\"*\"],\"Resource\":[\"*\"]}}"}""", "admin=true wildcardActions=true wildcardResources=true" },
        { "aws_iam_policy", """{"policy":"{\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"},{\"Effect\":\"Allow\",\"NotAction\":\"iam:*\",\"Resource\":\"*\"}]}"}""", "admin=false wildcardActions=false" },
        { "aws_iam_role", """{"assume_role_policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"*\"},\"Action\":\"sts:AssumeRole\"}]}","managed_policy_arns":["arn:aws:iam::aws:policy/AdministratorAccess"]}""", "openTrust=true admin=true" },
        { "aws_iam_role", """{"assume_role_policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}""", "openTrust=false admin=false" },
        { "aws_cloudfront_distribution", """{"viewer_certificate":[{"cloudfront_default_certificate":false,"minimum_protocol_version":"TLSv1.2_2021"}],"default_cache_behavior":[{"viewer_protocol_policy":"redirect-to-https"}],"ordered_cache_behavior":[{"viewer_protocol_policy":"allow-all"}],"logging_config":[],"web_acl_id":"","origin":[{"domain_name":"a.example.com"}]}""", "minTls=1.2 httpsOnly=false logging=false waf=false origins=[a.example.com]" },
        { "aws_cloudtrail", """{"is_multi_region_trail":true,"enable_log_file_validation":false,"enable_logging":true,"kms_key_id":""}""", "multiRegion=true validation=false enabled=true kmsKey=-" },
        { "aws_cloudwatch_log_group", """{"retention_in_days":0}""", "retentionDays=0 encrypted=true kmsKey=-" },
        { "aws_cloudwatch_metric_alarm", """{"metric_name":"CPUUtilization","threshold":80,"threshold_metric_id":""}""", "metric=CPUUtilization threshold=80" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Facts_come_from_the_attributes_of_a_state(string type, string attributes, string expected)
    {
        Estate estate = await State((type, "x", attributes));
        AssertFacts(estate.Resources[0], expected);
    }

    [Fact]
    public async Task What_a_plan_does_not_know_yet_is_no_fact()
    {
        string plan = _folder.Write("plan.json",
            """
            {"format_version":"1.2","planned_values":{"root_module":{"resources":[
              {"address":"aws_db_instance.x","mode":"managed","type":"aws_db_instance","name":"x","values":{"engine":"mysql","instance_class":"db.t3.micro","storage_encrypted":true}},
              {"address":"aws_lb.x","mode":"managed","type":"aws_lb","name":"x","values":{"load_balancer_type":"network"}},
              {"address":"aws_sqs_queue.x","mode":"managed","type":"aws_sqs_queue","name":"x","values":{"fifo_queue":false}}]}},
             "resource_changes":[
              {"address":"aws_db_instance.x","mode":"managed","type":"aws_db_instance","name":"x","change":{"actions":["create"],
               "after":{"engine":"mysql","instance_class":"db.t3.micro","storage_encrypted":true},
               "after_unknown":{"multi_az":true,"kms_key_id":true,"engine_version":true,"parameter_group_name":true,"backup_retention_period":true}}},
              {"address":"aws_sqs_queue.x","mode":"managed","type":"aws_sqs_queue","name":"x","change":{"actions":["create"],
               "after":{"fifo_queue":false},"after_unknown":{"policy":true,"kms_master_key_id":true,"sqs_managed_sse_enabled":true}}}],
             "configuration":{"root_module":{"resources":[
              {"address":"aws_db_instance.x","mode":"managed","type":"aws_db_instance","name":"x","expressions":{"kms_key_id":{"references":["aws_kms_key.k.arn"]},"multi_az":{"references":["var.m"]}}},
              {"address":"aws_sqs_queue.x","mode":"managed","type":"aws_sqs_queue","name":"x","expressions":{"policy":{"references":["data.aws_iam_policy_document.p.json"]},"kms_master_key_id":{"references":["aws_kms_key.k.arn"]}}}]}}}
            """);
        Estate estate = await EstateSource.ReadAsync([plan]);
        AssertFacts(estate.Find("aws_db_instance.x")!, "engine=mysql size=db.t3.micro encrypted=true multiZone=- kmsKey=- version=- backupDays=- public=false storageType=gp2");
        AssertFacts(estate.Find("aws_sqs_queue.x")!, "openPolicy=- encrypted=true kmsKey=- fifo=false deadLetter=false");
        AssertFacts(estate.Find("aws_lb.x")!, "type=network scheme=internet multiZone=-");
    }

    [Fact]
    public async Task Settings_of_a_bucket_speak_for_the_bucket()
    {
        Estate estate = await State(
            ("aws_s3_bucket", "b", """{"id":"shop","bucket":"shop","acl":"public-read","versioning":[{"enabled":false}],"policy":""}"""),
            ("aws_s3_bucket_acl", "b", """{"id":"shop,public-read","bucket":"shop","acl":"public-read"}"""),
            ("aws_s3_bucket_logging", "b", """{"id":"shop","bucket":"shop","target_bucket":"logs"}"""),
            ("aws_s3_bucket_ownership_controls", "b", """{"id":"shop","bucket":"shop","rule":[{"object_ownership":"BucketOwnerEnforced"}]}"""),
            ("aws_s3_bucket_public_access_block", "b", """{"id":"shop","bucket":"shop","block_public_acls":true,"block_public_policy":true,"ignore_public_acls":true,"restrict_public_buckets":true}"""),
            ("aws_s3_bucket_server_side_encryption_configuration", "b", """{"id":"shop","bucket":"shop","rule":[{"apply_server_side_encryption_by_default":[{"kms_master_key_id":"arn:k","sse_algorithm":"aws:kms"}]}]}"""),
            ("aws_s3_bucket_versioning", "b", """{"id":"shop","bucket":"shop","versioning_configuration":[{"status":"Enabled"}]}"""));
        AssertFacts(estate.Find("aws_s3_bucket.b")!, "public=false publicBlocked=true versioned=true logging=true uniformAccess=true kmsKey=arn:k encrypted=true");
    }

    [Fact]
    public async Task Flow_logs_addresses_and_function_addresses_speak_for_what_they_belong_to()
    {
        Estate estate = await State(
            ("aws_vpc", "v", """{"id":"vpc-0a1b2c3d","cidr_block":"10.0.0.0/16"}"""),
            ("aws_vpc", "w", """{"id":"vpc-0a1b2c3e","cidr_block":"10.1.0.0/16"}"""),
            ("aws_flow_log", "f", """{"id":"fl-1","vpc_id":"vpc-0a1b2c3d"}"""),
            ("aws_vpc_ipv4_cidr_block_association", "c", """{"id":"vpc-cidr-assoc-1","vpc_id":"vpc-0a1b2c3d","cidr_block":"10.9.0.0/16"}"""),
            ("aws_lambda_function", "l", """{"id":"orders","function_name":"orders"}"""),
            ("aws_lambda_function_url", "u", """{"id":"orders","function_name":"orders","authorization_type":"NONE"}"""));
        AssertFacts(estate.Find("aws_vpc.v")!, "flowLogs=true cidrs=[10.0.0.0/16,10.9.0.0/16]");
        AssertFacts(estate.Find("aws_vpc.w")!, "flowLogs=false cidrs=[10.1.0.0/16]");
        AssertFacts(estate.Find("aws_lambda_function.l")!, "public=true");
    }

    [Fact]
    public async Task The_shop_has_the_facts_a_person_reads_in_its_state()
    {
        Estate estate = await EstateSource.ReadAsync([Path.Combine(Repository.Root, "samples", "estates", "shop.tfstate")]);
        AssertFacts(estate.Find("module.database.aws_db_instance.main")!, "engine=postgres version=15.7 size=db.r5.large storageGiB=200 storageType=gp3 multiZone=true backupDays=7");
        AssertFacts(estate.Find("aws_instance.reports")!, "size=r5.xlarge os=windows image=windows-server-2019");
        AssertFacts(estate.Find("aws_instance.bastion")!, "publicIp=true metadataTokenRequired=false");
        AssertFacts(estate.Find("aws_s3_bucket.assets")!, "public=true publicBlocked=false versioned=true");
        AssertFacts(estate.Find("aws_s3_bucket.logs")!, "public=false publicBlocked=true lifecycle=true");
        AssertFacts(estate.Find("aws_dynamodb_table.carts")!, "engine=dynamodb onDemand=true pointInTimeRecovery=false");
        AssertFacts(estate.Find("aws_cloudfront_distribution.shop")!, "minTls=1 httpsOnly=false");
        AssertFacts(estate.Find("aws_iam_policy.orders")!, "admin=false wildcardActions=true");
    }

    [Fact]
    public void Every_rule_parses_and_every_fact_is_in_the_vocabulary_of_its_kind()
    {
        ILookup<string, string> vocabulary = File.ReadLines(Path.Combine(Repository.Root, "src", "migration", "Migration", "Data", "vocabulary.tsv"))
            .Where(static line => line.Length > 0 && line[0] != '#')
            .Select(static line => line.Split('\t'))
            .SelectMany(static cells => cells[0].Split(','), static (cells, kind) => (Kind: kind.Trim(), Facts: cells[1]))
            .SelectMany(static row => Names(row.Facts), static (row, fact) => (row.Kind, Fact: fact))
            .ToLookup(static pair => pair.Kind, static pair => pair.Fact, StringComparer.Ordinal);
        var everyFact = vocabulary.SelectMany(static kind => kind).ToHashSet(StringComparer.Ordinal);
        var strange = new List<string>();
        int rules = 0;
        foreach (string type in FactTable.BuiltIn.Types.Where(static type => type.StartsWith("aws_", StringComparison.Ordinal)))
        {
            string kind = TypeTable.BuiltIn.Find(type)!.Kind.Name!;
            foreach (FactRule rule in FactTable.BuiltIn.For(type))
            {
                rules++;
                // What a setting tells lands on whatever it configures.
                bool known = rule.OnOwner ? everyFact.Contains(rule.Fact) : vocabulary[kind].Concat(vocabulary["*"]).Contains(rule.Fact, StringComparer.Ordinal);
                if (!known) strange.Add($"{type} ({kind}): {rule.Fact}");
            }
        }

        Assert.Empty(strange);
        Assert.True(rules >= 400, $"{rules} rules");
    }

    private async Task<Estate> State(params (string Type, string Name, string Attributes)[] resources)
    {
        IEnumerable<string> entries = resources.Select(static resource =>
            $$"""{"mode":"managed","type":"{{resource.Type}}","name":"{{resource.Name}}","provider":"p","instances":[{"attributes":{{resource.Attributes}}}]}""");
        return await EstateSource.ReadAsync([_folder.Write("input.tfstate", $$"""{"version":4,"resources":[{{string.Join(',', entries)}}]}""")]);
    }

    private static void AssertFacts(Resource resource, string expected)
    {
        // Values may hold spaces; what has no '=' continues the value before it.
        var wanted = new List<string>();
        foreach (string word in expected.Split(' '))
        {
            if (word.Contains('=', StringComparison.Ordinal)) wanted.Add(word);
            else wanted[^1] += " " + word;
        }

        IEnumerable<string> found = wanted.Select(pair => pair.Split('=')[0]).Select(name => $"{name}={Text(resource.Facts[name])}");
        Assert.Equal(wanted, found);
    }

    private static string Text(AttributeValue value) => value.Type switch
    {
        AttributeType.Null => "-",
        AttributeType.List => $"[{string.Join(',', value.AsList.Select(Text))}]",
        AttributeType.Map => $"{{{string.Join(',', value.AsMap!.Select(static pair => $"{pair.Key}:{Text(pair.Value)}"))}}}",
        _ => value.ToString(),
    };

    private static IEnumerable<string> Names(string facts)
    {
        int depth = 0;
        string name = "";
        foreach (char letter in facts + ",")
        {
            if (letter == '(') depth++;
            else if (letter == ')') depth--;
            else if (depth == 0 && letter == ',')
            {
                yield return name.Trim();
                name = "";
            }
            else if (depth == 0) name += letter;
        }
    }
}
