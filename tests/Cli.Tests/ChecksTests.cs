using System.Text.Json;

namespace Sirsi.Cli.Tests;

public sealed class ChecksTests
{
    [Fact]
    public async Task Checks_are_listed_most_severe_first()
    {
        string output = (await Cli.RunAsync("checks", "list")).Output;
        int critical = output.IndexOf("network-ssh-open", StringComparison.Ordinal);
        int information = output.IndexOf("governance-untagged", StringComparison.Ordinal);
        Assert.InRange(critical, 0, information);
    }

    [Fact]
    public async Task The_list_can_be_narrowed_to_a_cloud_and_a_severity()
    {
        using JsonDocument document = JsonDocument.Parse((await Cli.RunAsync("checks", "list", "--cloud", "gcp", "--severity", "high", "--json")).Output);
        JsonElement[] checks = [.. document.RootElement.GetProperty("checks").EnumerateArray()];
        Assert.NotEmpty(checks);
        Assert.All(checks, static check =>
        {
            Assert.Contains(check.GetProperty("severity").GetString(), (string[])["high", "critical"]);
            Assert.Contains("gcp", check.GetProperty("clouds").EnumerateArray().Select(static cloud => cloud.GetString()));
        });
    }

    [Fact]
    public async Task A_check_is_explained_with_its_condition_remedy_and_controls()
    {
        string output = (await Cli.RunAsync("checks", "show", "storage-bucket-public")).Output;
        Assert.Contains("public == true", output, StringComparison.Ordinal);
        Assert.Contains("soc2", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_check_is_refused_with_what_comes_near()
    {
        ProgramResult result = await Cli.RunAsync("checks", "show", "bucket-public");
        Assert.Equal(ExitCode.Failed, result.ExitCode);
        Assert.Contains("storage-bucket-public", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Own_checks_with_problems_are_refused_with_every_problem()
    {
        using var folder = new TemporaryFolder();
        folder.Write("own.yaml", "category: own\nchecks:\n  - id: a\n    severity: terrible\n    condition: 'public =='\n");
        ProgramResult result = await Cli.RunAsync("checks", "list", "--checks", folder.Path);
        Assert.Equal(ExitCode.Failed, result.ExitCode);
        Assert.Contains("own.yaml", result.Error, StringComparison.Ordinal);
        Assert.True(result.Error.Split("own.yaml").Length > 2, result.Error);
    }
}
