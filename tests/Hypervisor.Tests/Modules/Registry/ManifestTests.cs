using System.Text;
using System.Text.Json;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Modules.Registry;

namespace Sirsi.Hypervisor.Tests.Modules.Registry;

public sealed class ManifestTests
{
    private const string Whole = """
        schema: sirsi.module/1
        name: tag-policy          # what it is called
        version: 1.2.0-beta.1
        description: Checks tags.
        agentType: tags
        entry: build/release.wasm
        capabilities:
          - capability: estate.read:tags
            reason: It reads the tags it checks.
        limits: { memoryMiB: 16, fuelPerTurn: 5000000, deadlineSeconds: 5, instances: 3 }
        network: [api.example.com, "*.example.org"]
        configuration:
          level: { type: integer, default: 3, description: How strict. }
          token: { type: text, required: true }
        stateVersion: 2
        """;

    private static ManifestResult Read(string yaml) => ModuleManifest.Read(Encoding.UTF8.GetBytes(yaml), "m.yaml");

    private static string[] Problems(string yaml) => [.. Read(yaml).Problems.Select(static problem => $"{problem.Position!.Value.Line}:{problem.Position.Value.Column} {problem.Message}")];

    [Fact]
    public void A_manifest_says_what_the_module_is_and_asks_for()
    {
        ManifestResult result = Read(Whole);
        Assert.Empty(result.Problems);
        ModuleManifest manifest = result.Manifest!;
        Assert.Equal(("tag-policy", "1.2.0-beta.1", "tags", "build/release.wasm"), (manifest.Name, manifest.Version.ToString(), manifest.AgentType, manifest.Entry));
        Assert.Equal(new CapabilityRequest(Capability.Parse("estate.read:tags"), "It reads the tags it checks."), Assert.Single(manifest.Capabilities));
        Assert.Equal(new ManifestLimits(16, 5_000_000, 5, 3), manifest.Limits);
        Assert.Equal(["api.example.com", "*.example.org"], manifest.Network);
        Assert.Equal(new ConfigurationEntry(ConfigurationType.Integer, "3", IsRequired: false, "How strict."), manifest.Configuration["level"]);
        Assert.True(manifest.Configuration["token"].IsRequired);
        Assert.Equal(2, manifest.StateVersion);
        Assert.False(manifest.IsSigned);
    }

    [Fact]
    public void Every_problem_is_told_with_its_line_and_column() => Assert.Equal(
        [
            "1:9 the schema is 'sirsi.module/9'; this program reads sirsi.module/1",
            "2:7 'Hello' is no name: it is 1 to 64 lower-case letters, digits, '-', '_' and '.', beginning with a letter",
            "3:1 'verison' is no member here; did you mean 'version'?",
            "4:8 '../x.wasm' is no entry: it is a path inside the folder, with '/' between its parts and no part that begins with '.'",
            "5:11 'memoryMB' is no member here; did you mean 'memoryMiB'?",
            "6:30 'Read All' is no capability",
            "7:11 a host is a name such as api.example.com or *.example.com, in lower case and without a scheme or a path",
            "8:29 'int' is none of text, integer, number, boolean, secret",
        ],
        Problems("""
            schema: sirsi.module/9
            name: Hello
            verison: 1.0.0
            entry: ../x.wasm
            limits: { memoryMB: 3 }
            capabilities: [{ capability: Read All, reason: x }]
            network: [https://example.com]
            configuration: { a: { type: int } }
            """).Where(static problem => !problem.Contains("is missing", StringComparison.Ordinal)).Select(static problem => problem[..Math.Min(problem.Length, problem.IndexOf("capability: ", StringComparison.Ordinal) is > 0 and int at ? at + 10 : problem.Length)]));

    [Theory]
    [InlineData("a: &x 1\nb: *x", "anchors are not allowed")]
    [InlineData("a: !!str 1", "tags are not allowed")]
    [InlineData("[[[[[[[[[[1]]]]]]]]]]", "nesting is deeper")]
    [InlineData("- a", "must hold one mapping")]
    [InlineData("", "must hold one mapping")]
    [InlineData("a: b: c", "it is not YAML")]
    [InlineData("name: a\nname: b", "not YAML")]
    [InlineData("signature: abc", "is no signature")]
    [InlineData("digest: sha256:12", "is no digest")]
    [InlineData("limits: { memoryMiB: 5000 }", "whole number from 1 to 4,096")]
    [InlineData("configuration: { a: { type: integer, default: x } }", "'x' is no integer")]
    [InlineData("capabilities: [{ capability: a, reason: b }, { capability: a, reason: b }]", "asked for twice")]
    [InlineData("? [a]\n: b", "a member's name must be a text")]
    public void What_is_no_manifest_is_refused_with_the_reason(string yaml, string reason) =>
        Assert.Contains(Problems(yaml), problem => problem.Contains(reason, StringComparison.Ordinal));

    [Fact]
    public void A_manifest_above_64_KiB_is_not_read() =>
        Assert.Equal(["0:0 it is larger than 64 KiB"], Problems(new string('#', ModuleManifest.BytesMax + 1)).Select(static problem => "0:0" + problem[problem.IndexOf(' ', StringComparison.Ordinal)..]));

    [Fact]
    public void Damaged_text_gives_problems_and_no_exception()
    {
        var random = new Random(7);
        char[] letters = [.. "{}[]:-#&*!|>'\"%@` \n\tab1,?"];
        for (int round = 0; round < 2_000; round++)
        {
            char[] text = Whole.ToCharArray();
            for (int change = 0; change < 3; change++) text[random.Next(text.Length)] = letters[random.Next(letters.Length)];
            ManifestResult result = Read(new string(text));
            Assert.Equal(result.Manifest is null, result.Problems.Length > 0);
        }
    }

    [Fact]
    public void The_published_schema_names_the_members_that_are_read()
    {
        using JsonDocument schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "docs", "schemas", "module.schema.json")));
        JsonElement properties = schema.RootElement.GetProperty("properties");
        static string[] Names(JsonElement element) => [.. element.EnumerateObject().Select(static property => property.Name)];
        Assert.Equal(ManifestReader.Known, Names(properties));
        Assert.Equal(ManifestReader.KnownLimits, Names(properties.GetProperty("limits").GetProperty("properties")));
        Assert.Equal(ManifestReader.KnownOfCapability, Names(properties.GetProperty("capabilities").GetProperty("items").GetProperty("properties")));
        Assert.Equal(ManifestReader.KnownOfValue, Names(properties.GetProperty("configuration").GetProperty("additionalProperties").GetProperty("properties")));
    }
}
