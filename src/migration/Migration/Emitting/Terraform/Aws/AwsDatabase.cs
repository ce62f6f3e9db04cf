using Sirsi.Migration.Emitting.Terraform.Hcl;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Databases and caches on AWS.</summary>
internal static class AwsDatabase
{
    public static void Instance(Emission e)
    {
        string engine = e.Text("engine") switch
        {
            "mysql" or "mariadb" => e.Text("engine")!,
            { } server when server.StartsWith("sqlserver", StringComparison.Ordinal) => server == "sqlserver" ? "sqlserver-se" : server,
            { } oracle when oracle.StartsWith("oracle", StringComparison.Ordinal) => oracle == "oracle" ? "oracle-se2" : oracle,
            { } aurora when aurora.EndsWith("mysql", StringComparison.Ordinal) => "mysql",
            _ => "postgres",
        };
        HclValue group = SubnetGroup(e, "aws_db_subnet_group");
        e.Main(
            ("identifier", e.Name(63)),
            ("engine", engine),
            ("engine_version", EngineVersion(e)),
            ("license_model", engine.StartsWith("sqlserver", StringComparison.Ordinal) ? "license-included" : null),
            ("instance_class", InstanceClass(e)),
            ("allocated_storage", Math.Max(20, e.Number("storageGiB") ?? 20)),
            ("storage_type", e.Text("storageType") is "io1" or "io2" ? e.Text("storageType") : "gp3"),
            ("iops", e.Text("storageType") is "io1" or "io2" ? e.Number("iops") ?? 3_000 : null),
            ("storage_encrypted", true),
            ("kms_key_id", Aws.Key(e)),
            ("username", e.Variable("username", "Name of the administrator", initial: "dbadmin")),
            ("manage_master_user_password", true),
            ("db_subnet_group_name", group),
            ("vpc_security_group_ids", Aws.SecurityGroups(e)),
            ("publicly_accessible", false),
            ("multi_az", e.Flag("multiZone") ?? false),
            ("backup_retention_period", Math.Clamp(e.Number("backupDays") ?? 7, 7, 35)),
            ("auto_minor_version_upgrade", e.Flag("autoUpgrade") ?? true),
            ("copy_tags_to_snapshot", true),
            ("deletion_protection", true),
            ("final_snapshot_identifier", $"{e.Node.Label.Replace('_', '-')}-final"),
            ("tags", Aws.Tags(e)));
        e.Output("endpoint", "Address", "endpoint");
    }

    public static void Cluster(Emission e)
    {
        string engine = e.Text("engine") is { } name && name.Contains("mysql", StringComparison.Ordinal)
            ? "aurora-mysql" : "aurora-postgresql";
        HclValue group = SubnetGroup(e, "aws_db_subnet_group");
        e.Main(
            ("cluster_identifier", e.Name(63)),
            ("engine", engine),
            ("engine_version", engine == "aurora-mysql" && EngineVersion(e) is not "8.0" ? null : EngineVersion(e)),
            ("storage_encrypted", true),
            ("kms_key_id", Aws.Key(e)),
            ("master_username", e.Variable("username", "Name of the administrator", initial: "dbadmin")),
            ("manage_master_user_password", true),
            ("db_subnet_group_name", group),
            ("vpc_security_group_ids", Aws.SecurityGroups(e)),
            ("backup_retention_period", Math.Clamp(e.Number("backupDays") ?? 7, 7, 35)),
            ("deletion_protection", true),
            ("final_snapshot_identifier", $"{e.Node.Label.Replace('_', '-')}-final"),
            ("tags", Aws.Tags(e)));
        e.Extra("aws_rds_cluster_instance", "",
            ("count", Math.Clamp((e.Number("replicas") ?? 0) + 1, 1, 16)),
            ("cluster_identifier", e.Node["id"]), ("engine", e.Node["engine"]), ("instance_class", InstanceClass(e)),
            ("publicly_accessible", false));
        e.Output("endpoint", "Address", "endpoint");
    }

