using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Prices;
using Sirsi.Clouds.Tables;
using Sirsi.Migration.Assessing;

namespace Sirsi.Migration.Tests.Assessing;

public sealed class CostEstimatorTests
{
    private static readonly CostEstimator Estimator = new(PriceCatalogue.Embedded);

    private static readonly string[] Names =
    [
        "size", "nodeSize", "os", "count", "rootDiskGiB", "rootDiskType", "type", "sizeGiB", "iops", "engine", "storageGiB", "storageType",
        "multiZone", "desiredCount", "nodeCount", "cpuUnits", "memoryMiB", "launchType", "memoryGiB", "shards", "readUnits", "writeUnits",
        "static", "publicIp", "class",
    ];

    private static readonly string[] Words =
        ["m5.large", "Standard_D2s_v5", "n2-standard-4", "gp3", "Premium_LRS", "pd-ssd", "postgres", "linux", "nat", "db.m5.large", ""];

    /// <summary>Cloud, kind, region, facts as JSON, dollars a month reckoned by hand from the unit prices named beside them.</summary>
    public static TheoryData<Cloud, string, string, string, double> ByHand() => new()
    {
        // 0.096 × 730 + 30 GiB × 0.08
        { Cloud.Aws, "compute.vm", "us-east-1", "size: m5.large, os: linux, rootDiskGiB: 30, rootDiskType: gp3", 72.48 },
        // 3 × (0.188 × 730 + 100 × 0.08), Windows, and 3 × 500 GiB gp2 × 0.10
        {
            Cloud.Aws, "compute.vm", "us-east-1",
            "size: m5.large, os: windows, count: 3, rootDiskGiB: 100, rootDiskType: gp3, dataDisks: [{ sizeGiB: 500, type: gp2 }]",
            585.72
        },
        // 0.115 × 730 + P10 in eastus 19.71
        {
            Cloud.Azure, "compute.vm", "westeurope",
            "size: Standard_D2s_v5, os: linux, rootDiskGiB: 127, rootDiskType: Premium_LRS", 103.66
        },
        // 0.194236 × 730 + 50 × 0.17 + address 0.005 × 730
        {
            Cloud.Gcp, "compute.vm", "us-central1",
            "size: n2-standard-4, os: linux, rootDiskGiB: 50, rootDiskType: pd-ssd, publicIp: true", 153.94228
        },
        // 200 × 0.08 + (6000 − 3000) × 0.005 + (250 − 125) × 0.04
        { Cloud.Aws, "storage.disk", "us-east-1", "type: gp3, sizeGiB: 200, iops: 6000, throughputMiBs: 250", 36 },
        // 100 × 0.125 + 1000 × 0.065
        { Cloud.Aws, "storage.disk", "us-east-1", "type: io1, sizeGiB: 100, iops: 1000", 77.5 },
        // 300 GiB fit P20 (512 GiB)
        { Cloud.Azure, "storage.disk", "westeurope", "type: Premium_LRS, sizeGiB: 300", 78.84 },
        // a standard disk of 8 GiB pays for S4
        { Cloud.Azure, "storage.disk", "westeurope", "type: Standard_LRS, sizeGiB: 8", 1.536 },
        // 0.356 × 730 + 100 × 0.23, two zones
        {
            Cloud.Aws, "database.relational", "us-east-1",
            "engine: postgres, size: db.m5.large, storageGiB: 100, storageType: gp3, multiZone: true", 282.88
        },
        // 0.2702 × 730 + 50 × 0.34
        {
            Cloud.Gcp, "database.relational", "us-central1",
            "engine: postgres, size: db-custom-2-7680, storageGiB: 50, storageType: PD_SSD, multiZone: true", 214.246
        },
        // 0.1752 × 730 + 32 × 0.115
        { Cloud.Azure, "database.relational", "westeurope", "engine: postgres, size: GP_Standard_D2s_v3, storageGiB: 32", 131.576 },
        // 2 × 0.065 × 730
        { Cloud.Aws, "cache", "us-east-1", "engine: redis, size: cache.m5.large, count: 2", 94.9 },
        // 5 GiB is in the second tier with a standby: 5 × 39.42
        { Cloud.Gcp, "cache", "us-central1", "engine: redis, memoryGiB: 5, multiZone: true", 197.1 },
        // 0.0225 × 730
        { Cloud.Aws, "network.loadbalancer", "us-east-1", "type: application", 16.425 },
        { Cloud.Aws, "network.gateway", "us-east-1", "type: nat", 32.85 },
        { Cloud.Aws, "container.cluster", "us-east-1", "", 73 },
        { Cloud.Azure, "network.ip", "westeurope", "static: true", 3.65 },
        { Cloud.Gcp, "network.ip", "us-central1", "attached: false", 7.3 },
        // 2 × (0.5 × 0.0404794520548 + 1 × 0.00444520547945) × 730
        { Cloud.Aws, "container.service", "us-east-1", "launchType: FARGATE, desiredCount: 2, cpuUnits: 512, memoryMiB: 1024", 36.04 },
        // 5 × 0.095 + 5 × 0.4745
        { Cloud.Aws, "database.document", "us-east-1", "engine: dynamodb, readUnits: 5, writeUnits: 5", 2.8475 },
        { Cloud.Azure, "compute.plan", "westeurope", "size: S1, count: 2", 146 },
        { Cloud.Aws, "stream", "us-east-1", "shards: 3", 32.85 },
        { Cloud.Gcp, "dns.zone", "us-central1", "", 0.2 },
    };

