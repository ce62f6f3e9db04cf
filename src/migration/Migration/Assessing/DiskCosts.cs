using Sirsi.Clouds;
using Sirsi.Clouds.Estates;

namespace Sirsi.Migration.Assessing;

/// <summary>Prices block storage by type and size, and what is provisioned beyond what the type brings along.</summary>
internal static class DiskCosts
{
    /// <summary>What a gp3 disk brings along (AWS, EBS volume types).</summary>
    private const double Gp3Iops = 3_000;

    private const double Gp3ThroughputMiBs = 125;

    /// <summary>Sizes of Azure's disk tiers (Azure, managed disk types); a disk pays for the smallest tier that holds it.</summary>
    private static readonly (double GiB, int Number)[] AzureTiers =
    [
        (4, 1), (8, 2), (16, 3), (32, 4), (64, 6), (128, 10), (256, 15), (512, 20), (1_024, 30), (2_048, 40), (4_096, 50), (8_192, 60),
        (16_384, 70), (32_767, 80),
    ];

    /// <summary>Adds a disk that is a resource of its own.</summary>
    public static void AddDisk(Bill bill, AttributeMap facts) => Add(bill, "disk", 1, Disk.Of(facts));

    /// <summary>Adds the disk a machine starts from, once for each machine.</summary>
    public static void AddRootDisk(Bill bill, AttributeMap facts, double count) =>
        Add(bill, "root disk", count, new Disk(facts["rootDiskType"].AsText, facts["rootDiskGiB"].AsNumber, null, null));

    /// <summary>Adds the disks that are part of a machine, once for each machine.</summary>
    public static void AddDataDisks(Bill bill, AttributeMap facts, double count)
    {
        foreach (AttributeValue item in facts["dataDisks"].AsList)
            if (item.AsMap is { } disk)
                Add(bill, "data disk", count, Disk.Of(disk));
    }

    private static void Add(Bill bill, string what, double count, Disk disk)
    {
        if (disk.GiB is not { } gib)
            bill.AddMissing($"{what}: its size is not stated");
        else if (disk.Type is not { } type)
            bill.AddMissing($"{what} of {gib} GiB: its type is not stated");
        else if (bill.Cloud is Cloud.Azure && !type.StartsWith("Ultra", StringComparison.OrdinalIgnoreCase))
            AddAzureTier(bill, $"{what} {type}, {gib} GiB", count, type, gib);
        else
            AddBySize(bill, what, count, disk, KeyWord(bill.Cloud, type), gib);
    }

    private static void AddBySize(Bill bill, string what, double count, Disk disk, string type, double gib)
    {
        bill.AddService($"{what} {type}, {gib} GiB", count * gib, $"disk/{type}/gib-month");
        bool isGp3 = type == "gp3";
        if (type is "gp3" or "io1" or "io2" or "ultra" && disk.Iops - (isGp3 ? Gp3Iops : 0) is > 0 and var iops)
            bill.AddService($"{what} {type}, operations a second", count * iops, $"disk/{type}/iops-month");
        if (type is "gp3" or "ultra" && disk.ThroughputMiBs - (isGp3 ? Gp3ThroughputMiBs : 0) is > 0 and var throughput)
            bill.AddService($"{what} {type}, throughput", count * throughput, $"disk/{type}/mibps-month");
    }

    private static void AddAzureTier(Bill bill, string what, double count, string type, double gib)
    {
        char? letter = type switch
        {
            "Standard_LRS" => 'S',
            "StandardSSD_LRS" => 'E',
            "Premium_LRS" => 'P',
            _ => null,
        };
        if (letter is null || gib > AzureTiers[^1].GiB)
        {
            bill.AddMissing($"{what}: no price known");
            return;
        }

        int number = Array.Find(AzureTiers, tier => tier.GiB >= gib).Number;
        // Standard disks have no tier below S4.
        bill.AddService(what, count, $"disk/{letter}{(letter == 'S' ? Math.Max(number, 4) : number)}/month");
    }

    /// <summary>The price book's word for a provider's word.</summary>
    private static string KeyWord(Cloud cloud, string type) => cloud switch
    {
        Cloud.Azure => "ultra",
        _ => type,
    };

    private sealed record Disk(string? Type, double? GiB, double? Iops, double? ThroughputMiBs)
    {
        public static Disk Of(AttributeMap facts) =>
            new(facts["type"].AsText, facts["sizeGiB"].AsNumber, facts["iops"].AsNumber, facts["throughputMiBs"].AsNumber);
    }
}