    public static void Table(Emission e)
    {
        bool provisioned = e.Flag("onDemand") is false && e.Number("readUnits") is > 0;
        HclValue hashKey = e.Variable("hash_key", "Attribute that is the partition key, a text", initial: "id");
        HclBody table = e.Main(
            ("name", e.Name(255)),
            ("billing_mode", provisioned ? "PROVISIONED" : "PAY_PER_REQUEST"),
            ("read_capacity", provisioned ? e.Number("readUnits") : null),
            ("write_capacity", provisioned ? e.Number("writeUnits") ?? e.Number("readUnits") : null),
            ("hash_key", hashKey),
            ("deletion_protection_enabled", true),
            ("tags", Aws.Tags(e)));
        table.Block("attribute", ("name", hashKey), ("type", "S"));
        table.Block("point_in_time_recovery", ("enabled", true));
        table.Block("server_side_encryption", ("enabled", true), ("kms_key_arn", Aws.Key(e)));
    }

    public static void DocumentCluster(Emission e)
    {
        HclValue group = SubnetGroup(e, "aws_docdb_subnet_group");
        e.Main(
            ("cluster_identifier", e.Name(63)),
            ("engine", "docdb"),
            ("master_username", e.Variable("username", "Name of the administrator", initial: "docadmin")),
            ("master_password", e.Variable("password", "Password of the administrator", sensitive: true)),
            ("storage_encrypted", true),
            ("kms_key_id", Aws.Key(e)),
            ("db_subnet_group_name", group),
            ("vpc_security_group_ids", Aws.SecurityGroups(e)),
            ("backup_retention_period", 7),
            ("deletion_protection", true),
            ("final_snapshot_identifier", $"{e.Node.Label.Replace('_', '-')}-final"),
            ("tags", Aws.Tags(e)));
        e.Extra("aws_docdb_cluster_instance", "",
            ("count", Math.Clamp(e.Number("count") ?? 1, 1, 16)), ("cluster_identifier", e.Node["id"]),
            ("instance_class", InstanceClass(e)));
        e.Output("endpoint", "Address", "endpoint");
    }

    public static void Redis(Emission e)
    {
        long count = Math.Clamp(e.Number("count") ?? 1, 1, 6);
        HclValue group = SubnetGroup(e, "aws_elasticache_subnet_group");
        e.Main(
            ("replication_group_id", e.Name(40)),
            ("description", e.Title.Length > 0 ? e.Title : e.Node.Label),
            ("engine", "redis"),
            ("node_type", NodeType(e)),
            ("num_cache_clusters", count),
            ("automatic_failover_enabled", count > 1),
            ("multi_az_enabled", count > 1),
            ("at_rest_encryption_enabled", true),
            ("kms_key_id", Aws.Key(e)),
            ("transit_encryption_enabled", true),
            ("subnet_group_name", group),
            ("security_group_ids", Aws.SecurityGroups(e)),
            ("snapshot_retention_limit", 7),
            ("tags", Aws.Tags(e)));
        e.Output("endpoint", "Address", "primary_endpoint_address");
    }

    public static void Memcached(Emission e)
    {
        HclValue group = SubnetGroup(e, "aws_elasticache_subnet_group");
        e.Main(
            ("cluster_id", e.Name(40)),
            ("engine", "memcached"),
            ("node_type", NodeType(e)),
            ("num_cache_nodes", Math.Clamp(e.Number("count") ?? 1, 1, 40)),
            ("transit_encryption_enabled", true),
            ("subnet_group_name", group),
            ("security_group_ids", Aws.SecurityGroups(e)),
            ("tags", Aws.Tags(e)));
    }

    private static HclValue SubnetGroup(Emission e, string type) => e.Extra(type, "",
        ("name", e.Node.Label.Replace('_', '-').ToLowerInvariant()), ("subnet_ids", Aws.SubnetsOfTwoZones(e, "of the database"))).Reference["name"];

    private static HclValue? InstanceClass(Emission e) =>
        e.Size is { } size && size.StartsWith("db.", StringComparison.Ordinal)
            ? size : e.Variable("instance_class", "Instance class, such as db.m6g.large");

    private static HclValue? NodeType(Emission e) =>
        e.Size is { } size && size.StartsWith("cache.", StringComparison.Ordinal)
            ? size : e.Variable("node_type", "Node type, such as cache.m6g.large");

    private static string? EngineVersion(Emission e) =>
        e.Text("version") is { Length: > 0 and < 24 } version && char.IsAsciiDigit(version[0]) ? version : null;
}
