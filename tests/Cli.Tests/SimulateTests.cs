using System.Text.Json;

namespace Sirsi.Cli.Tests;

public sealed class SimulateTests
{
    [Fact]
    public async Task Seeds_are_run_and_counted()
    {
        ProgramResult result = await Cli.RunAsync("simulate", "--seeds", "1..18", "--json");
        Assert.Equal(0, result.ExitCode);
        JsonElement json = JsonDocument.Parse(result.Output).RootElement;
        Assert.Equal(18, json.GetProperty("seeds").GetInt32());
        Assert.Equal(0, json.GetProperty("failures").GetArrayLength());
        Assert.True(json.GetProperty("virtualHours").GetDouble() > 0);
        Assert.Contains("18 held, 0 broken", (await Cli.RunAsync("simulate", "--seeds", "1..18")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_seed_tells_its_history_and_is_the_same_each_time()
    {
        ProgramResult first = await Cli.RunAsync("simulate", "--seed", "3", "--trace"), second = await Cli.RunAsync("simulate", "--seed", "3", "--trace");
        Assert.Equal(0, first.ExitCode);
        Assert.Equal(first.Output, second.Output);
        Assert.Contains("The host is up for the 1. time.", first.Output, StringComparison.Ordinal);
        Assert.Contains("seed 3 of ", first.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_scenarios_are_listed_with_what_they_promise()
    {
        ProgramResult listed = await Cli.RunAsync("simulate", "--list");
        Assert.Equal(0, listed.ExitCode);
        Assert.Contains("graphs", listed.Output, StringComparison.Ordinal);
        JsonElement json = JsonDocument.Parse((await Cli.RunAsync("simulate", "--list", "--json")).Output).RootElement;
        Assert.True(json.GetProperty("scenarios").GetArrayLength() >= 9);
    }

    [Theory]
    [InlineData(2, "two whole numbers", "--seeds", "9..1")]
    [InlineData(2, "two whole numbers", "--seeds", "all")]
    [InlineData(2, "give one of them", "--seeds", "1..2", "--seed", "3")]
    [InlineData(2, "name it with --seed", "--trace")]
    [InlineData(2, "--parallel must be 1 to 256", "--parallel", "0")]
    [InlineData(1, "There is no scenario 'weather'", "--scenario", "weather")]
    public async Task Misuse_is_said_in_words(int code, string says, params string[] arguments)
    {
        ProgramResult result = await Cli.RunAsync(["simulate", .. arguments]);
        Assert.Equal(code, result.ExitCode);
        Assert.Contains(says, result.Error, StringComparison.Ordinal);
    }
}
