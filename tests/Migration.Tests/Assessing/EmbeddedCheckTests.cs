using System.IO.Compression;
using System.Text.Json;
using Sirsi.Clouds.Expressions;
using Sirsi.Clouds.Tables;
using Sirsi.Migration.Assessing;
using Check = Sirsi.Migration.Assessing.Check;

namespace Sirsi.Migration.Tests.Assessing;

public sealed class EmbeddedCheckTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "src", "migration", "Migration", "Data", "checks");

    /// <summary>Check, cloud and fact that no table states, and why the check speaks of that cloud nevertheless.</summary>
    private static readonly Dictionary<string, string> NeverStated = new(StringComparer.Ordinal)
    {
        ["compute-group-single-zone aws multiZone"] = "its zones are listed instead",
        ["identity-administrator gcp wildcardResources"] = "roles that are as good as all are told by admin",
        ["identity-wildcard-actions azure admin"] = "only keeps a finding from being told twice",
        ["identity-wildcard-actions gcp admin"] = "only keeps a finding from being told twice",
        ["identity-wildcard-actions gcp wildcardResources"] = "only keeps a finding from being told twice",
        ["network-balancer-no-firewall aws waf"] = "a firewall is a relation there",
        ["network-balancer-no-firewall gcp waf"] = "a firewall is a relation there",
        ["network-listener-plain-http azure redirectsToHttps"] = "a redirect is a routing rule, not of the listener",
    };

    public static TheoryData<string> Files() =>
        [.. Directory.EnumerateFiles(Folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Fact]
    public void At_least_sixty_checks_come_with_the_program() => Assert.True(CheckCatalogue.Embedded.Checks.Length >= 60);

    [Fact]
    public void Every_cloud_has_at_least_forty_checks()
    {
        foreach (string cloud in new[] { "aws", "azure", "gcp" })
            Assert.True(CheckCatalogue.Embedded.Checks.Count(check => check.Clouds.Contains(cloud)) >= 40, cloud);
    }

    // The reader judges each example when it reads the check; what is left to ask is that both are there.
    [Theory]
    [MemberData(nameof(Files))]
    public void Every_check_has_an_example_that_fails_and_one_that_passes(string file)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Folder, file));
        int checks = lines.Count(line => line.StartsWith("  - id: ", StringComparison.Ordinal));
        Assert.NotEqual(0, checks);
        Assert.Equal(checks, lines.Count(line => line.StartsWith("    fails:", StringComparison.Ordinal)));
        Assert.Equal(checks, lines.Count(line => line.StartsWith("    passes:", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_id_begins_with_its_category_or_a_part_of_it(string file)
    {
        string category = Path.GetFileNameWithoutExtension(file);
        string[] starts = category switch { "database" => ["database", "cache"], "network" => ["network", "dns"], _ => [category] };
        Check[] checks = [.. CheckCatalogue.Embedded.Checks.Where(check => check.Category == category)];
        Assert.NotEmpty(checks);
        Assert.All(checks, check => Assert.Contains(check.Id.Split('-')[0], starts));
    }

    [Fact]
    public void Every_reference_exists_in_its_framework()
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        AddControls(known, "aws", "cis_3.0_aws", id => "cis-aws-3.0: " + id);
        AddControls(known, "azure", "cis_3.0_azure", id => "cis-azure-3.0: " + id);
        AddControls(known, "gcp", "cis_3.0_gcp", id => "cis-gcp-3.0: " + id);
        AddControls(known, "aws", "aws_foundational_security_best_practices_aws", id => "aws-fsbp: " + id);
        foreach (string cloud in new[] { "aws", "azure", "gcp" })
            AddControls(known, cloud, "soc2_" + cloud, (_, title) => "soc2: " + title.Split(' ')[0]);
        AddControls(known, "aws", "gdpr_aws", id => "gdpr: Art. " + id.Split('_')[1]);

        string[] unknown = [.. CheckCatalogue.Embedded.Checks.SelectMany(check =>
            check.References.Where(reference => !known.Contains(reference)).Select(reference => $"{check.Id}: {reference}"))];
        Assert.Empty(unknown);
    }

    [Fact]
    public void A_finding_shows_only_the_controls_of_its_cloud()
    {
        Check check = CheckCatalogue.Embedded.Checks.Single(candidate => candidate.Id == "storage-bucket-public");
        Assert.Equal(["cis-gcp-3.0: 5.1", "soc2: CC6.1", "gdpr: Art. 25", "gdpr: Art. 32"], check.ReferencesFor(Sirsi.Clouds.Cloud.Gcp));
    }

    /// <summary>
    /// A condition over a fact that no type of the cloud ever states is silent there for ever, or always true where it asks for absence.
    /// </summary>
    [Fact]
    public void Every_fact_a_check_reads_can_be_stated_in_each_of_its_clouds()
    {
        var stated = new HashSet<(string Cloud, string Kind, string Fact)>();
        var ofSettings = new HashSet<(string Cloud, string Fact)>();
        foreach (string type in FactTable.BuiltIn.Types)
        {
            string cloud = type.StartsWith("aws", StringComparison.Ordinal) ? "aws"
                : type.StartsWith("google", StringComparison.Ordinal) ? "gcp" : "azure";
            foreach (FactRule rule in FactTable.BuiltIn.For(type))
            {
                stated.Add((cloud, TypeTable.BuiltIn.Find(type)!.Kind.Name, rule.Fact));
                if (rule.OnOwner) ofSettings.Add((cloud, rule.Fact));
            }
        }

        string[] silent =
        [
            .. from check in CheckCatalogue.Embedded.Checks
               from cloud in check.Clouds
               from fact in Expression.Require(check.Condition).References
               where !DerivedFacts.Names.Contains(fact) && !ofSettings.Contains((cloud, fact))
               where !check.Kinds.Any(kind => stated.Contains((cloud, kind, fact)))
               select $"{check.Id} {cloud} {fact}",
        ];
        Assert.Equal(NeverStated.Keys.Order(StringComparer.Ordinal), silent.Order(StringComparer.Ordinal));
    }

    private static void AddControls(HashSet<string> known, string cloud, string framework, Func<string, string> name) =>
        AddControls(known, cloud, framework, (id, _) => name(id));

    private static void AddControls(HashSet<string> known, string cloud, string framework, Func<string, string, string> name)
    {
        using FileStream file = File.OpenRead(TestData.File($"data/migration/security/frameworks_{cloud}.json.gz"));
        using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        using JsonDocument json = JsonDocument.Parse(unpacked);
        JsonElement found = json.RootElement.EnumerateArray().Single(item => item.GetProperty("file").GetString() == framework);
        foreach (JsonElement control in found.GetProperty("requirements").EnumerateArray())
            known.Add(name(control.GetProperty("id").GetString()!, control.GetProperty("title").GetString()!));
    }
}
