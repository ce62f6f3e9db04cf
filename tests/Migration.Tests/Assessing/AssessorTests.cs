using System.Diagnostics;
using System.Text.Json;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Prices;
using Sirsi.Clouds.Tables;
using Sirsi.Migration.Assessing;

namespace Sirsi.Migration.Tests.Assessing;

[Collection(Alone)]
public sealed class AssessorTests
{
    /// <summary>The tests that run with none beside them, because they measure the process.</summary>
    private const string Alone = "alone";

    [CollectionDefinition(Alone, DisableParallelization = true)]
    public sealed class RunsAlone;

    private const string TwoOpenRules = """
        rules: [
          { direction: in, action: allow, protocol: tcp, fromPort: 443, toPort: 443, sources: [0.0.0.0/0] },
          { direction: in, action: allow, protocol: tcp, fromPort: 20, toPort: 23, sources: [10.0.0.0/8, '::/0'] }]
        """;

    private static readonly string[] RandomFacts =
    [
        "public", "encrypted", "versioned", "logging", "multiZone", "deletionProtection", "flowLogs", "minTls", "sizeGiB", "size", "engine",
    ];

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Findings_stand_with_the_worst_first_then_by_check_then_by_resource()
    {
        Assessment assessment = Assess(
            Resource("b", "storage.bucket", "public: true, versioned: false"),
            Resource("a", "storage.bucket", "public: true"),
            Resource("c", "storage.disk", "encrypted: false"));
        Assert.Equal(
            [
                "storage-bucket-public a", "storage-bucket-public b", "storage-disk-unencrypted c",
                "cost-disk-unattached c", "storage-bucket-not-versioned b",
                "governance-untagged a", "governance-untagged b", "governance-untagged c",
            ],
            assessment.Findings.Select(finding => $"{finding.Check.Id} {finding.ResourceId}"));
    }

    [Theory]
    [InlineData("storage.bucket", "public: true", "storage-bucket-public", "public = true")]
    [InlineData("database.relational", "backupDays: 3", "database-short-backup", "backupDays = 3")]
    [InlineData("network.listener", "protocol: HTTP", "network-listener-plain-http", "protocol = HTTP")]
    [InlineData("compute.vm", "dataDisks: [{ sizeGiB: 8, encrypted: true }, { sizeGiB: 9, encrypted: false }]",
        "compute-vm-disk-unencrypted", "dataDisks = [{encrypted: false, sizeGiB: 9}]")]
    [InlineData("network.firewall", TwoOpenRules,
        "network-ssh-open", "openToWorld = [tcp 20-23]")]
    public void Evidence_shows_the_facts_that_made_the_check_fail(string kind, string facts, string check, string evidence)
    {
        Assessment assessment = Assess(Resource("it", kind, facts));
        Assert.Equal(evidence, Assert.Single(assessment.Findings, finding => finding.Check.Id == check).Evidence);
    }

    [Fact]
    public void A_masked_value_is_neither_a_finding_nor_shown()
    {
        Resource bucket = Resource("it", "storage.bucket", "") with { Facts = AttributeMap.Of(("public", AttributeValue.MaskedOf(20))) };
        Resource key = Resource("key", "key", "") with
        {
            Type = "azurerm_key_vault_key",
            Cloud = Cloud.Azure,
            Facts = AttributeMap.Of(("expires", AttributeValue.MaskedOf(20))),
        };
        Assert.DoesNotContain(
            Assess(bucket, key).Findings, finding => finding.Check.Id is "storage-bucket-public" or "encryption-key-never-expires");
    }

    [Theory]
    [InlineData("2026-02-28T00:00:00Z", "encryption-certificate-expired", "expiresInDays = -1")]
    [InlineData("2026-03-21T00:00:00+00:00", "encryption-certificate-expiring", "expiresInDays = 20")]
    [InlineData("2026-02-28", "encryption-certificate-expired", "expiresInDays = -1")]
    public void Certificates_are_judged_at_the_moment_given(string expires, string check, string evidence)
    {
        Finding finding = Assert.Single(Assess(Resource("it", "certificate", $"expires: '{expires}'")).Findings);
        Assert.Equal((check, evidence), (finding.Check.Id, finding.Evidence));
    }

    [Fact]
    public void A_denial_with_a_better_priority_closes_a_port()
    {
        Assert.DoesNotContain("network-ssh-open", FindingsFor(allowedAt: 200));
        Assert.Contains("network-ssh-open", FindingsFor(allowedAt: 50));

        static IEnumerable<string> FindingsFor(int allowedAt) => Assess(Resource("a", "network.firewall", $$"""
            rules: [
              { direction: in, action: deny, protocol: all, sources: [0.0.0.0/0], priority: 100 },
              { direction: in, action: allow, protocol: tcp, fromPort: 22, toPort: 22, sources: [0.0.0.0/0], priority: {{allowedAt}} }]
            """)).Findings.Select(finding => finding.Check.Id);
    }

