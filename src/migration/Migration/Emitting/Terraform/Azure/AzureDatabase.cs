using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Databases and caches on Azure.</summary>
internal static class AzureDatabase
{
    private static readonly long[] PostgresMiB = [32_768, 65_536, 131_072, 262_144, 524_288, 1_048_576, 2_097_152, 4_193_280, 8_388_608,
        16_777_216];

    public static void Postgres(Emission e)
    {
        long wanted = (e.Number("storageGiB") ?? 32) * 1_024;
        HclBody server = Azure.Main(e, e.GlobalName(),
            ("version", e.Text("version")?.Split('.')[0] is ("11" or "12" or "13" or "14" or "15" or "16" or "17") and var version
                ? version : "16"),
            ("sku_name", e.Size is { } size && size.Split('_')[0] is "B" or "GP" or "MO"
                ? e.Size : e.Variable("sku", "Size, such as GP_Standard_D2ds_v5")),
            ("storage_mb", PostgresMiB.FirstOrDefault(size => size >= wanted, PostgresMiB[^1])),
            ("auto_grow_enabled", true),
            ("administrator_login", e.Variable("username", "Name of the administrator", initial: "dbadmin")),
            ("administrator_password", e.Variable("password", "Password of the administrator", sensitive: true)),
            ("backup_retention_days", Math.Clamp(e.Number("backupDays") ?? 7, 7, 35)),
            ("public_network_access_enabled", false),
            ("tags", Azure.Tags(e)));
        if (e.Flag("multiZone") is true) server.Block("high_availability", ("mode", "ZoneRedundant"));
        // The zone is chosen by Azure and swapped at a fail-over.
        server.Block("lifecycle", ("ignore_changes", List(Expr("zone"), Expr("high_availability[0].standby_availability_zone"))));
        Azure.PrivateEndpoint(e, e.Node["id"], "postgresqlServer");
        e.Output("fqdn", "Address", "fqdn");
    }

    public static void MySql(Emission e)
    {
        HclBody server = Azure.Main(e, e.GlobalName(),
            ("version", e.Text("version") is { } version && version.StartsWith("5.7", StringComparison.Ordinal) ? "5.7" : "8.0.21"),
            ("sku_name", e.Size is { } size && size.Split('_')[0] is "B" or "GP" or "MO"
                ? e.Size : e.Variable("sku", "Size, such as GP_Standard_D2ads_v5")),
            ("administrator_login", e.Variable("username", "Name of the administrator", initial: "dbadmin")),
            ("administrator_password", e.Variable("password", "Password of the administrator", sensitive: true)),
            ("backup_retention_days", Math.Clamp(e.Number("backupDays") ?? 7, 1, 35)),
            ("tags", Azure.Tags(e)));
        server.Block("storage", ("size_gb", Math.Clamp(e.Number("storageGiB") ?? 20, 20, 16_384)), ("auto_grow_enabled", true));
        if (e.Flag("multiZone") is true) server.Block("high_availability", ("mode", "ZoneRedundant"));
        server.Block("lifecycle", ("ignore_changes", List(Expr("zone"), Expr("high_availability[0].standby_availability_zone"))));
        Azure.PrivateEndpoint(e, e.Node["id"], "mysqlServer");
        e.Output("fqdn", "Address", "fqdn");
    }

    public static void SqlServer(Emission e)
    {
        Azure.Main(e, e.GlobalName(), Server(e));
        WriteDatabase(e, e.Extra("azurerm_mssql_database", "").Body, e.Node["id"]);
        Azure.PrivateEndpoint(e, e.Node["id"], "sqlServer");
    }

    public static void SqlDatabase(Emission e)
    {
        HclValue server = e.Node.FirstOf("azurerm_mssql_server")?["id"]
            ?? Azure.Extra(e, "azurerm_mssql_server", "", e.GlobalName(), Server(e)).Reference["id"];
        WriteDatabase(e, e.Main(), server);
        Azure.PrivateEndpoint(e, server, "sqlServer");
    }

