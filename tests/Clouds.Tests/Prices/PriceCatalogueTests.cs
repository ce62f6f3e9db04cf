using System.Text;
using Sirsi.Clouds.Prices;

namespace Sirsi.Clouds.Tests.Prices;

public sealed class PriceCatalogueTests
{
    private static readonly PriceCatalogue Prices = PriceCatalogue.Embedded;

    [Theory]
    // Read by hand from the sources named in docs/prices.md.
    [InlineData(Cloud.Aws, "us-east-1", "m5.large", VmOs.Linux, 0.096, PriceQuality.Exact)]
    [InlineData(Cloud.Aws, "us-east-1", "a1.2xlarge", VmOs.Linux, 0.204, PriceQuality.Exact)]
    [InlineData(Cloud.Aws, "eu-west-1", "m5.large", VmOs.Windows, 0.199, PriceQuality.OlderSource)]
    [InlineData(Cloud.Aws, "eu-west-1", "t3.medium", VmOs.Linux, 0.0456, PriceQuality.OlderSource)]
    [InlineData(Cloud.Azure, "australiacentral", "Basic_A0", VmOs.Linux, 0.024, PriceQuality.Exact)]
    [InlineData(Cloud.Azure, "francecentral", "Standard_D2s_v5", VmOs.Windows, 0.204, PriceQuality.OlderSource)]
    [InlineData(Cloud.Gcp, "us-central1", "n2-standard-4", VmOs.Linux, 0.194236, PriceQuality.Exact)]
    [InlineData(Cloud.Gcp, "us-central1", "n2-standard-4", VmOs.Windows, 0.378236, PriceQuality.Exact)]
    [InlineData(Cloud.Gcp, "us-central1", "e2-micro", VmOs.Linux, 0.0083764275, PriceQuality.Exact)]
    public void A_price_is_the_one_of_its_source(Cloud cloud, string region, string size, VmOs os, double usd, PriceQuality quality)
    {
        Assert.True(Prices.TryGetVmPrice(cloud, region, size, os, out Price price));
        Assert.Equal(usd, price.Usd, 12);
        Assert.Equal(quality, price.Quality);
        Assert.Equal(PriceUnit.Hour, price.Unit);
        Assert.Equal(region, price.Region);
    }