    [Fact]
    public void A_disk_that_a_snapshot_was_taken_of_is_still_unattached()
    {
        Resource disk = Resource("disk", "storage.disk", "");
        Resource snapshot = Resource("snapshot", "storage.snapshot", "", RelationKind.Uses, "disk");
        Resource machine = Resource("machine", "compute.vm", "", RelationKind.Uses, "disk");
        Assert.Contains(Assess(disk, snapshot).Findings, finding => finding.Check.Id == "cost-disk-unattached");
        Assert.DoesNotContain(Assess(disk, snapshot, machine).Findings, finding => finding.Check.Id == "cost-disk-unattached");
    }

    [Fact]
    public void A_check_applies_to_its_clouds_only()
    {
        Resource bucket = Resource("it", "storage.bucket", "tlsOnly: false");
        Assert.Contains(Assess(bucket).Findings, finding => finding.Check.Id == "storage-bucket-plain-http");
        Resource elsewhere = bucket with { Cloud = Cloud.Gcp };
        Assert.DoesNotContain(Assess(elsewhere).Findings, finding => finding.Check.Id == "storage-bucket-plain-http");
    }

    [Fact]
    public void A_rule_that_its_firewall_states_too_is_found_there_alone()
    {
        const string ssh = "{ direction: in, action: allow, protocol: tcp, fromPort: 22, toPort: 22, sources: [0.0.0.0/0], priority: 200 }";
        const string rdp = "{ direction: in, action: allow, protocol: tcp, fromPort: 3389, toPort: 3389, sources: [0.0.0.0/0] }";
        const string denial = "{ direction: in, action: deny, protocol: all, sources: [0.0.0.0/0], priority: 100 }";
        Resource rule = Resource("rule", "network.rule", $"rules: [{ssh}]", RelationKind.Configures, "owner");
        Assert.Equal(["owner"], Found("network-ssh-open", Resource("owner", "network.firewall", $"rules: [{ssh}]"), rule));
        Assert.Equal(["rule"], Found("network-ssh-open", Resource("owner", "network.firewall", $"rules: [{rdp}]"), rule));
        Assert.Equal(["rule"], Found("network-ssh-open", Resource("owner", "network.firewall", ""), rule));
        Assert.Empty(Found("network-ssh-open", Resource("owner", "network.firewall", $"rules: [{ssh}, {denial}]"), rule));
    }

    [Fact]
    public void An_alarm_watches_the_database_or_the_server_it_is_part_of()
    {
        Resource server = Resource("server", "database.relational", "") with { Type = "azurerm_mssql_server" };
        Resource database = Resource("db", "database.relational", "", RelationKind.In, "server") with { Type = "azurerm_mssql_database" };
        Resource replica = Resource("replica", "database.relational", "", RelationKind.Uses, "db") with { Type = "azurerm_mssql_database" };
        Assert.Equal(["db"], Found("database-no-alarm", server, database));
        Assert.Empty(Found("database-no-alarm", server, database, Resource("alarm", "alarm", "", RelationKind.Uses, "db")));
        Assert.Empty(Found("database-no-alarm", server, database, Resource("alarm", "alarm", "", RelationKind.Uses, "server")));
        Assert.Equal(
            ["replica"], Found("database-no-alarm", server, database, replica, Resource("alarm", "alarm", "", RelationKind.Uses, "db")));
    }

    [Fact]
    public void A_balancer_with_a_firewall_of_its_own_needs_no_other()
    {
        Assert.Single(Found("network-balancer-no-firewall", Resource("it", "network.loadbalancer", "scheme: internet, type: application")));
        Assert.Empty(Found(
            "network-balancer-no-firewall", Resource("it", "network.loadbalancer", "scheme: internet, type: application, waf: true")));
    }

    [Theory]
    [InlineData("azurerm_storage_container", "storage.bucket")]
    [InlineData("google_compute_network", "network.vpc")]
    public void What_can_carry_no_tags_is_not_blamed_for_having_none(string type, string kind) =>
        Assert.Empty(Found("governance-untagged", Resource("it", kind, "") with { Type = type }));

    [Fact]
    public void A_group_that_only_lists_machines_costs_nothing() => Assert.Equal(CostStatus.Free, Assess(
        Resource("it", "compute.group", "") with { Cloud = Cloud.Gcp, Type = "google_compute_instance_group" }).Resources[0].Cost.Status);

