using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Designing;
using Sirsi.Migration.Emitting.Terraform;

namespace Sirsi.Migration.Tests.Emitting;

public sealed partial class TerraformEmitterTests
{
    public static TheoryData<Cloud, bool> Variants => new()
    {
        { Cloud.Aws, false }, { Cloud.Aws, true }, { Cloud.Azure, false }, { Cloud.Azure, true }, { Cloud.Gcp, false }, { Cloud.Gcp, true },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task The_code_of_every_kind_is_in_terraform_fmt_layout(Cloud cloud, bool bare)
    {
        using TemporaryFolder folder = Written(cloud, bare);

        (int exit, string output) = await TerraformTool.RunAsync(folder.Path, "fmt", "-check", "-diff", "-no-color", "-recursive");

        Assert.True(exit == 0, output);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_code_of_every_kind_on_Aws_passes_terraform_validate(bool bare)
    {
        string plugins = TerraformTool.Plugins();
        using TemporaryFolder folder = Written(Cloud.Aws, bare);

        (int init, string initOutput) = await TerraformTool.RunAsync(
            folder.Path, "init", $"-plugin-dir={plugins}", "-input=false", "-backend=false", "-no-color");
        Assert.True(init == 0, initOutput);
        (int exit, string output) = await TerraformTool.RunAsync(folder.Path, "validate", "-no-color");

        Assert.True(exit == 0, output);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Nothing_of_the_source_cloud_is_in_the_code(Cloud cloud, bool bare)
    {
        string[] marks = ["arn:aws:elasticloadbalancing:x", "aws:cloudformation"];

        Assert.All(Emitted(cloud, bare), file => Assert.All(marks, mark => Assert.DoesNotContain(mark, file.Text.ToString())));
    }

    [Theory]
    [InlineData(Cloud.Aws)]
    [InlineData(Cloud.Azure)]
    [InlineData(Cloud.Gcp)]
    public void A_rule_for_a_protocol_we_do_not_write_is_named_and_opens_nothing(Cloud cloud)
    {
        string code = string.Concat(Emitted(cloud, bare: false).Select(static file => file.Text.ToString()));

        Assert.Contains("Left out: a rule for the protocol 'esp'", code, StringComparison.Ordinal);
        Assert.DoesNotContain("198.51.100.0/24", code, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Same_design_same_code(Cloud cloud, bool bare) =>
        Assert.Equal(Emitted(cloud, bare).Select(static file => $"{file.Name}\n{file.Text}"),
            Emitted(cloud, bare).Select(static file => $"{file.Name}\n{file.Text}"));

    [Theory]
    [MemberData(nameof(Variants))]
    public void Every_reference_leads_to_something_declared(Cloud cloud, bool bare)
    {
        string code = Code(cloud, bare);
        HashSet<string> declared = [.. Declaration().Matches(code).Select(static match => Address(match.Groups["type"].Value,
            match.Groups["name"].Value))];

        string[] dangling = [.. Reference().Matches(code).Select(static match => match.Value).Where(
            reference => !declared.Contains(reference)).Distinct(StringComparer.Ordinal)];

        Assert.Empty(dangling);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void No_resource_refers_to_itself_over_others(Cloud cloud, bool bare)
    {
        Dictionary<string, string[]> needs = Block().Matches(Code(cloud, bare)).ToDictionary(
            static block => Address(block.Groups["type"].Value, block.Groups["name"].Value),
            static block => Reference().Matches(block.Groups["body"].Value).Select(static match => match.Value).Distinct(
                StringComparer.Ordinal).ToArray(),
            StringComparer.Ordinal);

        // What needs nothing that is left is taken away until nothing is left: only a circle would remain.
        while (needs.Where(entry => !entry.Value.Any(needs.ContainsKey)).Select(
            static entry => entry.Key).ToArray() is { Length: > 0 } free)
            foreach (string address in free) needs.Remove(address);

        Assert.Empty(needs.Keys);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Nothing_is_declared_twice(Cloud cloud, bool bare)
    {
        string[] declared = [.. Declaration().Matches(Code(cloud,
            bare)).Select(static match => $"{match.Groups["type"].Value}.{match.Groups["name"].Value}")];

        Assert.Equal(declared.Distinct(StringComparer.Ordinal).Count(), declared.Length);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Every_resource_has_the_arguments_its_provider_requires(Cloud cloud, bool bare)
    {
        Dictionary<string, string[]> required = RequiredArguments();
        var problems = new List<string>();
        foreach (Match block in Block().Matches(Code(cloud, bare)))
        {
            string type = block.Groups["type"].Value;
            if (type.StartsWith("aws_", StringComparison.Ordinal)) continue;
            if (!required.TryGetValue(type, out string[]? arguments)) problems.Add($"{type} is not in required_arguments.tsv");
            else problems.AddRange(arguments.Where(argument => !Regex.IsMatch(block.Groups["body"].Value, $@"(?m)^  {argument}( +=| \{{)", RegexOptions.None, TimeSpan.FromSeconds(1)))
                .Select(argument => $"{type} {block.Groups["name"].Value} lacks {argument}"));
        }

        Assert.Empty(problems.Distinct(StringComparer.Ordinal));
    }

    private static Dictionary<string, string[]> RequiredArguments() =>
        File.ReadLines(Path.Combine(Repository.Root, "tests/Migration.Tests/Emitting/required_arguments.tsv"))
            .Where(static line => line.Length > 0 && line[0] != '#').Select(static line => line.Split('\t'))
            .ToDictionary(static cells => cells[0], static cells => cells[1].Split(' ', StringSplitOptions.RemoveEmptyEntries),
                StringComparer.Ordinal);

    private static string Code(Cloud cloud, bool bare) =>
        string.Join('\n', Emitted(cloud,
            bare).Where(static file => file.Name.EndsWith(".tf", StringComparison.Ordinal)).Select(static file => file.Text.ToString()));

    private static string Address(string type, string name) => name.Length == 0 ? $"var.{type}" : $"{type}.{name}";

    [GeneratedRegex(@"(?m)^(resource|data|variable|output|provider) ""(?<type>[^""]+)""( ""(?<name>[^""]+)"")? \{", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\b((aws|azurerm|google)_[a-z0-9_]+\.[a-zA-Z0-9_]+|var\.[a-zA-Z0-9_]+)\b", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Reference();

    [GeneratedRegex(@"(?m)^resource ""(?<type>[^""]+)"" ""(?<name>[^""]+)"" \{\n(?<body>(  .*\n|\n)*)\}", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Block();

    private static ImmutableArray<TerraformFile> Emitted(Cloud cloud, bool bare)
    {
        (Estate estate, Design design) = EveryKind.For(cloud, bare);
        return TerraformEmitter.Emit(estate, design, CancellationToken.None);
    }

    private static TemporaryFolder Written(Cloud cloud, bool bare)
    {
        var folder = new TemporaryFolder();
        foreach (TerraformFile file in Emitted(cloud, bare)) folder.Write(file.Name, file.Text.ToString());
        return folder;
    }
}