    [Theory]
    [MemberData(nameof(ByHand))]
    public void A_cost_is_what_one_reckons_by_hand(Cloud cloud, string kind, string region, string facts, double usd)
    {
        CostEstimate estimate = Estimate(cloud, kind, region, Facts.Of(facts));
        Assert.Equal((CostStatus.Known, ""), (estimate.Status, string.Join("; ", estimate.Missing)));
        Assert.Equal((decimal)usd, Math.Round(estimate.MonthlyUsd!.Value, 5));
    }

    [Theory]
    [InlineData(Cloud.Aws, "compute.vm", "size: m99.large, os: linux, rootDiskGiB: 8, rootDiskType: gp3", CostStatus.Partial,
        "m99.large, Linux: no price known in us-east-1")]
    [InlineData(Cloud.Aws, "compute.vm", "os: linux, rootDiskGiB: 8, rootDiskType: gp3", CostStatus.Partial,
        "machine: its size is not stated")]
    [InlineData(Cloud.Aws, "compute.vm", "size: m5.large, rootDiskType: gp3", CostStatus.Partial, "root disk: its size is not stated")]
    [InlineData(Cloud.Aws, "storage.disk", "type: gp3", CostStatus.Unknown, "disk: its size is not stated")]
    [InlineData(Cloud.Aws, "storage.disk", "sizeGiB: 8", CostStatus.Unknown, "disk of 8 GiB: its type is not stated")]
    [InlineData(Cloud.Aws, "database.relational", "engine: sqlserver, size: db.m5.large, storageGiB: 20, storageType: gp2",
        CostStatus.Partial, "sqlserver db.m5.large: its edition is not stated, and the licence is most of the price")]
    [InlineData(Cloud.Aws, "compute.group", "size: m5.large, desiredCount: 2, spot: true", CostStatus.Unknown,
        "m5.large as spot machines: their price changes by the hour")]
    [InlineData(Cloud.Azure, "container.nodepool", "size: Standard_D4s_v5, desiredCount: 2, spot: true", CostStatus.Unknown,
        "Standard_D4s_v5 as spot nodes: their price changes by the hour")]
    [InlineData(Cloud.Aws, "network.endpoint", "type: interface", CostStatus.Unknown, "private endpoint")]
    [InlineData(Cloud.Aws, "stream", "shards: -4", CostStatus.Unknown, "shard: -4 is no quantity")]
    [InlineData(Cloud.Aws, "unknown", "", CostStatus.Unknown, "we do not know what example is")]
    [InlineData(Cloud.Azure, "network.gateway", "type: nat", CostStatus.Unknown, "NAT gateway: no price known")]
    public void What_has_no_price_is_named(Cloud cloud, string kind, string facts, CostStatus status, string missing)
    {
        CostEstimate estimate = Estimate(cloud, kind, "us-east-1", Facts.Of(facts));
        Assert.Equal(status, estimate.Status);
        Assert.Contains(missing, estimate.Missing);
    }

    [Theory]
    [InlineData("S0")]
    [InlineData("P1")]
    [InlineData("Basic")]
    [InlineData("StandardPool_50")]
    public void The_price_of_a_database_in_transaction_units_holds_its_storage(string size)
    {
        CostEstimate estimate = Estimate(
            Cloud.Azure, "database.relational", "westeurope", Facts.Of($"engine: sqlserver, size: {size}, storageGiB: 250"));
        Assert.Empty(estimate.Lines);
        Assert.Equal([$"sqlserver {size}: no price known in westeurope"], estimate.Missing);
    }

    [Fact]
    public void Storage_of_a_database_in_processors_is_paid_beside_them() => Assert.Equal(2, Estimate(
        Cloud.Azure, "database.relational", "westeurope", Facts.Of("engine: sqlserver, size: GP_Gen5_2, storageGiB: 250")).Lines.Length);

    [Theory]
    [InlineData(Cloud.Aws, 0.5)]
    [InlineData(Cloud.Azure, 0.5)]
    [InlineData(Cloud.Gcp, 0.2)]
    public void What_lies_in_no_region_has_the_price_of_the_reference_region(Cloud cloud, double usd)
    {
        CostEstimate estimate = Estimate(cloud, "dns.zone", null, AttributeMap.Empty);
        Assert.Equal((CostStatus.Known, (decimal)usd), (estimate.Status, estimate.MonthlyUsd!.Value));
    }

