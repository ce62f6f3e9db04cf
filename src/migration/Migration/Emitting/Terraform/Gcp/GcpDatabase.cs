using Sirsi.Migration.Emitting.Terraform.Hcl;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Databases and caches on Google Cloud.</summary>
internal static class GcpDatabase
{
    public static void Sql(Emission e)
    {
        string engine = e.Text("engine") ?? "postgres";
        bool mysql = engine.Contains("mysql", StringComparison.Ordinal) || engine is "mariadb";
        bool sqlServer = engine.StartsWith("sqlserver", StringComparison.Ordinal);
        HclValue? services = Gcp.PrivateServices(e);
        HclValue password = e.Variable("password", "Password of the administrator", sensitive: true);
        HclBody instance = e.Main(
            ("name", e.Name(80)),
            ("region", Gcp.Region(e)),
            ("database_version", Version(e.Text("version"), mysql, sqlServer)),
            ("root_password", sqlServer ? password : null),
            ("encryption_key_name", Gcp.Key(e)),
            ("deletion_protection", true),
            ("depends_on", services));
        HclBody settings = instance.Block("settings",
            ("tier", e.Size is { } size && size.StartsWith("db-", StringComparison.Ordinal)
                ? size : e.Variable("tier", "Tier, such as db-custom-2-7680")),
            ("edition", "ENTERPRISE"),
            ("availability_type", e.Flag("multiZone") is true ? "REGIONAL" : "ZONAL"),
            ("disk_type", "PD_SSD"),
            ("disk_size", Math.Max(10, e.Number("storageGiB") ?? 10)),
            ("disk_autoresize", true),
            ("deletion_protection_enabled", true),
            ("user_labels", Gcp.Labels(e)));
        HclBody backup = settings.Block("backup_configuration",
            ("enabled", true),
            ("point_in_time_recovery_enabled", mysql ? null : true),
            ("binary_log_enabled", mysql ? true : null));
        backup.Block("backup_retention_settings", ("retained_backups", Math.Clamp(e.Number("backupDays") ?? 7, 7, 365)));
        settings.Block("ip_configuration",
            ("ipv4_enabled", services is null), ("private_network", services is null ? null : Gcp.NetworkId(e)),
            ("ssl_mode", "ENCRYPTED_ONLY"));
        if (!sqlServer)
            e.Extra("google_sql_user", "", ("name", e.Variable("username", "Name of the administrator", initial: "dbadmin")),
                ("instance", e.Node["name"]), ("password", password));
        e.Output("connection_name", "Connection name", "connection_name");
    }

    private static string Version(string? version, bool mysql, bool sqlServer)
    {
        string major = version?.Split('.')[0] ?? "";
        if (sqlServer) return major is "15" or "2019" ? "SQLSERVER_2019_STANDARD" : major is "14" or "2017"
            ? "SQLSERVER_2017_STANDARD" : "SQLSERVER_2022_STANDARD";
        if (mysql) return version is not null && version.StartsWith("5.7", StringComparison.Ordinal)
            ? "MYSQL_5_7" : version?.StartsWith("8.4", StringComparison.Ordinal) is true ? "MYSQL_8_4" : "MYSQL_8_0";
        return major is "12" or "13" or "14" or "15" or "16" or "17" ? $"POSTGRES_{major}" : "POSTGRES_16";
    }

    public static void Firestore(Emission e) => e.Main(
        ("name", e.Name()),
        ("location_id", Gcp.Region(e)),
        ("type", "FIRESTORE_NATIVE"),
        ("point_in_time_recovery_enablement", "POINT_IN_TIME_RECOVERY_ENABLED"),
        ("delete_protection_state", "DELETE_PROTECTION_ENABLED"));

    public static void Bigtable(Emission e) =>
        e.Main(("name", e.Name(33)), ("deletion_protection", true), ("labels", Gcp.Labels(e)))
            .Block("cluster", ("cluster_id", "main"), ("zone", Gcp.Zone(e)), ("num_nodes", Math.Max(1, e.Number("count") ?? 1)),
                ("storage_type", "SSD"), ("kms_key_name", Gcp.Key(e)));

    public static void Redis(Emission e)
    {
        e.Main(
            ("name", e.Name(40)),
            ("region", Gcp.Region(e)),
            ("memory_size_gb", Math.Clamp(e.Number("memoryGiB") ?? 1, 1, 300)),
            ("tier", e.Flag("multiZone") is true || e.Number("count") > 1 ? "STANDARD_HA" : "BASIC"),
            ("redis_version", e.Text("version") is { } version && version.StartsWith('6') ? "REDIS_6_X" : "REDIS_7_0"),
            ("auth_enabled", true),
            ("transit_encryption_mode", "SERVER_AUTHENTICATION"),
            ("customer_managed_key", Gcp.Key(e)),
            ("authorized_network", Gcp.NetworkOf(e.Node)?["id"]),
            ("labels", Gcp.Labels(e)));
        e.Output("host", "Address", "host");
    }

    public static void Memcache(Emission e) =>
        e.Main(
            ("name", e.Name(40)), ("region", Gcp.Region(e)), ("node_count", Math.Clamp(e.Number("count") ?? 1, 1, 20)),
            ("authorized_network", Gcp.NetworkOf(e.Node)?["id"]), ("labels", Gcp.Labels(e)))
            .Block("node_config", ("cpu_count", 1), ("memory_size_mb", Math.Max(1, e.Number("memoryGiB") ?? 1) * 1_024));
}
