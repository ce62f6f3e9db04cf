using System.Collections.Immutable;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Designing;
using Sirsi.Migration.Emitting.Terraform;

namespace Sirsi.Migration.Tests.Emitting;

/// <summary>An estate and a design that hold one resource of every type that code is written for.</summary>
internal static class EveryKind
{
    /// <summary>One resource per type; with facts and relations between them, or bare.</summary>
    public static (Estate Estate, Design Design) For(Cloud target, bool bare)
    {
        EmitterTable table = EmitterTable.For(target);
        Cloud source = target is Cloud.Aws ? Cloud.Azure : Cloud.Aws;
        (string Id, string Type, string Kind)[] rows = [.. Rows(target)];
        var byKind = rows.GroupBy(static row => row.Kind, StringComparer.Ordinal).ToDictionary(static group => group.Key,
            static group => group.First().Id);
        var resources = new List<Resource>();
        var mappings = ImmutableArray.CreateBuilder<Mapping>();
        foreach ((string id, string type, string kind) in rows)
        {
            AttributeMap facts = bare ? AttributeMap.Empty : Facts(kind, type);
            resources.Add(new Resource
            {
                Id = id,
                Cloud = source,
                Type = "source_type",
                Name = $"Shop \"{kind}\" ${{x}}",
                Kind = new ResourceKind(kind),
                Facts = facts,
                Tags = AttributeMap.Of(("env", AttributeValue.Of("prod ${y}")),
                    ("aws:cloudformation:stack", AttributeValue.Of("arn:aws:x"))),
                Relations = bare ? [] : [.. Relations(kind, id, byKind)],
            });
            mappings.Add(new Mapping
            {
                ResourceId = id,
                Outcome = MappingOutcome.Adapted,
                Reason = "It fits.",
                Target = new TargetResource
                {
                    Name = id.Replace('.', '_'),
                    Kind = new ResourceKind(kind),
                    Service = "Service",
                    Type = type,
                    Region = Region(target),
                    Size = bare ? null : Size(target, kind),
                    Facts = facts,
                },
            });
        }

        return (new Estate(resources, []), new Design(target, mappings.ToImmutable()) { Region = Region(target) });
    }

    private static IEnumerable<(string Id, string Type, string Kind)> Rows(Cloud target) =>
        (target switch { Cloud.Aws => AwsTable.Rows, Cloud.Azure => AzureTable.Rows, _ => GcpTable.Rows })
        .Select(static row => ($"s.{row.Type}_{row.Kinds.Split(' ')[0].Replace('.', '_')}", row.Type, row.Kinds.Split(' ')[0]));

    private static string Region(Cloud target) =>
        target switch { Cloud.Aws => "eu-west-1", Cloud.Azure => "westeurope", _ => "europe-west1" };

    private static string? Size(Cloud target, string kind) => (target, kind) switch
    {
        (Cloud.Aws, "compute.vm" or "compute.group" or "compute.template" or "container.nodepool" or "compute.webapp") => "m6i.large",
        (Cloud.Aws, "database.relational" or "database.document") => "db.r6g.large",
        (Cloud.Aws, "cache") => "cache.r6g.large",
        (Cloud.Azure, "compute.vm" or "compute.group" or "container.nodepool") => "Standard_D2s_v5",
        (Cloud.Azure, "database.relational") => "GP_Standard_D2s_v3",
        (Cloud.Gcp, "compute.vm" or "compute.group" or "compute.template" or "container.nodepool") => "n2-standard-2",
        (Cloud.Gcp, "database.relational") => "db-custom-2-7680",
        _ => null,
    };

    private static IEnumerable<Relation> Relations(string kind, string id, Dictionary<string, string> byKind)
    {
        string[] targets = kind switch
        {
            "compute.vm" => ["network.subnet", "network.firewall", "identity.role", "compute.keypair", "key"],
            "compute.group" => ["compute.template", "network.subnet", "network.backend"],
            "compute.template" => ["network.firewall"],
            "compute.function" => ["network.subnet", "network.firewall", "queue", "compute.plan"],
            "compute.webapp" => ["compute.plan", "network.subnet"],
            "container.cluster" => ["network.subnet", "key"],
            "container.nodepool" => ["container.cluster"],
            "container.service" => ["container.task", "network.backend", "container.cluster"],
            "storage.disk" => ["compute.vm", "key"],
            "storage.file" => ["network.subnet", "storage.account"],
            "storage.bucket" => ["key", "storage.account"],
            "database.relational" or "database.document" or "cache" => ["network.subnet", "network.firewall", "key"],
            "network.subnet" => ["network.vpc", "network.route", "network.firewall"],
            "network.route" or "network.firewall" => ["network.vpc"],
            "network.rule" => ["network.firewall"],
            "network.gateway" => ["network.vpc", "network.ip", "network.subnet"],
            "network.ip" => ["compute.vm"],
            "network.interface" => ["network.subnet", "compute.vm", "network.firewall"],
            "network.loadbalancer" => ["network.subnet", "network.firewall"],
            "network.listener" => ["network.loadbalancer", "network.backend", "certificate"],
            "network.backend" => ["compute.vm", "network.vpc"],
            "dns.zone" => ["network.vpc"],
            "dns.record" => ["dns.zone", "network.loadbalancer"],
            "subscription" => ["topic", "queue"],
            "cdn" => ["storage.bucket"],
            "api" => ["compute.function"],
            "alarm" => ["topic", "compute.vm"],
            "group" => [],
            _ => ["group"],
        };
        return targets.Where(byKind.ContainsKey).Select(target => byKind[target]).Where(target => target != id)
            .Select(static target => new Relation(RelationKind.Uses, target, "evidence"));
    }

