using System.Globalization;
using System.IO.Compression;
using Sirsi.Clouds.Prices;
using Sirsi.PriceBook;

namespace Sirsi.Clouds.Tests.Prices;

/// <summary>The book against the sources it was made of.</summary>
public sealed class PriceSourceTests
{
    private static readonly PriceCatalogue Prices = PriceCatalogue.Embedded;

    private static string Folder => TestData.Folder("data/migration/prices");

    [Fact]
    public void Building_the_book_again_gives_the_committed_bytes()
    {
        byte[] built = PriceBookBuilder.Build(Folder);
        Assert.Equal(File.ReadAllBytes(Path.Combine(Repository.Root, "src", "migration", "Clouds", "Data", "prices.bin")), built);
        Assert.InRange(built.Length, 500_000, 3_000_000);
    }

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
                // no price, a dedicated host, a promotion or a placeholder
                Assert.True(usd == 0 || row[1].Contains("Type", StringComparison.Ordinal) || row[1].EndsWith("_Promo", StringComparison.Ordinal)
                    || row[1].EndsWith("_SPECIAL", StringComparison.Ordinal) || !(row[1].StartsWith("Standard_", StringComparison.Ordinal) || row[1].StartsWith("Basic_", StringComparison.Ordinal)), row[1]);
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
        TestContext.Current.TestOutputHelper?.WriteLine($"{exact} exact, {windows} with the licence, {leftOut} left out");
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
            if (section != "instance" || indent != 10 || parts[0] != "hour" || machine.StartsWith("custom", StringComparison.Ordinal)) continue;
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
        var virginia = Rows("aws_ec2_ondemand_linux_us-east-1_2026-07.csv").ToDictionary(row => ("linux", row[1], row[0]), row => Number(row[2]));
        Assert.InRange(Agreement("Linux us-east-1, 2026-07 and 2023-08", virginia, raw, "linux"), 0.65, 0.75);
    }

    [Fact]
    public void Azure_retail_prices_of_France_agree_with_the_book()
    {
        using var json = System.Text.Json.JsonDocument.Parse(string.Join('\n', Lines("azure_retail_francecentral.json.gz")));
        int same = 0, other = 0;
        foreach (System.Text.Json.JsonElement item in json.RootElement.GetProperty("items").EnumerateArray())
        {
            string size = item.GetProperty("armSkuName").GetString()!;
            bool plain = item.GetProperty("type").GetString() == "Consumption" && item.GetProperty("meterName").GetString()!.Replace(' ', '_') == size.Replace("Standard_", "", StringComparison.Ordinal);
            if (!plain || item.GetProperty("productName").GetString()!.EndsWith("Windows", StringComparison.Ordinal)
                || !Prices.TryGetVmPrice(Cloud.Azure, "francecentral", size, VmOs.Linux, out Price price)) continue;
            if (Math.Abs(price.Usd - item.GetProperty("retailPrice").GetDouble()) < 1e-5) same++;
            else
            {
                other++;
                TestContext.Current.TestOutputHelper?.WriteLine($"{size} {price.Usd} against {item.GetProperty("retailPrice").GetDouble()}");
            }
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{same} the same, {other} not");
        Assert.True(same > 20 * other);
    }

    private static double Agreement<TKey>(string what, Dictionary<(string Os, string Size, string Region), TKey> one, Dictionary<(string, string, string), double> other, string os)
        where TKey : struct, IConvertible
    {
        double[] differences = [.. one.Where(p => p.Key.Os == os && other.ContainsKey(p.Key)).Select(p => Math.Abs((other[p.Key] / p.Value.ToDouble(CultureInfo.InvariantCulture)) - 1))];
        double share = differences.Count(difference => difference < 1e-4) / (double)differences.Length;
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {share:P1} of {differences.Length}");
        return share;
    }

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
