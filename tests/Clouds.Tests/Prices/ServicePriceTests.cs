using Sirsi.Clouds.Prices;

namespace Sirsi.Clouds.Tests.Prices;

public sealed class ServicePriceTests
{
    private static readonly PriceCatalogue Prices = PriceCatalogue.Embedded;

    [Theory]
    [InlineData(Cloud.Aws, "us-east-1", "disk/gp3/gib-month", 0.08, PriceUnit.GibMonth)]
    [InlineData(Cloud.Aws, "eu-west-1", "disk/gp2/gib-month", 0.11, PriceUnit.GibMonth)]
    [InlineData(Cloud.Aws, "eu-west-1", "disk/gp3/mibps-month", 0.044, PriceUnit.MibpsMonth)]
    [InlineData(Cloud.Aws, "us-east-1", "loadbalancer/application/hour", 0.0225, PriceUnit.Hour)]
    [InlineData(Cloud.Aws, "us-east-1", "queue/request", 4e-7, PriceUnit.Request)]
    [InlineData(Cloud.Aws, "us-east-1", "egress/internet/gib", 0.09, PriceUnit.Gib)]
    [InlineData(Cloud.Aws, "us-east-1", "database/mysql/db.m5.large/single/hour", 0.171, PriceUnit.Hour)]
    [InlineData(Cloud.Aws, "eu-west-1", "database/postgres/db.m5.large/single/hour", 0.197, PriceUnit.Hour)]
    [InlineData(Cloud.Aws, "eu-west-1", "cache/memcached/cache.t3.small/hour", 0.036, PriceUnit.Hour)]
    [InlineData(Cloud.Azure, "eastus", "disk/P10/month", 19.71, PriceUnit.Month)]
    [InlineData(Cloud.Azure, "eastus", "disk/E30/month", 76.8, PriceUnit.Month)]
    [InlineData(Cloud.Azure, "eastus", "bucket/standard/gib-month", 0.0208, PriceUnit.GibMonth)]
    [InlineData(Cloud.Gcp, "europe-west1", "disk/ssd-balanced/gib-month", 0.1, PriceUnit.GibMonth)]
    [InlineData(Cloud.Gcp, "africa-south1", "disk/pd-ssd/gib-month", 0.1866395, PriceUnit.GibMonth)]
    [InlineData(Cloud.Gcp, "us", "bucket/standard/gib-month", 0.026, PriceUnit.GibMonth)]
    [InlineData(Cloud.Gcp, "asia-northeast1", "egress/internet/gib", 0.085, PriceUnit.Gib)]
    [InlineData(Cloud.Gcp, "us-central1", "cluster/control-plane/hour", 0.1, PriceUnit.Hour)]
    public void A_service_price_is_the_one_of_its_source(Cloud cloud, string region, string key, double usd, PriceUnit unit)
    {
        Assert.True(Prices.TryGetServicePrice(cloud, region, key, out Price price));
        Assert.Equal(usd, price.Usd, 12);
        Assert.Equal(unit, price.Unit);
        Assert.Equal(region, price.Region);
        Assert.NotEqual(PriceQuality.OtherRegion, price.Quality);
    }