    [Fact]
    public void A_table_of_a_storage_account_is_no_riddle()
    {
        Resource table = Resource("it", "database.document", "") with { Cloud = Cloud.Azure, Type = "azurerm_storage_table" };
        Readiness readiness = Assess(table).Resources[0].Readiness;
        Assert.Equal(ReadinessLevel.NotReady, readiness.Level);
        Assert.Contains("interface", Assert.Single(readiness.Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_or_address_that_is_a_resource_of_its_own_is_paid_once()
    {
        Resource machine = Resource("machine", "compute.vm",
            "size: m5.large, os: linux, rootDiskGiB: 8, rootDiskType: gp3, publicIp: true, dataDisks: [{ sizeGiB: 100, type: gp3 }]");
        Resource disk = Resource("disk", "storage.disk", "sizeGiB: 100, type: gp3", RelationKind.AttachedTo, "machine");
        Resource address = Resource("address", "network.ip", "", RelationKind.AttachedTo, "machine");
        decimal apart = 70.08m + 0.64m + 8m + 3.65m;
        Assert.Equal(apart, Assess(machine).MonthlyUsd);
        Assert.Equal(apart, Assess(machine, disk, address).MonthlyUsd);
    }

    [Fact]
    public void A_group_has_its_size_from_its_template()
    {
        Resource template = Resource("template", "compute.template", "size: m5.large, os: linux");
        Resource group = Resource("group", "compute.group", "desiredCount: 3", RelationKind.Uses, "template");
        Assert.Equal(3 * 70.08m, Assess(template, group).MonthlyUsd);
    }

    [Theory]
    [InlineData("compute.vm", "size: m5.large, os: linux", ReadinessLevel.Ready)]
    [InlineData("compute.vm", "size: m6g.large, os: linux", ReadinessLevel.Conditional)]
    [InlineData("compute.vm", "size: i3.large, os: linux", ReadinessLevel.Conditional)]
    [InlineData("compute.vm", "size: p3.2xlarge, os: linux", ReadinessLevel.Conditional)]
    [InlineData("compute.vm", "size: m5.large, os: linux, spot: true", ReadinessLevel.Conditional)]
    [InlineData("container.nodepool", "size: m5.large, spot: true", ReadinessLevel.Conditional)]
    [InlineData("compute.vm", "", ReadinessLevel.Unknown)]
    [InlineData("database.relational", "engine: postgres, version: '16'", ReadinessLevel.Ready)]
    [InlineData("database.relational", "engine: oracle", ReadinessLevel.NotReady)]
    [InlineData("database.document", "engine: dynamodb", ReadinessLevel.NotReady)]
    [InlineData("setting", "", ReadinessLevel.NotNeeded)]
    [InlineData("unknown", "", ReadinessLevel.Unknown)]
    [InlineData("network.subnet", "", ReadinessLevel.Ready)]
    public void Readiness_follows_kind_and_facts(string kind, string facts, ReadinessLevel level)
    {
        Readiness readiness = Assess(Resource("it", kind, facts)).Resources[0].Readiness;
        Assert.Equal(level, readiness.Level);
        Assert.Equal(level is ReadinessLevel.Ready, readiness.Reasons.IsEmpty);
    }

    [Fact]
    public void All_resources_are_assessed_in_the_order_of_the_estate()
    {
        Assessment assessment = Assess(Resource("b", "queue", ""), Resource("a", "unknown", ""), Resource("c", "setting", ""));
        Assert.Equal(["a", "b", "c"], assessment.Resources.Select(resource => resource.ResourceId));
        Assert.Equal(1, assessment.UnpricedCount);
    }

    [Fact]
    public void The_same_estate_gives_the_same_bytes() => TestKit.Check.That(seed: 3, runs: 20, random =>
    {
        Resource[] resources = [.. RandomEstate(random, 200)];
        byte[] first = Write(resources);
        random.Shuffle(resources);
        Assert.Equal(first, Write(resources));
    });

    [Fact]
    public void Assessment_json_has_the_members_of_its_schema()
    {
        using JsonDocument json = JsonDocument.Parse(Write([
            Resource("web", "compute.vm", "size: m5.large, os: linux, rootDiskGiB: 8, rootDiskType: gp3, publicIp: true"),
            Resource("files", "storage.bucket", "public: true"),
        ]));
        JsonElement root = json.RootElement;
        Assert.Equal(["schema", "assessedAt", "totals", "resources", "findings"], root.EnumerateObject().Select(member => member.Name));
        Assert.Equal("sirsi.assessment/1", root.GetProperty("schema").GetString());
        Assert.Equal("2026-03-01T00:00:00Z", root.GetProperty("assessedAt").GetString());
        Assert.Equal(74.37m, root.GetProperty("totals").GetProperty("monthlyUsd").GetDecimal());
        JsonElement web = root.GetProperty("resources")[1];
        Assert.Equal("web", web.GetProperty("id").GetString());
        JsonElement line = web.GetProperty("cost").GetProperty("lines")[0];
        Assert.Equal("m5.large, Linux", line.GetProperty("what").GetString());
        Assert.Equal(730, line.GetProperty("quantity").GetDecimal());
        Assert.Equal("2026-07-20", line.GetProperty("price").GetProperty("asOf").GetString());
        JsonElement finding = root.GetProperty("findings")[0];
        Assert.Equal(
            ["check", "severity", "category", "resource", "title", "evidence", "remediation", "terraform", "references"],
            finding.EnumerateObject().Select(member => member.Name));
        Assert.Equal("files", finding.GetProperty("resource").GetString());
        Assert.DoesNotContain("cis-gcp", finding.GetProperty("references").GetRawText(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, root.GetProperty("resources")[0].GetProperty("cost").GetProperty("monthlyUsd").ValueKind);
    }

    /// <summary>By the processor time of the process, best of three, and with no other test beside it: neither the machine's other work nor other tests must fail it.</summary>
    [Fact]
    public void A_million_evaluations_take_less_than_ten_seconds()
    {
        Resource[] resources = [.. RandomEstate(new Random(1), 60_000)];
        var estate = new Estate(resources, []);
        long evaluations = resources.Sum(resource =>
            (long)CheckCatalogue.Embedded.ForKind(resource.Kind)!.Checks.Count(check => check.AppliesTo(resource.Cloud)));
        using Process process = Process.GetCurrentProcess();
        double seconds = double.MaxValue;
        for (int round = 0; round < 3; round++)
        {
            process.Refresh();
            TimeSpan before = process.TotalProcessorTime;
            Assessment assessment = Assessor.Assess(estate, PriceCatalogue.Embedded, new AssessOptions { Now = Now });
            process.Refresh();
            seconds = Math.Min(seconds, (process.TotalProcessorTime - before).TotalSeconds);
            TestContext.Current.TestOutputHelper!.WriteLine(
                $"{evaluations} evaluations, {resources.Length} costs, {assessment.Findings.Length} findings: {seconds:0.00} s");
        }

        Assert.True(seconds / evaluations * 1_000_000 < 10, $"{seconds:0.0} s for {evaluations}");
    }

    private static IEnumerable<string> Found(string check, params Resource[] resources) =>
        Assess(resources).Findings.Where(finding => finding.Check.Id == check).Select(finding => finding.ResourceId);

    private static Assessment Assess(params Resource[] resources) =>
        Assessor.Assess(new Estate(resources, []), PriceCatalogue.Embedded, new AssessOptions { Now = Now });

    private static byte[] Write(IEnumerable<Resource> resources)
    {
        var estate = new Estate(resources, []);
        using var output = new MemoryStream();
        AssessmentJson.Write(Assessor.Assess(estate, PriceCatalogue.Embedded, new AssessOptions { Now = Now }), estate, Now, output);
        return output.ToArray();
    }

    private static Resource Resource(string id, string kind, string facts, RelationKind relation, string target) =>
        Resource(id, kind, facts) with { Relations = [new Relation(relation, target, "example")] };

    private static Resource Resource(string id, string kind, string facts) => new()
    {
        Id = id,
        Cloud = Cloud.Aws,
        Type = "example",
        Name = id,
        Kind = new ResourceKind(kind),
        Region = "us-east-1",
        Facts = Facts.Of(facts),
    };

    /// <summary>Resources of every kind with a random truth, number or word for every fact their kind can have.</summary>
    private static IEnumerable<Resource> RandomEstate(Random random, int count)
    {
        KindInfo[] kinds = [.. KindTable.BuiltIn.Kinds.Where(info => CheckCatalogue.Embedded.ForKind(info.Kind) is not null)];
        for (int number = 0; number < count; number++)
        {
            ResourceKind kind = kinds[random.Next(kinds.Length)].Kind;
            var facts = new AttributeMap.Builder();
            foreach (string name in RandomFacts)
                if (random.Next(4) > 0)
                    facts.Add(name, RandomValue(random, name));
            if (kind.Name is "network.firewall")
                facts.Add("rules", Facts.Of(TwoOpenRules)["rules"]);
            yield return new Resource
            {
                Id = $"r{number}",
                Cloud = (Cloud)random.Next(1, 4),
                Type = "example",
                Name = $"r{number}",
                Kind = kind,
                Region = "us-east-1",
                Facts = facts.Build(),
                Relations = number == 0 ? [] : [new Relation((RelationKind)random.Next(7), $"r{random.Next(number)}", "x")],
            };
        }
    }

    private static AttributeValue RandomValue(Random random, string name) => name switch
    {
        "minTls" or "sizeGiB" => AttributeValue.Of(random.Next(1, 100) / 10.0),
        "size" => AttributeValue.Of(random.Next(2) == 0 ? "m5.large" : "m4.xlarge"),
        "engine" => AttributeValue.Of(random.Next(2) == 0 ? "postgres" : "mysql"),
        _ => AttributeValue.Of(random.Next(2) == 0),
    };
}
