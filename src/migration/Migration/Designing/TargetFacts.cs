using System.Collections.Frozen;
using System.Collections.Immutable;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Expressions;

namespace Sirsi.Migration.Designing;

/// <summary>
/// Translates facts that clouds name otherwise (disks, zones, images) and makes weak settings strong. The tables are <c>Data/disks.tsv</c>,
/// <c>Data/images.tsv</c> and <c>Data/hardening.tsv</c>.
/// </summary>
internal static class TargetFacts
{
    private const string DefaultImage = "ubuntu-22.04";

    private static readonly FrozenDictionary<(Cloud From, string Type), (string Aws, string Azure, string Gcp)> Disks =
        DataTable.Read("disks.tsv", 5).ToFrozenDictionary(
            static row => (CloudNames.TryParse(row[0], out Cloud cloud) ? cloud : throw new FormatException(row[0]), row[1]),
            static row => (row[2], row[3], row[4]));

    private static readonly ImmutableArray<(string Image, string Os, string[] Words)> Images =
        [.. DataTable.Read("images.tsv", 3).Select(static row => (row[0], row[1], row[2].Split(' ')))];

    private static readonly FrozenDictionary<string, ImmutableArray<Hardening>> Hardenings =
        DataTable.Read("hardening.tsv", 5)
            .SelectMany(static row => row[0].Split(' '), static (row, kind) => (Kind: kind, Rule: new Hardening(row)))
            .GroupBy(static entry => entry.Kind, StringComparer.Ordinal)
            .ToFrozenDictionary(static group => group.Key, static group => group.Select(static entry => entry.Rule).ToImmutableArray(),
                StringComparer.Ordinal);

    /// <summary>The target's word for a type of disk, or the usual solid-state one for a type that is not known.</summary>
    public static string DiskType(Cloud from, string? type, Cloud target, bool root = false)
    {
        (string aws, string azure, string gcp) = type is not null && Disks.TryGetValue((from, type), out var known) ? known
            : ("gp3", "Premium_LRS", "pd-balanced");
        string word = target switch
        {
            Cloud.Azure => azure,
            Cloud.Gcp => gcp,
            _ => aws,
        };
        // Amazon's machines do not start from throughput or cold disks.
        return root && word is "st1" or "sc1" ? "gp3" : word;
    }

    /// <summary>
    /// The target's word for a zone: the first stays the first. Names of zones are not the same places; Google begins with <c>b</c> in two
    /// regions. Null for what is no zone of the source.
    /// </summary>
    public static string? Zone(string zone, Cloud target, string region)
    {
        if (zone.Length == 0) return null;
        char last = char.ToLowerInvariant(zone[^1]);
        int number = (zone.Length, last) switch
        {
            (1, >= '1' and <= '9') => last - '1',
            ( > 1, >= 'a' and <= 'z') => last - 'a',
            _ => -1,
        };
        if (number < 0) return null;
        int place = number % 3;
        return target switch
        {
            Cloud.Azure => ((char)('1' + place)).ToString(),
            Cloud.Gcp => $"{region}-{(char)((region is "us-east1" or "europe-west1" ? 'b' : 'a') + place)}",
            _ => $"{region}{(char)('a' + place)}",
        };
    }

    /// <summary>The image in words every cloud's code can be written from, and what a person must decide about it, if anything.</summary>
    public static (string Image, string? Decision) Image(string? image, string? os)
    {
        string text = image?.ToLowerInvariant() ?? "";
        foreach ((string known, string system, string[] words) in Images)
        {
            if (os is not null && os != system) continue;
            foreach (string word in words)
                if (text.Contains(word, StringComparison.Ordinal))
                    return (known, null);
        }

        string what = text.Length == 0 ? "the machine starts from" : $"'{image}' holds";
        string usual = os == "windows" ? "windows-2022" : DefaultImage;
        return text.Contains("amzn", StringComparison.Ordinal) || text.Contains("amazon", StringComparison.Ordinal)
            || text.StartsWith("al20", StringComparison.Ordinal)
            ? ("rocky-9", "Amazon Linux runs on AWS only; confirm Rocky Linux 9, or choose another system of the same family.")
            : (usual, $"Confirm the image: what {what} is not known, and {usual} stands in.");
    }

    /// <summary>Makes weak settings of a kind strong and says so where the source is known to be weak.</summary>
    public static void Harden(ResourceKind kind, AttributeMap source, AttributeMap.Builder target,
        ImmutableArray<string>.Builder differences)
    {
        if (!Hardenings.TryGetValue(kind.Name ?? "", out ImmutableArray<Hardening> rules)) return;
        foreach (Hardening rule in rules)
        {
            AttributeValue today = source[rule.Fact];
            if (today == rule.Value || !rule.When.IsTrue(source)) continue;
            target.Add(rule.Fact, rule.Value);
            if (!today.IsNull) differences.Add($"{rule.Says} Today that is not so ({rule.Fact} = {today}).");
        }
    }

    /// <summary>The kinds that have rules, for the test that compares them with the vocabulary.</summary>
    internal static IEnumerable<string> HardenedKinds => Hardenings.Keys;

    private sealed class Hardening(string[] row)
    {
        public string Fact { get; } = row[1];

        public AttributeValue Value { get; } = Expression.Require(row[2]).Evaluate(AttributeMap.Empty);

        public Expression When { get; } = Expression.Require(row[3]);

        public string Says { get; } = row[4];
    }
}
