using System.Globalization;
using System.Text.Json;
using Sirsi.Clouds;
using Sirsi.Clouds.Prices;

namespace Sirsi.PriceBook;

/// <summary>Prices of services that are no virtual machines, of AWS and, where only unit prices are known, of all three clouds.</summary>
internal sealed class ServicePrices(SourceFolder folder, CloudBook aws, CloudBook azure, CloudBook gcp)
{
    private const string Ireland = "eu-west-1";

    private static readonly (int Number, int Gib)[] DiskTiers =
    [
        (1, 4), (2, 8), (3, 16), (4, 32), (6, 64), (10, 128), (15, 256),
        (20, 512), (30, 1024), (40, 2048), (50, 4096), (60, 8192), (70, 16384), (80, 32767),
    ];

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
        var wanted = SourceFolder.OwnTable("aws-eu-west-1-services.tsv")
            .ToLookup(row => (row[1], row[2], row[3]), row => (Key: row[0], Divisor: row[4]));
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
        string engine = Attribute(attributes, "CacheEngine").ToLowerInvariant();
        aws.AddService(Ireland, $"cache/{engine}/{size}/hour", usd, PriceQuality.OlderSource, BookSources.AwsIreland2023);
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
                    if (Engines.TryGetValue(engine.Name, out string? word)
                        && engine.Value.TryGetProperty("ondemand", out JsonElement price))
                        AddRds2019(region.Name, word, size, price.GetDouble());
        }
    }

    private void AddRds2019(string region, string engine, string size, double usd)
    {
        aws.AddService(region, $"database/{engine}/{size}/single/hour", usd, PriceQuality.OlderSource, BookSources.Rds2019);
        if (!engine.StartsWith("aurora", StringComparison.Ordinal)) // Aurora pays a standby as an instance of its own
            aws.AddService(region, $"database/{engine}/{size}/multi/hour", 2 * usd, PriceQuality.Derived, BookSources.Rds2019Multi);
    }

    /// <summary>A database or cache node has the processors of the EC2 size it is named after.</summary>
    private void AddNode(string size, JsonElement? described = null)
    {
        if (aws.Specs.ContainsKey(size) || size.Count(c => c == '.') != 2) return;
        string underlying = size[(size.IndexOf('.', StringComparison.Ordinal) + 1)..];
        if (size.StartsWith("db.", StringComparison.Ordinal) && aws.Specs.TryGetValue(underlying, out Spec? spec))
            aws.Specs[size] = spec with { Family = "db." + spec.Family, Flags = spec.Flags & ~SizeFlags.LocalDisk, LocalDiskGiB = 0 };
        else if (described is { } facts)
            aws.Specs[size] = new Spec("db." + AwsVms.SeriesOf(underlying), (int)Figure(facts, "vcpu"), Figure(facts, "memory"))
            {
                Flags = SizeFlags.PreviousGeneration,
            };
    }

    private void ReadUnitPrices()
    {
        var kinds = new Dictionary<(string, string, string, string, string), string>();
        foreach (Row row in folder.Rows("unit_prices_by_resource.csv"))
            kinds[(row["cloud"], row["terraform_type"], row["component"], row["unit"], row["usd_per_unit"])] = row["kind"];
        foreach (string[] row in SourceFolder.OwnTable("unit-prices.tsv"))
        {
            (string key, string cloud, string unit, string usd) = (row[0], row[1], row[4], row[5]);
            if (!kinds.TryGetValue((cloud, row[2], row[3], unit, usd), out string? kind))
                throw Missing($"unit_prices_by_resource.csv has no row for {key} of {cloud}: {row[3]}, {unit}, {usd}.");
            CloudBook book = cloud switch { "aws" => aws, "azure" => azure, _ => gcp };
            string place = row[7].Length > 0 ? row[7] : book.References[0];
            double amount = (kind == "derived" && unit == "hours" ? WithoutCentRounding(Number(usd)) : Number(usd)) / Number(row[6]);
            if (kind == "listed") book.AddService(place, key, amount, PriceQuality.OlderSource, BookSources.UnitsListed);
            else book.AddService(place, key, amount, PriceQuality.Derived, BookSources.UnitsRounded);
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
        string region = azure.References[0];
        foreach (char kind in "PES")
        {
            var known = new List<(int Gib, double Usd)>();
            foreach ((int number, int gib) in DiskTiers)
                if (azure.Services.TryGetValue((region, $"disk/{kind}{number}/month"), out Amount amount))
                    known.Add((gib, amount.Usd));
            foreach ((int number, int gib) in DiskTiers)
            {
                if (kind == 'S' && number < 4) continue; // Standard HDD starts at S4
                (int nearest, double usd) = known.MinBy(tier => Math.Abs(Math.Log2((double)tier.Gib / gib)));
                double derived = Math.Round(usd / nearest * gib, 2);
                azure.AddService(region, $"disk/{kind}{number}/month", derived, PriceQuality.Derived, BookSources.DiskTier);
            }
        }
    }

    private static void Demand(IEnumerable<string> wanted, HashSet<string> found, string table)
    {
        if (wanted.FirstOrDefault(key => !found.Contains(key)) is { } missing)
            throw Missing($"{table}: no row of the source gives {missing}.");
    }

    private static CloudsException Missing(string message) => new(CloudsErrors.PriceSourceUnreadable, message);

    private static string Attribute(JsonDocument attributes, string name) =>
        attributes.RootElement.TryGetProperty(name, out JsonElement value) ? value.GetString()! : "";

    private static double Figure(JsonElement facts, string name) => Number(facts.GetProperty(name).GetString()!);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
