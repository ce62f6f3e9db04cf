using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Prices;

namespace Sirsi.Migration.Assessing;

/// <summary>Prices relational databases: the server by engine, size and zones, and its storage by type.</summary>
internal static class DatabaseCosts
{
    /// <summary>What gp3 storage of a database brings along (AWS, RDS storage), below and from the size at which it is striped.</summary>
    private const double Gp3Iops = 3_000;

    private const double Gp3StripedIops = 12_000;

    private const double Gp3StripedGiB = 400;

    /// <summary>Adds the server.</summary>
    public static void AddServer(Bill bill, AttributeMap facts)
    {
        string size = facts["size"].AsText ?? "";
        bool multiZone = facts["multiZone"].AsBoolean ?? false;
        if (facts["engine"].AsText is not { } engine)
        {
            bill.AddMissing($"server {size}: its engine is not stated");
            return;
        }

        string what = $"{engine} {size}{(multiZone ? ", two zones" : "")}";
        if (bill.Cloud is Cloud.Aws && engine is "sqlserver" or "oracle")
        {
            bill.AddMissing($"{what}: its edition is not stated, and the licence is most of the price");
            return;
        }

        if (!bill.TryGetRegion(what, out string? region)) return;
        if (bill.Prices.TryGetDatabasePrice(bill.Cloud, region, EngineWord(engine), size, multiZone, out Price price))
            bill.Add(what, 1, price);
        else
            bill.AddMissing($"{what}: no price known in {region}");
    }

    /// <summary>Adds the storage, and operations a second beyond what its type brings along.</summary>
    public static void AddStorage(Bill bill, AttributeMap facts, double gib)
    {
        bool isSqlServer = bill.Cloud is Cloud.Azure && facts["engine"].AsText is "sqlserver";
        if (gib == 0 || (isSqlServer && !IsBoughtByVcpu(facts["size"].AsText))) return;
        bool multiZone = facts["multiZone"].AsBoolean ?? false;
        string zones = multiZone ? "multi" : "single";
        if (StorageWord(bill.Cloud, facts["storageType"].AsText) is not { } type)
        {
            bill.AddMissing($"storage of {gib} GiB: its type is not stated");
            return;
        }

        // Azure's price of a standby holds its storage a second time.
        double copies = bill.Cloud is Cloud.Azure && multiZone ? 2 : 1;
        string place = bill.Cloud is Cloud.Azure ? "single" : zones;
        string key = isSqlServer ? "database/sqlserver-storage/gib-month" : $"database/storage/{type}/{place}/gib-month";
        bill.AddService($"storage {type}, {gib} GiB", copies * gib, key);
        if (facts["iops"].AsNumber is not { } iops || bill.Cloud is not Cloud.Aws) return;
        double included = type switch { "gp3" => gib >= Gp3StripedGiB ? Gp3StripedIops : Gp3Iops, "io1" or "io2" => 0, _ => iops };
        if (iops > included)
            bill.AddService($"storage {type}, operations a second", iops - included, $"database/storage/{type}/{zones}/iops-month");
    }

    /// <summary>
    /// Whether storage is charged beside an Azure SQL size: those in transaction units (<c>S0</c>, <c>P1</c>, <c>Basic</c>) hold it, and a
    /// database without a size of its own shares that of its pool.
    /// </summary>
    private static bool IsBoughtByVcpu(string? size) =>
        size is not null && (size.StartsWith("GP_", StringComparison.Ordinal) || size.StartsWith("BC_", StringComparison.Ordinal)
            || size.StartsWith("HS_", StringComparison.Ordinal));

    /// <summary>The price book's word for an engine.</summary>
    private static string EngineWord(string engine) => engine switch
    {
        "aurora-postgresql" => "aurora-postgres",
        _ => engine,
    };

    /// <summary>The price book's word for a storage type; null when it is not known.</summary>
    private static string? StorageWord(Cloud cloud, string? type) => (cloud, type) switch
    {
        (Cloud.Aws, "standard") => "hdd",
        (Cloud.Aws, _) => type,
        (Cloud.Gcp, "PD_HDD") => "hdd",
        (Cloud.Gcp, null or "PD_SSD") => "ssd",
        (Cloud.Azure, _) => "ssd",
        _ => null,
    };
}
