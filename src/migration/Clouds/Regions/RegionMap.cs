using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Sirsi.Clouds.Prices;
using Sirsi.Clouds.Tables;

namespace Sirsi.Clouds.Regions;

/// <summary>The regions of the three clouds, and which one of another cloud is nearest. Immutable, safe to read from any thread.</summary>
public static class RegionMap
{
    private const int RanksOfLaw = 5;
    private const double StepKm = 200;

    private static readonly Lazy<Table> Regions = new(Table.Read);

    /// <summary>Every region of a cloud in ordinal order of its id; empty for <see cref="Cloud.Other"/>.</summary>
    public static ImmutableArray<Region> All(Cloud cloud) => Regions.Value.ByCloud.GetValueOrDefault(cloud, []);

    /// <summary>
    /// Finds a region by its id (<c>eastus</c>), its name or another spelling in use (<c>East US</c>, <c>us east</c>), or one of its zones
    /// (<c>us-east-1a</c>, <c>us-central1-a</c>); case is ignored.
    /// </summary>
    public static bool TryGet(Cloud cloud, string? place, [NotNullWhen(true)] out Region? region)
    {
        region = null;
        if (string.IsNullOrWhiteSpace(place)) return false;
        Dictionary<(Cloud, string), Region> spellings = Regions.Value.BySpelling;
        string spelling = Squeezed(place);
        if (spellings.TryGetValue((cloud, spelling), out region)) return true;
        // A zone is its region and one letter; AWS local and wavelength zones ("us-west-2-lax-1a") are places of their own.
        bool zone = spelling.Length > 2 && char.IsAsciiLetter(spelling[^1]) && cloud switch
        {
            Cloud.Aws => char.IsAsciiDigit(spelling[^2]),
            Cloud.Gcp => place.Trim()[^2] == '-',
            _ => false,
        };
        return zone && spellings.TryGetValue((cloud, spelling[..^1]), out region);
    }

    /// <summary>
    /// The region of <paramref name="to"/> to move to from <paramref name="place"/> of <paramref name="from"/>: of the same country
    /// if there is one, else of the same jurisdiction, else anywhere but under a government's own rules; open to everybody before
    /// those on request; the nearest of those, and of regions within the same 200 km the one that offers more sizes of virtual
    /// machines. Only regions with virtual machine prices count. Null when the place is not known or the other cloud has no region.
    /// </summary>
    public static Region? Nearest(Cloud from, string place, Cloud to) => Nearest(from, place, to, PriceCatalogue.Embedded);

    /// <inheritdoc cref="Nearest(Cloud, string, Cloud)"/>
    public static Region? Nearest(Cloud from, string place, Cloud to, PriceCatalogue prices)
    {
        ArgumentNullException.ThrowIfNull(prices);
        if (!TryGet(from, place, out Region? here)) return null;
        Region? best = null;
        var bestScore = (Rank: int.MaxValue, Steps: 0, FewerSizes: 0, Distance: 0.0);
        foreach (Region candidate in All(to))
        {
            if (!prices.HasVmPrices(to, candidate.Id)) continue;
            double distance = here.DistanceKm(candidate);
            int rank = Rank(here, candidate) + (candidate.OnRequest ? RanksOfLaw : 0);
            var score = (rank, (int)(distance / StepKm), -prices.OfferedSizes(to, candidate.Id), distance);
            if (score.CompareTo(bestScore) >= 0) continue;
            best = candidate;
            bestScore = score;
        }
        return best;
    }

    private static int Rank(Region here, Region there)
    {
        bool sameLaw = here.Jurisdiction == there.Jurisdiction;
        if (here.Country == there.Country) return sameLaw ? 0 : 2;
        return sameLaw ? 1 : there.Jurisdiction is "US-GOV" or "CN" ? 4 : 3;
    }

    // Ids, names and spellings differ in blanks, dashes and case only by habit.
    private static string Squeezed(string place) => string.Concat(place.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    private sealed record Table(Dictionary<Cloud, ImmutableArray<Region>> ByCloud, Dictionary<(Cloud, string), Region> BySpelling)
    {
        private const int OtherSpellings = 8;

        internal static Table Read()
        {
            var regions = new List<Region>();
            var spellings = new Dictionary<(Cloud, string), Region>();
            foreach (TableRow row in TableText.BuiltIn("regions.tsv"))
            {
                Region region = Parse(row);
                regions.Add(region);
                spellings[(region.Cloud, Squeezed(region.Id))] = region;
                spellings.TryAdd((region.Cloud, Squeezed(region.Name)), region);
                foreach (string spelling in row[OtherSpellings].ToString().Split(';', StringSplitOptions.RemoveEmptyEntries))
                    spellings.TryAdd((region.Cloud, Squeezed(spelling)), region);
            }
            regions.Sort((one, other) => string.CompareOrdinal(one.Id, other.Id));
            var byCloud = regions.GroupBy(region => region.Cloud).ToDictionary(cloud => cloud.Key, cloud => cloud.ToImmutableArray());
            return new Table(byCloud, spellings);
        }

        private static Region Parse(TableRow row) =>
            CloudNames.TryParse(row[0].ToString(), out Cloud cloud)
            && double.TryParse(row[5], CultureInfo.InvariantCulture, out double latitude)
            && double.TryParse(row[6], CultureInfo.InvariantCulture, out double longitude)
                ? new Region(cloud, row[1].ToString(), row[2].ToString(), row[3].ToString(), row[4].ToString(), latitude, longitude,
                    row[7] is "request")
                : throw row.Broken("this is no region: cloud, id, name, country, jurisdiction, latitude, longitude, access.");
    }
}