    private static (string, HclValue?)[] Server(Emission e) =>
    [
        ("version", "12.0"),
        ("administrator_login", e.Variable("username", "Name of the administrator", initial: "dbadmin")),
        ("administrator_login_password", e.Variable("password", "Password of the administrator", sensitive: true)),
        ("minimum_tls_version", "1.2"),
        ("public_network_access_enabled", false),
        ("tags", Azure.Tags(e)),
    ];

    private static void WriteDatabase(Emission e, HclBody database, HclValue server)
    {
        database.With(
            ("name", e.Module.CloudName("mssql_database", e.Node.Label, 120, "_")),
            ("server_id", server),
            ("sku_name", e.Size is { } size
                && (size.StartsWith("GP_", StringComparison.Ordinal) || size.StartsWith("BC_", StringComparison.Ordinal)
                || size.StartsWith("HS_", StringComparison.Ordinal) || size.StartsWith('S') || size.StartsWith('P')) ? size : "GP_Gen5_2"),
            ("max_size_gb", Math.Clamp(e.Number("storageGiB") ?? 32, 1, 4_096)),
            ("zone_redundant", e.Flag("multiZone") is true ? true : null),
            ("transparent_data_encryption_enabled", true),
            ("tags", Azure.Tags(e)));
        database.Block("short_term_retention_policy", ("retention_days", Math.Clamp(e.Number("backupDays") ?? 7, 7, 35)));
    }

    public static void Cosmos(Emission e)
    {
        bool mongo = e.Text("engine") is "mongodb" or "docdb";
        HclBody account = Azure.Main(e, e.GlobalName(44),
            ("offer_type", "Standard"),
            ("kind", mongo ? "MongoDB" : "GlobalDocumentDB"),
            ("mongo_server_version", mongo ? "4.2" : null),
            ("minimal_tls_version", "Tls12"),
            ("public_network_access_enabled", false),
            ("tags", Azure.Tags(e)));
        account.Block("consistency_policy", ("consistency_level", "Session"));
        account.Block("geo_location", ("location", Azure.Location(e)), ("failover_priority", 0),
            ("zone_redundant", e.Flag("multiZone") is true ? true : null));
        if (mongo) account.Block("capabilities", ("name", "EnableMongo"));
        if (e.Flag("onDemand") is true) account.Block("capabilities", ("name", "EnableServerless"));
        account.Block("backup", ("type", "Continuous"), ("tier", "Continuous7Days"));
        e.Extra(mongo ? "azurerm_cosmosdb_mongo_database" : "azurerm_cosmosdb_sql_database", "",
            ("name", e.Name(60)), ("resource_group_name", Azure.Group(e)["name"]), ("account_name", e.Node["name"]));
        Azure.PrivateEndpoint(e, e.Node["id"], mongo ? "MongoDB" : "Sql");
        e.Output("endpoint", "Address", "endpoint");
    }

    public static void Redis(Emission e)
    {
        (string family, long capacity) = Plan(e);
        Azure.Main(e, e.GlobalName(),
            ("capacity", capacity),
            ("family", family),
            ("sku_name", family == "P" ? "Premium" : "Standard"),
            ("redis_version", "6"),
            ("minimum_tls_version", "1.2"),
            ("non_ssl_port_enabled", false),
            ("public_network_access_enabled", false),
            ("tags", Azure.Tags(e)));
        Azure.PrivateEndpoint(e, e.Node["id"], "redisCache");
        e.Output("hostname", "Address", "hostname");
    }

    // Sizes are named by a letter and a number: C1 has 1 GB, P1 has 6 GB.
    private static (string Family, long Capacity) Plan(Emission e)
    {
        if (e.Size is { Length: >= 2 } size && size[^2] is ('C' or 'P') && char.IsAsciiDigit(size[^1])) return (size[^2..^1], size[^1] - '0');
        return (e.Number("memoryGiB") ?? 1) switch
        {
            <= 1 => ("C", 1),
            <= 2 => ("C", 2),
            <= 6 => ("C", 3),
            <= 13 => ("C", 4),
            <= 26 => ("C", 5),
            <= 53 => ("C", 6),
            _ => ("P", 5),
        };
    }
}
