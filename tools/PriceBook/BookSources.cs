using Sirsi.Clouds.Prices;

namespace Sirsi.PriceBook;

/// <summary>The sources as an estimate names them. What was done to a price is a source of its own: its note says it.</summary>
internal static class BookSources
{
    private const string AwsRegional = "AWS EC2 prices recorded by Apache Libcloud";
    private const string AwsIreland = "AWS price list of eu-west-1 recorded by TerraCost";
    private const string Rds = "AWS RDS prices recorded by ec2instances.info";
    private const string AzureLinux = "Azure retail prices recorded by Karpenter";
    private const string AzureRegional = "Azure VM prices recorded by Apache Libcloud";
    private const string AzureRetail = "Azure Retail Prices of francecentral recorded by TerraCost";
    private const string GcpPrices = "Google Cloud SKU prices recorded by gcosts";
    private const string UnitPrices = "Unit prices printed by Infracost";

    internal static readonly PriceSource AwsVirginia = new("AWS EC2 prices recorded by Karpenter", "2026-07-20", "");
    internal static readonly PriceSource AwsIreland2023 = new(AwsIreland, "2023-02-23", "");
    internal static readonly PriceSource AwsRegional2023 = new(AwsRegional, "2023-08-06", "");
    internal static readonly PriceSource AwsTenancy = new(AwsRegional, "2023-08-06",
        "the source's row is dearer than its series by a dedicated-tenancy surcharge; "
        + "taken as the us-east-1 price times the series' ratio in this region");
    internal static readonly PriceSource AwsWindows = new(AwsIreland, "2023-02-23",
        "Linux price of this region plus the Windows licence, by difference in eu-west-1");
    internal static readonly PriceSource Rds2019 = new(Rds, "2019-07", "");
    internal static readonly PriceSource Rds2019Multi = new(Rds, "2019-07", "twice the single-zone price");

    internal static readonly PriceSource Azure2026 = new(AzureLinux, "2026-06-18", "");
    internal static readonly PriceSource AzureWindowsInLinux = new(AzureLinux, "2026-06-18",
        "the source's row carries the Windows licence; taken as the vCPU rate of its series in this region");
    internal static readonly PriceSource AzureWindowsRow = new(AzureLinux, "2026-06-18", "the source's row carries the Windows licence");
    internal static readonly PriceSource Azure2023 = new(AzureRegional, "2023-08-06", "");
    internal static readonly PriceSource AzureRetailFrance = new(AzureRetail, "2021-12", "");
    internal static readonly PriceSource AzureWindows = new(AzureRetail, "2021-12",
        "Linux price of this region plus the Windows licence, by difference in francecentral");
    internal static readonly PriceSource AzureWindowsOlder = new(AzureRegional, "2023-08-06",
        "Linux price of this region plus the Windows licence, by difference in most regions of an older source");

    internal static readonly PriceSource Gcp2026 = new(GcpPrices, "2026-07-16", "");
    internal static readonly PriceSource GcpWindows = new(GcpPrices, "2026-07-16", "machine plus Windows Server licence");
    internal static readonly PriceSource GcpCustom = new(GcpPrices, "2026-07-16",
        "rates per vCPU and GiB solved from the predefined types of the series; N series with the surcharge of N1 custom types");

    internal static readonly PriceSource UnitsListed = new(UnitPrices, "undated",
        "region not stated by the source, taken as the cloud's reference region");
    internal static readonly PriceSource UnitsRounded = new(UnitPrices, "undated",
        "from a monthly cost rounded to cents; region not stated by the source, taken as the cloud's reference region");
    internal static readonly PriceSource DiskTier = new(UnitPrices, "undated",
        "from the price per GiB of the nearest tier with a price; region not stated by the source, taken as the cloud's reference region");
}
