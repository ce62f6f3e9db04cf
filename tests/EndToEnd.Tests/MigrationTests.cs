using System.Text;

namespace Sirsi.EndToEnd.Tests;

[Trait("Suite", "slow")]
public sealed class MigrationTests
{
    private static readonly string[] PlantedSecrets =
        ["example-only-not-a-real", "IyEvYmluL2Jhc2gK", "ZXhhbXBsZS1vbmx5", "AccountKey=", "I2Nsb3VkLWNvbmZpZ"];

    public static TheoryData<string, string> Runs => new()
    {
        { "shop.tfstate", "azure" },
        { "shop.tfstate", "gcp" },
        { "ledger-azure.tfstate", "aws" },
        { "ledger-azure.tfstate", "gcp" },
        { "fleet-gcp.tfstate", "aws" },
        { "fleet-gcp.tfstate", "azure" },
    };

    [Theory, MemberData(nameof(Runs))]
    public async Task A_sample_estate_becomes_a_whole_bundle_without_a_secret_in_it(string sample, string to)
    {
        using var folder = new TemporaryFolder();
        string bundle = await FrontScript.MigrateAsync(sample, to, folder);

        foreach (string file in new[] { "estate.json", "assessment.json", "design.json", "plan.json", "runbook.md", "report.html", "terraform/versions.tf" })
            Assert.True(new FileInfo(Path.Combine(bundle, file)) is { Exists: true, Length: > 0 }, $"{file} is missing or empty.");
        foreach (string file in Directory.EnumerateFiles(bundle, "*", SearchOption.AllDirectories))
            foreach (string secret in PlantedSecrets)
                Assert.DoesNotContain(secret, await File.ReadAllTextAsync(file, Encoding.UTF8), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_input_and_instant_give_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        string first = await FrontScript.MigrateAsync("shop.tfstate", "azure", folder, "first");
        string second = await FrontScript.MigrateAsync("shop.tfstate", "azure", folder, "second");

        string[] names = Names(first);
        Assert.Equal(names, Names(second));
        Assert.All(names, name => Assert.Equal(File.ReadAllBytes(Path.Combine(first, name)), File.ReadAllBytes(Path.Combine(second, name))));
    }

    [Theory, MemberData(nameof(Runs))]
    public async Task The_generated_code_is_formatted_and_valid(string sample, string to)
    {
        if (!ChildProcess.IsInstalled("terraform")) Assert.Skip("skipped: terraform is not on this machine");
        using var folder = new TemporaryFolder();
        string code = Path.Combine(await FrontScript.MigrateAsync(sample, to, folder), "terraform");

        ProgramResult format = await TerraformAsync(code, "fmt", "-check", "-recursive", "-diff");
        Assert.True(format.ExitCode == 0, format.Output + format.Error);
        if (to != "aws") return;
        if (Environment.GetEnvironmentVariable("SIRSI_TERRAFORM_PLUGINS") is not { Length: > 0 } plugins)
        {
            Assert.Skip("skipped: no mirror of Terraform providers on this machine (SIRSI_TERRAFORM_PLUGINS)");
            return;
        }

        ProgramResult start = await TerraformAsync(code, "init", "-input=false", "-backend=false", "-plugin-dir=" + plugins);
        Assert.True(start.ExitCode == 0, start.Output + start.Error);
        ProgramResult validation = await TerraformAsync(code, "validate", "-no-color");
        Assert.True(validation.ExitCode == 0, validation.Output + validation.Error);
    }

    private static Task<ProgramResult> TerraformAsync(string folder, params string[] arguments) =>
        ChildProcess.RunAsync("terraform", arguments, folder, TimeSpan.FromMinutes(3), ("TF_CLI_CONFIG_FILE", null), ("CHECKPOINT_DISABLE", "1"));

    private static string[] Names(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal)];
}
