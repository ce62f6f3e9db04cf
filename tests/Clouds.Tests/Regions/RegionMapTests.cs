using Sirsi.Clouds.Prices;
using Sirsi.Clouds.Regions;

namespace Sirsi.Clouds.Tests.Regions;

public sealed class RegionMapTests
{
    [Theory]
    [InlineData(Cloud.Aws, "us-east-1", "us-east-1")]
    [InlineData(Cloud.Aws, "us-east-1a", "us-east-1")]
    [InlineData(Cloud.Aws, "us-west-2-lax-1", "us-west-2-lax-1")]
    [InlineData(Cloud.Aws, "us-west-2-lax-1a", "us-west-2-lax-1")]
    [InlineData(Cloud.Aws, "us-gov-west-1b", "us-gov-west-1")]
    [InlineData(Cloud.Gcp, "us-central1-a", "us-central1")]
    [InlineData(Cloud.Gcp, "europe-west12-c", "europe-west12")]
    [InlineData(Cloud.Gcp, "EU", "eu")]
    [InlineData(Cloud.Azure, "East US", "eastus")]
    [InlineData(Cloud.Azure, "EAST US 2", "eastus2")]
    [InlineData(Cloud.Azure, "ae north", "uaenorth")]
    public void A_place_is_found_by_id_zone_name_and_spelling(Cloud cloud, string place, string id)
    {
        Assert.True(RegionMap.TryGet(cloud, place, out Region? region));
        Assert.Equal(id, region.Id);
    }

    [Theory]
    [InlineData(Cloud.Aws, "eastus")]
    [InlineData(Cloud.Aws, "us-east-1aa")]
    [InlineData(Cloud.Gcp, "us-central1a")]
    [InlineData(Cloud.Azure, "eastus-a")]
    [InlineData(Cloud.Azure, "")]
    [InlineData(Cloud.Azure, null)]
    [InlineData(Cloud.Other, "us-east-1")]
    public void An_unknown_place_is_not_found(Cloud cloud, string? place) => Assert.False(RegionMap.TryGet(cloud, place, out _));

    [Fact]
    public void Every_region_of_the_price_book_is_in_the_table()
    {
        foreach (Cloud cloud in new[] { Cloud.Aws, Cloud.Azure, Cloud.Gcp })
            Assert.All(PriceCatalogue.Embedded.RegionsOf(cloud), id =>
                Assert.Equal(id, RegionMap.TryGet(cloud, id, out Region? region) ? region.Id : null));
    }

    [Theory]
    [InlineData(Cloud.Aws, "us-east-1", Cloud.Gcp, "us-east4")] // both in northern Virginia
    [InlineData(Cloud.Aws, "eu-west-1", Cloud.Azure, "northeurope")] // both in Ireland
    [InlineData(Cloud.Aws, "eu-west-1", Cloud.Gcp, "europe-west1")] // London is nearer, but not in the Union
    [InlineData(Cloud.Aws, "eu-west-2", Cloud.Gcp, "europe-west2")]
    [InlineData(Cloud.Azure, "ukwest", Cloud.Aws, "eu-west-2")]
    [InlineData(Cloud.Azure, "westeurope", Cloud.Gcp, "europe-west4")]
    [InlineData(Cloud.Azure, "germanynorth", Cloud.Aws, "eu-central-1")]
    [InlineData(Cloud.Gcp, "us-central1-a", Cloud.Azure, "centralus")]
    [InlineData(Cloud.Gcp, "asia-northeast2", Cloud.Aws, "ap-northeast-3")]
    [InlineData(Cloud.Gcp, "eu", Cloud.Aws, "eu-central-1")]
    [InlineData(Cloud.Aws, "us-gov-west-1", Cloud.Azure, "usgovarizona")]
    [InlineData(Cloud.Aws, "us-west-2", Cloud.Azure, "westus2")]
    [InlineData(Cloud.Aws, "us-east-1", Cloud.Azure, "eastus")]
    [InlineData(Cloud.Aws, "af-south-1", Cloud.Azure, "southafricanorth")] // the one in Cape Town is open on request only
    [InlineData(Cloud.Aws, "ap-south-1", Cloud.Azure, "centralindia")] // 120 km from the one in Mumbai, which offers less
    [InlineData(Cloud.Gcp, "europe-west10", Cloud.Azure, "germanywestcentral")]
    public void The_nearest_region_keeps_country_and_law_before_distance(Cloud from, string place, Cloud to, string id) =>
        Assert.Equal(id, RegionMap.Nearest(from, place, to)?.Id);

    [Fact]
    public void Every_region_has_a_neighbour_on_each_cloud_that_has_prices_and_never_a_foreign_governments()
    {
        Cloud[] clouds = [Cloud.Aws, Cloud.Azure, Cloud.Gcp];
        foreach (Cloud from in clouds)
            foreach (Region region in RegionMap.All(from))
                foreach (Cloud to in clouds)
                {
                    Region? nearest = RegionMap.Nearest(from, region.Id, to);
                    Assert.NotNull(nearest);
                    Assert.True(PriceCatalogue.Embedded.HasVmPrices(to, nearest.Id));
                    Assert.True(nearest.Jurisdiction != "US-GOV" || region.Jurisdiction == "US-GOV");
                }
        Assert.Null(RegionMap.Nearest(Cloud.Aws, "nowhere", Cloud.Gcp));
    }

    [Fact]
    public void Distance_is_symmetric_and_about_right()
    {
        Assert.True(RegionMap.TryGet(Cloud.Aws, "eu-west-1", out Region? dublin));
        Assert.True(RegionMap.TryGet(Cloud.Aws, "ap-southeast-2", out Region? sydney));
        Assert.Equal(dublin.DistanceKm(sydney), sydney.DistanceKm(dublin), 6);
        Assert.InRange(dublin.DistanceKm(sydney), 17_000, 17_500);
        Assert.Equal(0, dublin.DistanceKm(dublin), 9);
    }
}
