using System.Globalization;
using System.Text.Json;
using Sirsi.Clouds;
using Sirsi.Clouds.Prices;

namespace Sirsi.PriceBook;

/// <summary>Prices of services that are no virtual machines, of AWS and, where only unit prices are known, of all three clouds.</summary>
internal sealed class ServicePrices(SourceFolder folder, CloudBook aws, CloudBook azure, CloudBook gcp)
{
    private const string Ireland = "eu-west-1";

    private static readonly Dictionary<string, string> Engines = new(StringComparer.Ordinal)
    {
        ["MySQL"] = "mysql",
        ["PostgreSQL"] = "postgres",
        ["MariaDB"] = "mariadb",
        ["Aurora MySQL"] = "aurora-mysql",
        ["Aurora PostgreSQL"] = "aurora-postgres",
    };

    /// <summary>Newest first: what is there already is kept.</summary>
    internal void Read()
    {
        ReadIreland();
        ReadRds2019();
        ReadUnitPrices();
        AddDiskTiers();
    }

    private void ReadIreland()
    {
        var wanted = SourceFolder.OwnTable("aws-eu-west-1-services.tsv").ToLookup(row => (row[1], row[2], row[3]), row => (Key: row[0], Divisor: row[4]));
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (Row row in folder.Rows("aws_eu-west-1_services_2023-02.csv.gz"))
        {
            if (row["term"] != "OnDemand") continue;
            using var attributes = JsonDocument.Parse(row["attributes_json"]);
            string usage = Attribute(attributes, "UsageType");
            if (row["family"] is "Database Instance") AddDatabase(attributes, row.Number("usd"));
            else if (row["family"] is "Cache Instance") AddCache(attributes, row.Number("usd"));
            foreach (string service in new[] { row["service"], row["service"] + "/" + row["family"] })
                foreach ((string key, string divisor) in wanted[(service, usage, row["starting_range"])])
                {
                    found.Add(key);
                    aws.AddService(Ireland, key, row.Number("usd") / Number(divisor), PriceQuality.OlderSource, BookSources.AwsIreland2023);
                }
        }
        Demand(wanted.SelectMany(w => w).Select(w => w.Key), found, "aws-eu-west-1-services.tsv");
    }

    private void AddDatabase(JsonDocument attributes, double usd)
    {
        string engine = Attribute(attributes, "DatabaseEngine");
        string edition = Attribute(attributes, "DatabaseEdition");
        string licence = Attribute(attributes, "LicenseModel");
        string? zones = Attribute(attributes, "DeploymentOption") switch { "Single-AZ" => "single", "Multi-AZ" => "multi", _ => null };
        string? word = (engine, edition, licence) switch
        {
            ("SQL Server", "Express", "License included") => "sqlserver-ex",
            ("SQL Server", "Web", "License included") => "sqlserver-web",
            ("SQL Server", "Standard", "License included") => "sqlserver-se",
            ("SQL Server", "Enterprise", "License included") => "sqlserver-ee",
            ("Oracle", "Standard Two", "License included") => "oracle-se2",
            ("Oracle", "Standard Two", "Bring your own license") => "oracle-se2-byol",
            ("Oracle", "Enterprise", "Bring your own license") => "oracle-ee-byol",
            _ => Engines.GetValueOrDefault(engine),
        };
        if (word is null || zones is null) return; // Outposts, custom engines and clusters with readable standbys
        string size = Attribute(attributes, "InstanceType");
        aws.AddService(Ireland, $"database/{word}/{size}/{zones}/hour", usd, PriceQuality.OlderSource, BookSources.AwsIreland2023);
        AddNode(size);
    }

    private void AddCache(JsonDocument attributes, double usd)
    {
        string size = Attribute(attributes, "InstanceType");
        aws.AddService(Ireland, $"cache/{Attribute(attributes, "CacheEngine").ToLowerInvariant()}/{size}/hour", usd, PriceQuality.OlderSource, BookSources.AwsIreland2023);
        AddNode(size);
    }

    // Only the engines without editions: of the others the file does not say which edition and licence a price is for.
    private void ReadRds2019()
    {
        using Stream stream = folder.Open("aws_rds_all_regions_2019-07.json.gz");
        using var json = JsonDocument.Parse(stream);
        foreach (JsonElement instance in json.RootElement.EnumerateArray())
        {
            string size = instance.GetProperty("instance_type").GetString()!;
            AddNode(size, instance);
            foreach (JsonProperty region in instance.GetProperty("pricing").EnumerateObject())
                foreach (JsonProperty engine in region.Value.EnumerateObject())
                {
                    if (!Engines.TryGetValue(engine.Name, out string? word) || !engine.Value.TryGetProperty("ondemand", out JsonElement price)) continue;
                    aws.AddService(region.Name, $"database/{word}/{size}/single/hour", price.GetDouble(), PriceQuality.OlderSource, BookSources.Rds2019);
                    if (!word.StartsWith("aurora", StringComparison.Ordinal)) // Aurora pays a standby as an instance of its own
                        aws.AddService(region.Name, $"database/{word}/{size}/multi/hour", 2 * price.GetDouble(), PriceQuality.Derived, BookSources.Rds2019Multi);
                }
        }
    }