    [Theory]
    [InlineData("Y1")]
    [InlineData("FC1")]
    public void A_plan_that_is_paid_by_consumption_has_no_monthly_price(string size)
    {
        CostEstimate estimate = Estimate(Cloud.Azure, "compute.plan", "westeurope", Facts.Of($"size: {size}"));
        Assert.Equal((CostStatus.Usage, 0), (estimate.Status, estimate.Missing.Length));
    }

    [Fact]
    public void A_gateway_with_a_firewall_is_paid_as_one()
    {
        CostLine with = Assert.Single(Gateway("WAF_v2").Lines);
        Assert.Equal("application load balancer with firewall", with.What);
        Assert.NotEqual(with.MonthlyUsd, Assert.Single(Gateway("Standard_v2").Lines).MonthlyUsd);

        static CostEstimate Gateway(string sku) =>
            Estimate(Cloud.Azure, "network.loadbalancer", "westeurope", Facts.Of($"type: application, sku: {sku}"));
    }

    [Fact]
    public void Without_a_region_nothing_is_priced() =>
        Assert.Null(Estimate(Cloud.Aws, "network.gateway", null, Facts.Of("type: nat")).MonthlyUsd);

    [Fact]
    public void What_is_charged_by_use_lists_its_unit_prices_and_no_amount()
    {
        CostEstimate estimate = Estimate(Cloud.Aws, "storage.bucket", "us-east-1", AttributeMap.Empty);
        Assert.Equal(CostStatus.Usage, estimate.Status);
        Assert.Null(estimate.MonthlyUsd);
        Assert.Contains(estimate.Usage, charge => charge.What == "objects kept, standard" && charge.Price!.Value.Usd == 0.023);
    }

    [Fact]
    public void An_unknown_price_is_never_nothing() => TestKit.Check.That(seed: 7, runs: 20_000, random =>
    {
        KindInfo kind = KindTable.BuiltIn.Kinds[random.Next(KindTable.BuiltIn.Kinds.Length)];
        var cloud = (Cloud)random.Next(0, 4);
        string? region = Pick(random, null, "us-east-1", "westeurope", "us-central1", "mars-north-1");
        CostEstimate estimate = Estimate(cloud, kind.Kind.Name, region, RandomFacts(random));

        Assert.All(estimate.Lines, line => Assert.True(line.Price.Usd > 0 && (line.MonthlyUsd > 0 || line.Quantity == 0), line.ToString()));
        Assert.Equal(estimate.Status is CostStatus.Known or CostStatus.Partial or CostStatus.Free, estimate.MonthlyUsd is not null);
        Assert.Equal(estimate.Status is CostStatus.Partial or CostStatus.Unknown, estimate.Missing.Length > 0);
        Assert.Equal(estimate.Status is CostStatus.Known or CostStatus.Partial, estimate.Lines.Length > 0);
        if (region is null or "mars-north-1") Assert.DoesNotContain(estimate.Lines, line => line.Price.Quality is PriceQuality.Exact);
    });

    [Fact]
    public void Every_kind_in_every_cloud_is_known_to_the_table()
    {
        foreach (KindInfo kind in KindTable.BuiltIn.Kinds.Where(kind => kind.Kind != ResourceKind.Unknown))
            foreach (Cloud cloud in new[] { Cloud.Aws, Cloud.Azure, Cloud.Gcp })
                Assert.False(CostTable.Embedded.Of(cloud, kind.Kind).IsEmpty, $"{cloud} {kind.Kind}");
    }

    [Fact]
    public void A_quantity_out_of_this_world_is_told_and_not_reckoned()
    {
        CostEstimate estimate = Estimate(Cloud.Aws, "stream", "us-east-1", Facts.Of("shards: 999999999999999999"));
        Assert.Equal(CostStatus.Unknown, estimate.Status);
    }

    private static CostEstimate Estimate(Cloud cloud, string kind, string? region, AttributeMap facts) =>
        Estimator.Estimate(cloud, new ResourceKind(kind), "example", region, facts);

    private static AttributeMap RandomFacts(Random random)
    {
        var facts = new AttributeMap.Builder();
        foreach (string name in Names)
            if (random.Next(3) > 0)
                facts.Add(name, RandomValue(random));
        return facts.Build();
    }

    private static AttributeValue RandomValue(Random random) => random.Next(6) switch
    {
        0 => AttributeValue.Of(random.Next(2) == 0),
        1 => AttributeValue.Of((long)random.Next(-2, 200)),
        2 => AttributeValue.Of(random.NextDouble() * 1e6),
        3 => AttributeValue.MaskedOf(20),
        4 => AttributeValue.Null,
        _ => AttributeValue.Of(Pick(random, Words)),
    };

    private static T Pick<T>(Random random, params T[] choices) => choices[random.Next(choices.Length)];
}