    [Fact]
    public void A_Windows_price_known_by_difference_says_so()
    {
        // Ireland: 0.205 with and 0.113 without Windows; Virginia: 0.1 without. The regional source says 0.113 with Windows in Ireland.
        Assert.True(Prices.TryGetVmPrice(Cloud.Aws, "us-east-1", "c4.large", VmOs.Windows, out Price price));
        Assert.Equal(0.192, price.Usd, 9);
        Assert.Equal(PriceQuality.Derived, price.Quality);
        Assert.Contains("by difference in eu-west-1", price.Basis(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_with_the_surcharge_of_a_dedicated_host_is_put_right_and_says_so()
    {
        Amounts(Cloud.Aws, price => price.Source.Note.Contains("dedicated", StringComparison.Ordinal), out int putRight);
        Assert.InRange(putRight, 1000, 2500);
    }

    [Theory]
    [InlineData(Cloud.Aws, "us-east-1", "m5.gigantic")]
    [InlineData(Cloud.Aws, "mars-north-1", "m5.large")]
    [InlineData(Cloud.Azure, "eastus", "Dsv3_Type1")]
    [InlineData(Cloud.Azure, "eastus", "Standard_H16_Promo")]
    [InlineData(Cloud.Azure, "eastus", "Standard_M128bds_1_v4")] // 0 in the source
    [InlineData(Cloud.Gcp, "northamerica-south1", "c2-standard-4")] // only a spot price in the source
    [InlineData(Cloud.Gcp, "us-central1", "n2-custom-4")]
    [InlineData(Cloud.Gcp, "us-central1", "x9-custom-4-8192")]
    [InlineData(Cloud.Other, "us-east-1", "m5.large")]
    public void An_unknown_price_is_no_price(Cloud cloud, string region, string size)
    {
        Assert.False(Prices.TryGetVmPrice(cloud, region, size, VmOs.Linux, out Price price));
        Assert.Equal(default, price);
    }

    [Fact]
    public void No_price_is_zero_or_absurd()
    {
        foreach (Cloud cloud in new[] { Cloud.Aws, Cloud.Azure, Cloud.Gcp })
            Amounts(cloud, price => price.Usd is > 0 and < 6000, out _, all: true);
    }

    [Fact]
    public void Sizes_come_cheapest_first_and_cost_what_the_look_up_says()
    {
        int seen = 0;
        foreach (Cloud cloud in new[] { Cloud.Aws, Cloud.Azure, Cloud.Gcp })
            foreach (string region in Prices.RegionsOf(cloud))
                foreach (VmOs os in Enum.GetValues<VmOs>())
                {
                    double last = 0;
                    foreach (PricedVm vm in Prices.VmsByPrice(cloud, region, os))
                    {
                        Assert.True(vm.Price.Usd >= last);
                        Assert.True(Prices.TryGetVmPrice(cloud, region, vm.Vm.Name, os, out Price price));
                        Assert.Equal(vm.Price, price);
                        last = vm.Price.Usd;
                        seen++;
                    }
                }
        Assert.InRange(seen, 100_000, 300_000);
    }

    [Fact]
    public void Windows_never_costs_less_than_Linux()
    {
        foreach (Cloud cloud in new[] { Cloud.Aws, Cloud.Azure, Cloud.Gcp })
            foreach (string region in Prices.RegionsOf(cloud))
                foreach (PricedVm vm in Prices.VmsByPrice(cloud, region, VmOs.Windows))
                    if (Prices.TryGetVmPrice(cloud, region, vm.Vm.Name, VmOs.Linux, out Price linux))
                        Assert.True(vm.Price.Usd >= linux.Usd, $"{cloud} {region} {vm.Vm.Name}: {vm.Price.Usd} against {linux.Usd}");
    }

    [Fact]
    public void A_type_that_a_Google_region_does_not_offer_has_a_price_but_is_not_offered()
    {
        Assert.True(Prices.TryGetVmPrice(Cloud.Gcp, "africa-south1", "a2-highgpu-1g", VmOs.Linux, out _));
        Assert.DoesNotContain(Prices.VmsByPrice(Cloud.Gcp, "africa-south1", VmOs.Linux).ToArray(), vm => vm.Vm.Name == "a2-highgpu-1g");
    }

    [Theory]
    [InlineData("e2-custom-4-16384", 0.13402284)] // without surcharge: the rates of e2-standard-4
    [InlineData("custom-2-10240", 0.1108431)] // the price of custom-2-10240-ext, which has no extended memory
    [InlineData("n2-custom-6-20480", 0.2879)] // unit prices printed elsewhere: 6 vCPUs 0.199144, 20 GiB 0.088973 before sustained use
    public void A_custom_type_is_priced_by_its_processors_and_memory(string size, double usd)
    {
        Assert.True(Prices.TryGetVmPrice(Cloud.Gcp, "us-central1", size, VmOs.Linux, out Price price));
        Assert.Equal(usd, price.Usd, usd * 0.002);
        Assert.Equal(PriceQuality.Derived, price.Quality);
        Assert.True(Prices.TryGetVm(Cloud.Gcp, size, out VmSize? vm));
        Assert.Equal(size, vm.Name);
    }

    [Fact]
    public void A_size_is_described_in_full()
    {
        Assert.True(Prices.TryGetVm(Cloud.Aws, "g4dn.xlarge", out VmSize? gpu));
        Assert.Equal((4, 16.0, 1, "NVIDIA T4", true), (gpu.VCpus, gpu.MemoryGiB, gpu.Gpus, gpu.GpuModel, gpu.HasLocalDisk));
        Assert.True(Prices.TryGetVm(Cloud.Aws, "t4g.small", out VmSize? arm));
        Assert.Equal((VmArchitecture.Arm64, true, NetworkClass.Moderate), (arm.Architecture, arm.Burstable, arm.Network));
        Assert.True(Prices.TryGetVm(Cloud.Azure, "standard_d4ds_v5", out VmSize? azure));
        Assert.Equal(("Standard_D4ds_v5", "Ddsv5", true), (azure.Name, azure.Family, azure.HasLocalDisk));
        Assert.Null(azure.LocalDiskGiB);
        Assert.True(Prices.TryGetVm(Cloud.Azure, "Standard_D4s_v5", out VmSize? diskless));
        Assert.Equal((false, (double?)0), (diskless.HasLocalDisk, diskless.LocalDiskGiB));
        Assert.True(Prices.TryGetVm(Cloud.Azure, "Standard_E16-4as_v5", out VmSize? constrained));
        Assert.Equal((4, 128.0), (constrained.VCpus, constrained.MemoryGiB));
        Assert.True(Prices.TryGetVm(Cloud.Gcp, "a2-ultragpu-1g", out VmSize? a100));
        Assert.Equal((1, 375.0, "a2-ultragpu"), (a100.Gpus, a100.LocalDiskGiB, a100.Family));
        Assert.True(Prices.TryGetVm(Cloud.Aws, "db.m5.large", out VmSize? database));
        Assert.Equal((2, 8.0), (database.VCpus, database.MemoryGiB));
        Assert.True(Prices.TryGetVm(Cloud.Aws, "cache.r5.large", out VmSize? cache));
        Assert.Equal((2, 13.07), (cache.VCpus, cache.MemoryGiB));
    }

    [Theory]
    [InlineData("Standard_D2s_v3", true)]
    [InlineData("Standard_D2as_v4", true)]
    [InlineData("Standard_D2_v4", false)]
    [InlineData("Standard_D2as_v5", false)]
    [InlineData("Standard_E4ads_v5", true)]
    [InlineData("Standard_F2s_v2", true)]
    [InlineData("Standard_B2ms", true)]
    [InlineData("Standard_B2s_v2", false)]
    [InlineData("Standard_L8s_v3", true)]
    [InlineData("Standard_DC2s_v3", false)]
    public void An_Azure_size_tells_its_local_disk_by_its_name(string size, bool disk)
    {
        Assert.True(Prices.TryGetVm(Cloud.Azure, size, out VmSize? vm));
        Assert.Equal(disk, vm.HasLocalDisk);
    }

    [Fact]
    public void Looking_up_allocates_nothing()
    {
        void Look()
        {
            Prices.TryGetVmPrice(Cloud.Azure, "westeurope", "Standard_D4s_v5", VmOs.Windows, out _);
            Prices.TryGetVmPrice(Cloud.Gcp, "europe-west4", "n2-custom-4-8192", VmOs.Windows, out _);
            Prices.TryGetVm(Cloud.Aws, "m5.large", out VmSize? like);
            Prices.TryGetServicePrice(Cloud.Aws, "us-east-1", "nat/hour", out _);
            Prices.TryGetDatabasePrice(Cloud.Aws, "eu-west-1", "postgres", "db.m5.large", multiZone: true, out _);
            Prices.TryGetDatabasePrice(Cloud.Gcp, "us-central1", "postgres", "db-custom-2-7680", multiZone: false, out _);
            Prices.TryFindCheapest(like!, Cloud.Azure, "westeurope", VmOs.Linux, out _);
        }

        Assert.Equal(0, Garbage.Of(() =>
        {
            for (int i = 0; i < 100; i++) Look();
        }));
    }

    [Fact]
    public void A_damaged_book_is_refused_with_its_code()
    {
        using Stream stream = typeof(PriceCatalogue).Assembly.GetManifestResourceStream("prices.bin")!;
        var book = new byte[stream.Length];
        stream.ReadExactly(book);
        Assert.Equal(Prices.BookBytes, PriceCatalogue.Open(book).BookBytes);
        foreach (int length in new[] { 0, 7, 8, 100, 10_000, book.Length / 2, book.Length - 1 })
        {
            var failure = Assert.Throws<CloudsException>(() => PriceCatalogue.Open(book.AsMemory(0, length)));
            Assert.Equal(CloudsErrors.PriceBookUnreadable, failure.Code);
        }
        Check.That(seed: 20, runs: 50, random =>
        {
            byte[] bent = [.. book];
            bent[random.Next(bent.Length)] ^= (byte)random.Next(1, 256);
            Assert.Throws<CloudsException>(() => PriceCatalogue.Open(bent));
        });
        Assert.Throws<CloudsException>(() => PriceCatalogue.Open(Encoding.UTF8.GetBytes("{\"prices\": [1, 2, 3]}")));
    }

    [Fact]
    public void A_description_names_the_nearest_equivalents_with_their_price()
    {
        VmDescription description = Prices.Describe("m5.large", "us-east-1")!;
        Assert.Equal(("us-east-1", 2), (description.Offer.Region.Id, description.Offer.Prices.Length));
        Assert.Equal(["eastus", "us-east4"], description.Equivalents.Select(e => e.Region.Id));
        Assert.Equal([Cloud.Azure, Cloud.Gcp], description.Equivalents.Select(e => e.Vm.Cloud));
        Assert.All(description.Equivalents, offer =>
        {
            Assert.Equal("US", offer.Region.Country);
            Assert.True(offer.Vm.VCpus >= 2 && offer.Vm.MemoryGiB >= 8 && offer.Prices[0].Price is { Usd: > 0.05 and < 0.15 });
        });
        Assert.Equal(description.Offer.Region, Prices.Describe("M5.LARGE")!.Offer.Region);
        Assert.Empty(Prices.Describe("db.m5.large", "us-east-1a")!.Equivalents);
        Assert.Null(Prices.Describe("m5.large", "westeurope"));
        Assert.Null(Prices.Describe("no-such-size"));
    }

    private static void Amounts(Cloud cloud, Func<Price, bool> law, out int holds, bool all = false)
    {
        holds = 0;
        foreach (string region in Prices.RegionsOf(cloud))
        {
            foreach (VmOs os in Enum.GetValues<VmOs>())
                foreach (PricedVm vm in Prices.VmsByPrice(cloud, region, os))
                {
                    if (law(vm.Price)) holds++;
                    else Assert.False(all, $"{cloud} {region} {vm.Vm.Name}: {vm.Price}");
                }
            foreach (string key in Prices.ServiceKeys)
            {
                if (!Prices.TryGetServicePrice(cloud, region, key, out Price price)) continue;
                if (law(price)) holds++;
                else Assert.False(all, $"{cloud} {region} {key}: {price}");
            }
        }
    }
}
