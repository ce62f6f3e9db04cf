using System.Text.Json;

namespace Sirsi.Cli.Tests;

public sealed class PluginsTests
{
    [Fact]
    public async Task Built_in_plug_ins_are_listed_and_healthy()
    {
        Assert.Contains("sirsi.prices", (await Cli.RunAsync("plugins")).Output, StringComparison.Ordinal);
        ProgramResult check = await Cli.RunAsync("plugins", "check", "--json");
        Assert.Equal(ExitCode.Ok, check.ExitCode);
        using JsonDocument document = JsonDocument.Parse(check.Output);
        Assert.All(document.RootElement.GetProperty("plugins").EnumerateArray(),
            static plugin => Assert.Equal("Healthy", plugin.GetProperty("condition").GetString()));
        Assert.Contains("Healthy", (await Cli.RunAsync("plugins", "check")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_estate_plug_in_counts_resources()
    {
        string input = JsonSerializer.Serialize(new { paths = new[] { Cli.Sample("shop.tfstate") } });
        ProgramResult result = await Cli.RunAsync("plugins", "run", "sirsi.estate", "--input", input);
        using JsonDocument document = JsonDocument.Parse(result.Output);
        Assert.Equal(94, document.RootElement.GetProperty("resources").GetInt32());
        Assert.Equal(4, document.RootElement.GetProperty("byKind").GetProperty("compute.vm").GetInt32());
    }

    [Fact]
    public async Task The_prices_plug_in_answers_with_offers()
    {
        ProgramResult result = await Cli.RunAsync("plugins", "run", "sirsi.prices", "--input", """{"size":"m5.large"}""");
        using JsonDocument document = JsonDocument.Parse(result.Output);
        Assert.Equal(3, document.RootElement.GetProperty("offers").GetArrayLength());
    }

    [Theory]
    [InlineData("sirsi.prices", "{}", "SIRSI-1036")]
    [InlineData("sirsi.estate", """{"paths":[]}""", "SIRSI-1036")]
    [InlineData("nobody", "{}", "SIRSI-1033")]
    [InlineData("sirsi.prices", "{", "SIRSI-6001")]
    public async Task What_can_not_run_fails_with_a_code_and_no_stack_trace(string plugin, string input, string code)
    {
        ProgramResult result = await Cli.RunAsync("plugins", "run", plugin, "--input", input);
        Assert.NotEqual(ExitCode.Ok, result.ExitCode);
        Assert.Contains(code, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_a_plug_in_is_refused_with_the_reason()
    {
        using var folder = new TemporaryFolder();
        ProgramResult result = await Cli.RunAsync("plugins", "--folder", folder.Path, "--json");
        Assert.Equal(ExitCode.Failed, result.ExitCode);
        using JsonDocument document = JsonDocument.Parse(result.Output);
        Assert.Contains("plugin.json", document.RootElement.GetProperty("refused")[0].GetString(), StringComparison.Ordinal);
    }
}
