using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Sirsi.Clouds.Prices;
using Sirsi.PriceBook;

namespace Sirsi.Clouds.Tests.Prices;

/// <summary>The book against the sources it was made of.</summary>
public sealed class PriceSourceTests
{
    private static readonly PriceCatalogue Prices = PriceCatalogue.Embedded;

    // What the names of dedicated hosts, promotions, offers and placeholders contain, and those of sizes do not.
    private static readonly string[] NoSize = ["Type", "_Promo", "_SPECIAL", "PLACEHOLDER", " "];

    private static string Folder => TestData.Folder("data/migration/prices");

    [Fact]
    public void Building_the_book_again_gives_the_committed_bytes()
    {
        byte[] built = PriceBookBuilder.Build(Folder);
        Assert.Equal(File.ReadAllBytes(Path.Combine(Repository.Root, "src", "migration", "Clouds", "Data", "prices.bin")), built);
        Assert.InRange(built.Length, 500_000, 3_000_000);
    }

    [Fact]
    public void A_missing_or_broken_source_is_named()
    {
        using var folder = new TemporaryFolder();
        var missing = Assert.Throws<CloudsException>(() => PriceBookBuilder.Build(folder.Path));
        Assert.Equal(CloudsErrors.PriceSourceUnreadable, missing.Code);
        Assert.Contains("aws_instance_types.csv", missing.Message, StringComparison.Ordinal);

        folder.Write("aws_instance_types.csv", "instance_type,vcpus\nm5.large,two\n");
        var broken = Assert.Throws<CloudsException>(() => PriceBookBuilder.Build(folder.Path));
        Assert.Contains("aws_instance_types.csv:2", broken.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.0225068, 0.0225)]
    [InlineData(0.0103973, 0.0104)]
    [InlineData(0.2, 0.2)]
    [InlineData(0.669753, 0.66975)]
    public void A_rate_divided_out_of_whole_cents_is_the_shortest_number_in_range(double divided, double rate) =>
        Assert.Equal(rate, ServicePrices.WithoutCentRounding(divided), 12);

    [Fact]
    public void Every_row_of_the_newest_AWS_source_is_returned_exactly()
    {
        int rows = 0;
        foreach (string[] row in Rows("aws_ec2_ondemand_linux_us-east-1_2026-07.csv"))
        {
            Assert.True(Prices.TryGetVmPrice(Cloud.Aws, row[0], row[1], VmOs.Linux, out Price price));
            Assert.Equal((Number(row[2]), PriceQuality.Exact), (price.Usd, price.Quality));
            rows++;
        }
        Assert.Equal(1367, rows);
    }

    [Fact]
    public void Every_row_of_the_price_list_of_Ireland_is_returned_exactly()
    {
        foreach (string[] row in Rows("aws_eu-west-1_ec2_2023-02.csv.gz"))
        {
            if (row[4] != "OnDemand" || row[3] != "No License required" || row[2] is not ("Linux" or "Windows")) continue;
            Assert.True(Prices.TryGetVmPrice(Cloud.Aws, row[0], row[1], row[2] == "Linux" ? VmOs.Linux : VmOs.Windows, out Price price));
            Assert.Equal((Number(row[8]), PriceQuality.OlderSource), (price.Usd, price.Quality));
        }
    }

    [Fact]
    public void Every_row_of_the_newest_Azure_source_is_returned_exactly_or_carries_the_Windows_licence()
    {
        int exact = 0, windows = 0, leftOut = 0;
        foreach (string[] row in Rows("azure_vm_ondemand_2026-06.csv.gz"))
        {
            double usd = Number(row[2]);
            if (!Prices.TryGetVmPrice(Cloud.Azure, row[0], row[1], VmOs.Linux, out Price price))
            {
                bool isSize = row[1].Contains('_', StringComparison.Ordinal)
                    && !NoSize.Any(mark => row[1].Contains(mark, StringComparison.Ordinal));
                Assert.True(usd == 0 || !isSize, row[1]);
                leftOut++;
            }
            else if (price.Quality is PriceQuality.Exact)
            {
                Assert.Equal(usd, price.Usd);
                exact++;
            }
            else
            {
                Assert.True(Prices.TryGetVmPrice(Cloud.Azure, row[0], row[1], VmOs.Windows, out Price licensed));
                Assert.Equal(usd, licensed.Usd);
                Assert.True(usd > price.Usd);
                windows++;
            }
        }
        Report($"{exact} exact, {windows} with the licence, {leftOut} left out");
        Assert.InRange(windows, 300, 1500);
        Assert.InRange(leftOut, 1000, 6000);
        Assert.True(exact > 60_000);
    }