    private static AttributeMap Facts(string kind, string type) => Map(
        ("os", "linux"), ("image", "ubuntu-22.04"), ("rootDiskGiB", 50), ("publicIp", true),
        ("dataDisks", List(Map(("sizeGiB", 100), ("type", "gp3"), ("encrypted", true)))),
        ("minCount", 1), ("maxCount", 4), ("desiredCount", 2), ("runtime", "nodejs20.x"), ("memoryMiB", 512), ("timeoutSeconds", 30),
        ("tracing", true), ("cidrs", List(kind == "network.subnet" ? "10.0.1.0/24" : "10.0.0.0/16")),
        ("version", kind == "cache" ? "6.2" : "16"),
        ("engine", kind == "database.document" ? "mongodb" : type.Contains("mysql", StringComparison.Ordinal) ? "mysql" : "postgres"),
        ("storageGiB", 100), ("backupDays", 14), ("multiZone", true), ("sizeGiB", 200), ("versioned", true), ("deadLetter", true),
        ("retentionSeconds", 345_600), ("retentionHours", 24), ("retentionDays", 30), ("shards", 2), ("domain", "shop.example.com"),
        ("values", List("arn:aws:elasticloadbalancing:x")), ("ttlSeconds", 60), ("port", 443),
        ("protocol", kind == "api" ? "HTTP" : "HTTPS"), ("healthPath", "/health"),
        ("scheme", "internet"), ("type", kind == "network.loadbalancer" ? "application" : kind == "dns.record" ? "A" : "internet"),
        ("rules", List(
            Map(("direction", "in"), ("action", "allow"), ("protocol", "tcp"), ("fromPort", 443), ("toPort", 443),
                ("sources", List("0.0.0.0/0", "::/0")), ("description", "web")),
            Map(("direction", "in"), ("action", "deny"), ("protocol", "all"), ("sources", List("192.168.0.0/16"))),
            Map(("direction", "in"), ("action", "allow"), ("protocol", "esp"), ("sources", List("198.51.100.0/24"))),
            Map(("direction", "in"), ("action", "allow"), ("protocol", "icmp"), ("sources", List("10.0.0.0/8"))),
            Map(("direction", "out"), ("action", "allow"), ("protocol", "all"), ("sources", List("0.0.0.0/0"))))),
        ("routes", List(Map(("cidr", "0.0.0.0/0"), ("via", "internet")), Map(("cidr", "10.9.0.0/16"), ("via", "appliance")))),
        ("origins", List("www.example.com")), ("threshold", 80.5), ("metric", "CPU"), ("rotation", true), ("cpuUnits", 512),
        ("count", 2)).Value.AsMap!;

    private static AttributeValue List(params ImmutableArray<Fact> items) =>
        AttributeValue.Of([.. items.Select(static item => item.Value)]);

    private static Fact Map(params ReadOnlySpan<(string Name, Fact Value)> pairs)
    {
        var builder = new AttributeMap.Builder();
        foreach ((string name, Fact value) in pairs) builder.Add(name, value.Value);
        return new(AttributeValue.Of(builder.Build()));
    }
}

/// <summary>Lets literals stand for attribute values.</summary>
internal readonly record struct Fact(AttributeValue Value)
{
    public static implicit operator Fact(string text) => new(AttributeValue.Of(text));

    public static implicit operator Fact(long number) => new(AttributeValue.Of(number));

    public static implicit operator Fact(bool truth) => new(AttributeValue.Of(truth));

    public static implicit operator Fact(double number) => new(AttributeValue.Of(number));

    public static implicit operator Fact(AttributeValue value) => new(value);
}