    [Fact]
    public void A_price_of_another_region_says_so()
    {
        Assert.True(Prices.TryGetServicePrice(Cloud.Aws, "ap-south-1", "nat/hour", out Price price));
        Assert.Equal((0.045, PriceQuality.OtherRegion, "us-east-1"), (price.Usd, price.Quality, price.Region));
        Assert.Contains("price of us-east-1", price.Basis(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_only_a_second_reference_region_knows_is_found_there()
    {
        Assert.True(Prices.TryGetServicePrice(Cloud.Aws, "us-east-1", "database/postgres/db.m6g.large/multi/hour", out Price price));
        Assert.Equal((PriceQuality.OtherRegion, "eu-west-1"), (price.Quality, price.Region));
    }

    [Theory]
    [InlineData("nat/fortnight")]
    [InlineData("")]
    public void An_unknown_key_has_no_price(string key) => Assert.False(Prices.TryGetServicePrice(Cloud.Aws, "us-east-1", key, out _));

    [Theory]
    [InlineData(Cloud.Aws, "eu-west-1", "postgres", "db.m5.large", true, 0.394)]
    [InlineData(Cloud.Gcp, "us-central1", "postgres", "db-f1-micro", false, 0.0105)]
    [InlineData(Cloud.Gcp, "us-central1", "mysql", "db-custom-4-15360", false, 0.2702)] // 4 × 0.0413 + 15 × 0.007
    [InlineData(Cloud.Gcp, "us-central1", "postgres", "db-n1-standard-2", true, 0.2702)]
    [InlineData(Cloud.Azure, "eastus", "postgres", "GP_Gen5_4", false, 0.3504)]
    [InlineData(Cloud.Azure, "eastus", "postgres", "GP_Standard_D2s_v3", false, 0.1752)]
    [InlineData(Cloud.Azure, "eastus", "sqlserver-se", "GP_Gen5_8", false, 2.1392)] // 8 × (0.16744 + 0.09997 of licence)
    [InlineData(Cloud.Azure, "eastus", "sqlserver", "GP_Gen5_4", true, 1.4715)] // 4 × (0.16744 + 0.09997 + 0.10046 of zones)
    [InlineData(Cloud.Azure, "eastus", "sqlserver", "BC_Gen5_4", true, 2.8395)] // 4 × (0.33488 + 0.375)
    [InlineData(Cloud.Azure, "eastus", "mysql", "GP_Gen5_4", true, 0.7008)]
    public void A_database_is_priced_by_what_it_is_asked_for(
        Cloud cloud, string region, string engine, string size, bool multiZone, double usd)
    {
        Assert.True(Prices.TryGetDatabasePrice(cloud, region, engine, size, multiZone, out Price price));
        Assert.Equal(usd, price.Usd, usd * 0.001);
        Assert.Equal(PriceUnit.Hour, price.Unit);
    }

    [Theory]
    [InlineData(Cloud.Gcp, "sqlserver-se", "db-custom-4-15360")]
    [InlineData(Cloud.Azure, "postgres", "whatever")]
    [InlineData(Cloud.Azure, "postgres", "GP_Gen5_-4")]
    [InlineData(Cloud.Azure, "sqlserver", "GP_S_Gen5_2")] // serverless is charged by the second of use, at another rate
    [InlineData(Cloud.Azure, "sqlserver", "HS_S_Gen5_2")]
    [InlineData(Cloud.Aws, "postgres", "db.m5.colossal")]
    public void A_database_that_is_not_known_has_no_price(Cloud cloud, string engine, string size) =>
        Assert.False(Prices.TryGetDatabasePrice(cloud, "us-east-1", engine, size, multiZone: false, out _));

    [Fact]
    public void A_size_longer_than_any_key_has_no_price() =>
        Assert.False(Prices.TryGetDatabasePrice(Cloud.Aws, "us-east-1", "postgres", new string('x', 10_000), multiZone: false, out _));

    [Fact]
    public void A_month_is_730_hours()
    {
        Assert.True(Prices.TryGetServicePrice(Cloud.Aws, "us-east-1", "nat/hour", out Price hour));
        Assert.Equal(0.045 * 730 * 2, hour.UsdPerMonth(2), 9);
        Assert.True(Prices.TryGetServicePrice(Cloud.Aws, "us-east-1", "disk/gp3/gib-month", out Price gib));
        Assert.Equal(8, gib.UsdPerMonth(100), 9);
    }

    [Fact]
    public void The_document_names_every_key_and_no_other()
    {
        string document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "prices.md"));
        string[] patterns = [.. document.Split('\n')
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('`')[1])];
        Assert.All(Prices.ServiceKeys, key => Assert.Contains(patterns, pattern => Matches(pattern, key)));
        Assert.All(patterns, pattern => Assert.Contains(Prices.ServiceKeys, key => Matches(pattern, key)));
    }

    // A part in braces stands for any one part of a key.
    private static bool Matches(string pattern, string key)
    {
        string[] wanted = pattern.Split('/');
        string[] parts = key.Split('/');
        return wanted.Length == parts.Length
            && wanted.Zip(parts).All(pair => pair.First == pair.Second || (pair.First[0] == '{' && pair.First[^1] == '}'));
    }
}