    [Fact]
    public void Every_hour_of_the_Google_source_is_returned_exactly()
    {
        int hours = 0;
        string section = "", machine = "", region = "";
        foreach (string line in Lines("gcp_pricing_2026-07-16.yml.gz"))
        {
            int indent = line.Length - line.TrimStart().Length;
            string[] parts = line.Trim().Split(": ");
            if (indent == 2) section = parts[0].TrimEnd(':');
            if (indent == 4) machine = parts[0].TrimEnd(':');
            if (indent == 8) region = parts[0].TrimEnd(':');
            bool isHour = section == "instance" && indent == 10 && parts[0] == "hour";
            if (!isHour || machine.StartsWith("custom", StringComparison.Ordinal)) continue;
            Assert.True(Prices.TryGetVmPrice(Cloud.Gcp, region, machine, VmOs.Linux, out Price price), $"{machine} {region}");
            Assert.Equal(Number(parts[1]), price.Usd, 1e-12 * price.Usd);
            hours++;
        }
        Assert.True(hours > 17_000);
    }

    /// <summary>How far two sources of the same prices agree: the reason for the rules that put rows right.</summary>
    [Fact]
    public void Sources_that_overlap_agree_as_far_as_documented()
    {
        var raw = Rows("aws_ec2_ondemand_regions_2023-08.csv.gz").ToDictionary(row => (row[0], row[1], row[2]), row => Number(row[3]));
        var ireland = Rows("aws_eu-west-1_ec2_2023-02.csv.gz").Where(row => row[4] == "OnDemand" && row[3] == "No License required")
            .ToDictionary(row => (row[2].ToLowerInvariant(), row[1], row[0]), row => Number(row[8]));
        Assert.InRange(Agreement("Linux eu-west-1, 2023-02 and 2023-08", ireland, raw, "linux"), 0.65, 0.75);
        Assert.InRange(Agreement("Windows eu-west-1, 2023-02 and 2023-08", ireland, raw, "windows"), 0.05, 0.20);
        var virginia = Rows("aws_ec2_ondemand_linux_us-east-1_2026-07.csv")
            .ToDictionary(row => ("linux", row[1], row[0]), row => Number(row[2]));
        Assert.InRange(Agreement("Linux us-east-1, 2026-07 and 2023-08", virginia, raw, "linux"), 0.65, 0.75);
    }

    [Fact]
    public void Azure_retail_prices_of_France_agree_with_the_book()
    {
        using var json = JsonDocument.Parse(string.Join('\n', Lines("azure_retail_francecentral.json.gz")));
        int same = 0, other = 0;
        foreach (JsonElement item in json.RootElement.GetProperty("items").EnumerateArray())
        {
            string size = item.GetProperty("armSkuName").GetString()!;
            string meter = "Standard_" + item.GetProperty("meterName").GetString()!.Replace(' ', '_');
            bool linux = !item.GetProperty("productName").GetString()!.EndsWith("Windows", StringComparison.Ordinal);
            if (item.GetProperty("type").GetString() != "Consumption" || meter != size || !linux
                || !Prices.TryGetVmPrice(Cloud.Azure, "francecentral", size, VmOs.Linux, out Price price)) continue;
            double retail = item.GetProperty("retailPrice").GetDouble();
            if (Math.Abs(price.Usd - retail) < 1e-5)
            {
                same++;
                continue;
            }
            other++;
            Report($"{size} {price.Usd} against {retail}");
        }
        Report($"{same} the same, {other} not");
        Assert.True(same > 20 * other);
    }

    private static double Agreement(
        string what, Dictionary<(string Os, string, string), double> one, Dictionary<(string, string, string), double> other, string os)
    {
        double[] ratios = [.. one.Where(price => price.Key.Os == os && other.ContainsKey(price.Key))
            .Select(price => other[price.Key] / price.Value)];
        double share = ratios.Count(ratio => Math.Abs(ratio - 1) < 1e-4) / (double)ratios.Length;
        Report($"{what}: {share:P1} of {ratios.Length}");
        return share;
    }

    private static void Report(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);

    private static IEnumerable<string> Lines(string name)
    {
        using Stream file = File.OpenRead(TestData.File("data/migration/prices/" + name));
        using Stream plain = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(plain);
        while (reader.ReadLine() is { } line) yield return line;
    }

    private static IEnumerable<string[]> Rows(string name) => Lines(name).Skip(1).Select(line => line.Split(','));

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
