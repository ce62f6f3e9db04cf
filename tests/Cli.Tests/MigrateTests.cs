using System.Text.Json;

namespace Sirsi.Cli.Tests;

public sealed class MigrateTests
{
    [Fact]
    public async Task The_summary_fits_a_terminal_screen()
    {
        using var folder = new TemporaryFolder();
        ProgramResult result = await Cli.RunAsync("migrate", Cli.Sample("shop.tfstate"), "--to", "azure", "--out", folder.File("out"));
        Assert.Equal(ExitCode.Ok, result.ExitCode);
        Assert.InRange(result.Output.Split('\n').Length, 10, 24);
        Assert.Contains("AWS → Azure", result.Output, StringComparison.Ordinal);
        Assert.Equal(5, result.Error.Trim().Split('\n').Length);
    }

    [Fact]
    public async Task The_json_summary_is_alone_on_standard_output()
    {
        using var folder = new TemporaryFolder();
        ProgramResult result = await Cli.RunAsync(
            "migrate", Cli.Sample("fleet-gcp.tfstate"), "--to", "aws", "--out", folder.File("out"), "--json", "--now", "2026-11-21T12:00:00Z");
        Assert.Empty(result.Error);
        using JsonDocument document = JsonDocument.Parse(result.Output);
        Assert.Equal("sirsi.migration/1", document.RootElement.GetProperty("schema").GetString());
        Assert.Equal(43, document.RootElement.GetProperty("resources").GetInt32());
        Assert.True(document.RootElement.GetProperty("findings").GetProperty("critical").GetInt32() > 0);
    }

    [Fact]
    public async Task The_region_asked_for_is_the_region_designed_for()
    {
        using var folder = new TemporaryFolder();
        ProgramResult result = await Cli.RunAsync(
            "migrate", Cli.Sample("shop.tfstate"), "--to", "gcp", "--region", "europe-west3", "--out", folder.File("out"));
        Assert.Contains("europe-west3", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--region", "atlantis")]
    [InlineData("--now", "yesterday")]
    [InlineData("--bandwidth", "-1")]
    public async Task An_option_that_makes_no_sense_is_refused_before_anything_is_read(string option, string value)
    {
        ProgramResult result = await Cli.RunAsync("migrate", "no-such.tfstate", "--to", "gcp", option, value);
        Assert.Equal(ExitCode.Usage, result.ExitCode);
        Assert.Contains("SIRSI-6001", result.Error, StringComparison.Ordinal);
    }
}
