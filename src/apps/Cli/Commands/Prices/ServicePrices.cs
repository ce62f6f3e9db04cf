using Sirsi.Cli.Output;
using Sirsi.Clouds;
using Sirsi.Clouds.Prices;
using Sirsi.Clouds.Regions;

namespace Sirsi.Cli.Commands.Prices;

/// <summary>What one unit of a service costs on each cloud.</summary>
internal static class ServicePrices
{
    public static void Show(Terminal terminal, string key, string? place, bool json)
    {
        PriceCatalogue catalogue = PriceCatalogue.Embedded;
        (Cloud Cloud, string Region, Price Price)[] found = [.. PricesCommand.Clouds
            .Select(cloud => (Cloud: cloud, Region: RegionOf(catalogue, cloud, place)))
            .Select(at => (at.Cloud, at.Region, Price: catalogue.TryGetServicePrice(at.Cloud, at.Region, key, out Price price) ? (Price?)price : null))
            .Where(static at => at.Price is not null).Select(static at => (at.Cloud, at.Region, at.Price!.Value))];
        if (found.Length == 0)
        {
            string[] near = [.. catalogue.ServiceKeys.Where(known => known.StartsWith(key.Split('/')[0] + "/", StringComparison.Ordinal)).Take(8)];
            throw new CliException(CliErrors.NotFound, $"No service key '{key}'." + (near.Length == 0 ? "" : $" Near it: {string.Join(", ", near)}."));
        }

        if (json)
        {
            terminal.WriteJson("sirsi.price/1", writer =>
            {
                writer.WriteString("key", key);
                writer.WriteStartArray("prices");
                foreach ((Cloud cloud, string region, Price price) in found)
                {
                    writer.WriteStartObject();
                    writer.WriteString("cloud", cloud.Word());
                    writer.WriteString("askedRegion", region);
                    PriceJson.Write(writer, price);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            });
            return;
        }

        var table = new Listing("Cloud", "Region", ">Price", "Per", "From");
        foreach ((Cloud cloud, string region, Price price) in found)
            table.Row(cloud.Title(), region, Amounts.UnitDollars(price.Usd), Unit(price.Unit), price.Basis());
        table.WriteTo(terminal.Results);
    }

    private static string RegionOf(PriceCatalogue catalogue, Cloud cloud, string? place)
    {
        string reference = cloud switch { Cloud.Aws => "us-east-1", Cloud.Azure => "eastus", _ => "us-central1" };
        if (place is null) return reference;
        if (RegionMap.TryGet(cloud, place, out Region? region)) return region.Id;
        foreach (Cloud other in PricesCommand.Clouds)
            if (RegionMap.TryGet(other, place, out Region? elsewhere))
                return RegionMap.Nearest(other, elsewhere.Id, cloud, catalogue)?.Id ?? reference;
        throw new CliException(CliErrors.NotFound, $"No cloud has a region '{place}'.");
    }

    private static string Unit(PriceUnit unit) => unit switch
    {
        PriceUnit.Hour => "hour",
        PriceUnit.Month => "month",
        PriceUnit.Gib => "GiB",
        PriceUnit.GibMonth => "GiB and month",
        PriceUnit.GibHour => "GiB and hour",
        PriceUnit.GibSecond => "GiB and second",
        PriceUnit.GhzSecond => "GHz and second",
        PriceUnit.VcpuHour => "vCPU and hour",
        PriceUnit.Request => "request",
        PriceUnit.IopsMonth => "IOPS and month",
        PriceUnit.MibpsMonth => "MiB/s and month",
        PriceUnit.UnitHour => "unit and hour",
        _ => "unit and month",
    };
}
