using System.Text.Json;

namespace Sirsi.Cli.Tests;

public sealed class PricesTests
{
    [Fact]
    public async Task A_size_is_shown_with_its_price_and_its_neighbours_on_the_other_clouds()
    {
        ProgramResult result = await Cli.RunAsync("prices", "show", "m5.large", "--region", "us-east-1");
        Assert.Equal(ExitCode.Ok, result.ExitCode);
        Assert.Contains("2 vCPU · 8 GiB", result.Output, StringComparison.Ordinal);
        Assert.Contains("$0.096", result.Output, StringComparison.Ordinal);
        Assert.Contains("Azure", result.Output, StringComparison.Ordinal);
        Assert.Contains("Google Cloud", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_json_answer_is_one_document_with_its_schema()
    {
        ProgramResult result = await Cli.RunAsync("prices", "show", "Standard_D2s_v5", "--region", "westeurope", "--json");
        using JsonDocument document = JsonDocument.Parse(result.Output);
        Assert.Equal("sirsi.price/1", document.RootElement.GetProperty("schema").GetString());
        Assert.Equal("Standard_D2s_v5", document.RootElement.GetProperty("offers")[0].GetProperty("size").GetString());
    }

    [Fact]
    public async Task A_service_key_is_shown_for_each_cloud_that_has_a_price()
    {
        ProgramResult result = await Cli.RunAsync("prices", "show", "nat/hour");
        Assert.Contains("AWS", result.Output, StringComparison.Ordinal);
        ProgramResult json = await Cli.RunAsync("prices", "show", "nat/hour", "--json");
        using JsonDocument document = JsonDocument.Parse(json.Output);
        Assert.Equal("nat/hour", document.RootElement.GetProperty("key").GetString());
    }

    [Theory]
    [InlineData("m5.larg", "m5.large")]
    [InlineData("nat/minute", "nat/hour")]
    public async Task What_is_misspelt_is_refused_with_what_comes_near(string asked, string near)
    {
        ProgramResult result = await Cli.RunAsync("prices", "show", asked);
        Assert.Equal(ExitCode.Failed, result.ExitCode);
        Assert.Contains("SIRSI-6002", result.Error, StringComparison.Ordinal);
        Assert.Contains(near, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_region_is_refused_with_the_regions_there_are()
    {
        ProgramResult result = await Cli.RunAsync("prices", "show", "m5.large", "--region", "mars");
        Assert.Equal(ExitCode.Failed, result.ExitCode);
        Assert.Contains("eu-west-1", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sources_are_listed_with_their_dates()
    {
        Assert.Contains("2026-07-16", (await Cli.RunAsync("prices", "sources")).Output, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse((await Cli.RunAsync("prices", "sources", "--json")).Output);
        Assert.NotEmpty(document.RootElement.GetProperty("sources").EnumerateArray());
    }
}
