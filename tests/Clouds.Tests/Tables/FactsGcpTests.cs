using System.Text.Json.Nodes;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Tables;

namespace Sirsi.Clouds.Tests.Tables;

/// <summary>Facts of Google Cloud resources, each worked out by hand from the attributes and read through a state as production does.</summary>
public sealed partial class FactsGcpTests
{
    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_resource_has_the_facts_its_attributes_tell(string name, string type, string attributes, string expected)
    {
        Estate estate = await Read((type, "x", attributes));
        AttributeMap facts = Assert.Single(estate.Resources).Facts;
        foreach ((string fact, JsonNode? value) in JsonNode.Parse(expected)!.AsObject())
        {
            AttributeValue wanted = ValueOf(value);
            Assert.True(wanted.IsNull ? facts[fact].IsNull : facts[fact] == wanted, $"{name}: {fact} is {facts[fact]}, not {wanted}");
        }
    }

    [Fact]
    public async Task A_grant_to_everybody_makes_its_bucket_public_whatever_the_other_grants_say()
    {
        Estate estate = await Read(
            ("google_storage_bucket", "files", """{"id":"files","name":"files","public_access_prevention":"inherited"}"""),
            ("google_storage_bucket_iam_member", "all", """{"id":"1","bucket":"b/files","member":"allUsers","role":"roles/storage.objectViewer"}"""),
            ("google_storage_bucket_iam_member", "one", """{"id":"2","bucket":"files","member":"user:a@example.com","role":"roles/storage.admin"}"""));
        Assert.True(estate.Resources.Single(resource => resource.Type == "google_storage_bucket").Facts["public"].AsBoolean);
    }

    [Fact]
    public async Task An_autoscaler_gives_its_group_bounds()
    {
        const string id = "projects/p/zones/z/instanceGroupManagers/web";
        Estate estate = await Read(
            ("google_compute_instance_group_manager", "web", $$"""{"id":"{{id}}","name":"web","zone":"europe-west1-b","target_size":2}"""),
            ("google_compute_autoscaler", "web", $$"""{"id":"a","target":"{{id}}","autoscaling_policy":[{"min_replicas":2,"max_replicas":6}]}"""));
        AttributeMap facts = estate.Resources.Single(static resource => resource.Kind.Name == "compute.group").Facts;
        Assert.Equal((2, 6, 2, false), (facts["minCount"].AsWhole, facts["maxCount"].AsWhole, facts["desiredCount"].AsWhole, facts["multiZone"].AsBoolean));
    }

    [Fact]
    public void Every_rule_of_the_table_parses_and_names_a_fact_of_the_vocabulary()
    {
        Dictionary<string, HashSet<string>> vocabulary = Vocabulary();
        int rules = 0;
        var wrong = new List<string>();
        foreach (string type in FactTable.BuiltIn.Types.Where(static type => type.StartsWith("google_", StringComparison.Ordinal)))
        {
            string kind = TypeTable.BuiltIn.Find(type)!.Kind.Name;
            foreach (FactRule rule in FactTable.BuiltIn.For(type))
            {
                rules++;
                bool known = rule.OnOwner
                    ? vocabulary.Values.Any(facts => facts.Contains(rule.Fact))
                    : vocabulary["*"].Contains(rule.Fact) || (vocabulary.TryGetValue(kind, out HashSet<string>? own) && own.Contains(rule.Fact));
                if (!known) wrong.Add($"{type} ({kind}): {rule.Fact}");
            }
        }

        Assert.Empty(wrong);
        Assert.True(rules > 800, $"only {rules} rules");
    }

    private static Dictionary<string, HashSet<string>> Vocabulary()
    {
        var vocabulary = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (string line in File.ReadLines(Path.Combine(Repository.Root, "src/migration/Migration/Data/vocabulary.tsv")))
        {
            if (line.StartsWith('#') || line.Split('\t') is not [var kinds, var facts]) continue;
            // The fields of list items stand in parentheses; as names they do no harm here.
            foreach (string kind in kinds.Split(", "))
                vocabulary[kind] = [.. facts.Split(", ").SelectMany(static fact => fact.Split(" (")).Select(static fact => fact.TrimEnd(')'))];
        }

        return vocabulary;
    }

    private static async Task<Estate> Read(params (string Type, string Name, string Attributes)[] resources)
    {
        using var folder = new TemporaryFolder();
        var list = new JsonArray([.. resources.Select(static resource => (JsonNode)new JsonObject
        {
            ["mode"] = "managed",
            ["type"] = resource.Type,
            ["name"] = resource.Name,
            ["provider"] = "provider[\"registry.example.com/hashicorp/google\"]",
            ["instances"] = new JsonArray(new JsonObject { ["schema_version"] = 0, ["attributes"] = JsonNode.Parse(resource.Attributes) }),
        })]);
        var state = new JsonObject
        {
            ["version"] = 4,
            ["terraform_version"] = "1.9.0",
            ["serial"] = 1,
            ["lineage"] = "x",
            ["outputs"] = new JsonObject(),
            ["resources"] = list,
        };
        return await EstateSource.ReadAsync([folder.Write("x.tfstate", state.ToJsonString())], cancellationToken: TestContext.Current.CancellationToken);
    }

    private static AttributeValue ValueOf(JsonNode? node) => node switch
    {
        null => AttributeValue.Null,
        JsonArray list => AttributeValue.Of([.. list.Select(ValueOf)]),
        JsonObject map => AttributeValue.Of(AttributeMap.Of([.. map.Select(static pair => (pair.Key, ValueOf(pair.Value)))])),
        _ => node.GetValueKind() switch
        {
            System.Text.Json.JsonValueKind.True => AttributeValue.Of(true),
            System.Text.Json.JsonValueKind.False => AttributeValue.Of(false),
            System.Text.Json.JsonValueKind.Number => AttributeValue.Of(node.GetValue<double>()),
            _ => AttributeValue.Of(node.GetValue<string>()),
        },
    };
}