    /// <summary>A database or cache node has the processors of the EC2 size it is named after.</summary>
    private void AddNode(string size, JsonElement? described = null)
    {
        if (aws.Specs.ContainsKey(size) || size.Count(c => c == '.') != 2) return;
        string underlying = size[(size.IndexOf('.', StringComparison.Ordinal) + 1)..];
        if (size.StartsWith("db.", StringComparison.Ordinal) && aws.Specs.TryGetValue(underlying, out Spec? spec))
            aws.Specs[size] = spec with { Family = "db." + spec.Family, Flags = spec.Flags & ~SizeFlags.LocalDisk, LocalDiskGiB = 0 };
        else if (described is { } facts && double.TryParse(facts.GetProperty("memory").GetString(), CultureInfo.InvariantCulture, out double memory))
            aws.Specs[size] = new Spec("db." + AwsVms.SeriesOf(underlying), (int)Number(facts.GetProperty("vcpu").GetString()!), memory) { Flags = SizeFlags.PreviousGeneration };
    }

    private void ReadUnitPrices()
    {
        Dictionary<(string, string, string, string, string), string> kinds = [];
        foreach (Row row in folder.Rows("unit_prices_by_resource.csv"))
            kinds[(row["cloud"], row["terraform_type"], row["component"], row["unit"], row["usd_per_unit"])] = row["kind"];
        foreach (string[] row in SourceFolder.OwnTable("unit-prices.tsv"))
        {
            if (!kinds.TryGetValue((row[1], row[2], row[3], row[4], row[5]), out string? kind))
                throw new CloudsException(CloudsErrors.PriceSourceUnreadable, $"unit_prices_by_resource.csv has no row for {row[0]} of {row[1]}: {row[3]}, {row[4]}, {row[5]}.");
            CloudBook book = row[1] switch { "aws" => aws, "azure" => azure, _ => gcp };
            bool listed = kind == "listed";
            double usd = Number(row[5]);
            if (!listed && row[4] == "hours") usd = WithoutCentRounding(usd);
            book.AddService(row.Length > 7 && row[7].Length > 0 ? row[7] : book.References[0], row[0], usd / Number(row[6]),
                listed ? PriceQuality.OlderSource : PriceQuality.Derived, listed ? BookSources.UnitsListed : BookSources.UnitsRounded);
        }
    }

    /// <summary>
    /// An hourly rate that was divided out of a month's cost in whole cents is off by up to half a cent in 730 hours; the true rate is
    /// the number with the fewest decimals in that range.
    /// </summary>
    internal static double WithoutCentRounding(double usdPerHour)
    {
        for (int decimals = 2; decimals < 7; decimals++)
            if (Math.Round(usdPerHour, decimals) is var rounded && Math.Abs(rounded - usdPerHour) <= 0.00501 / Price.HoursPerMonth)
                return rounded;
        return usdPerHour;
    }

    // Managed disks are sold in sizes. Where a size has no price, the nearest one of its kind tells what a GiB costs.
    private void AddDiskTiers()
    {
        (int Number, int Gib)[] tiers = [(1, 4), (2, 8), (3, 16), (4, 32), (6, 64), (10, 128), (15, 256), (20, 512), (30, 1024), (40, 2048), (50, 4096), (60, 8192), (70, 16384), (80, 32767)];
        string region = azure.References[0];
        foreach (char kind in "PES")
        {
            (int Gib, double Usd)[] known = [.. tiers.Where(tier => azure.Services.ContainsKey((region, $"disk/{kind}{tier.Number}/month")))
                .Select(tier => (tier.Gib, azure.Services[(region, $"disk/{kind}{tier.Number}/month")].Usd))];
            foreach ((int number, int gib) in tiers.Where(tier => kind != 'S' || tier.Number >= 4))
            {
                (int nearest, double usd) = known.MinBy(tier => Math.Abs(Math.Log2((double)tier.Gib / gib)));
                azure.AddService(region, $"disk/{kind}{number}/month", Math.Round(usd / nearest * gib, 2), PriceQuality.Derived, BookSources.DiskTier);
            }
        }
    }

    private static void Demand(IEnumerable<string> wanted, HashSet<string> found, string table)
    {
        if (wanted.FirstOrDefault(key => !found.Contains(key)) is { } missing)
            throw new CloudsException(CloudsErrors.PriceSourceUnreadable, $"{table}: no row of the source gives {missing}.");
    }

    private static string Attribute(JsonDocument attributes, string name) => attributes.RootElement.TryGetProperty(name, out JsonElement value) ? value.GetString()! : "";

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
