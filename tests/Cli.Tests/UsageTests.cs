namespace Sirsi.Cli.Tests;

public sealed class UsageTests
{
    [Fact]
    public async Task Without_arguments_the_help_is_shown_and_the_exit_code_is_2()
    {
        ProgramResult result = await Cli.RunAsync();
        Assert.Equal(ExitCode.Usage, result.ExitCode);
        Assert.Contains("migrate", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wasm run x.wat --timeout 1s", "'1s' for option '--timeout' as a number.")]
    [InlineData("wasm run x.wat --fuel lots", "'lots' for option '--fuel' as a whole number.")]
    public async Task A_value_of_a_wrong_kind_is_told_without_the_names_of_types(string line, string said)
    {
        ProgramResult result = await Cli.RunAsync(line.Split(' '));
        Assert.Contains(said, result.Error.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.DoesNotContain("System.", result.Error, StringComparison.Ordinal);
    }

    [Theory, InlineData("migarte"), InlineData("migrate"), InlineData("migrate --to mars x.tfstate"), InlineData("plugins --bad"), InlineData("wasm run x.wat --timeout 1s"), InlineData("wasm run x.wat --timeout 0"), InlineData("wasm run x.wat --fuel lots"), InlineData("wasm run x.wat --fuel -1"),
        InlineData("wasm bench x.wat --invoke f --runs many"), InlineData("migrate x.tfstate --to aws --bandwidth fast"), InlineData("module call x.wasm run --timeout 1s")]
    public async Task A_command_line_that_makes_no_sense_is_refused_with_a_pointer_to_the_help(string line)
    {
        ProgramResult result = await Cli.RunAsync(line.Split(' '));
        Assert.Equal(ExitCode.Usage, result.ExitCode);
        Assert.Contains("SIRSI-6001", result.Error, StringComparison.Ordinal);
        Assert.Contains("--help", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Theory, InlineData("migrate"), InlineData("prices"), InlineData("prices show"), InlineData("checks"), InlineData("checks list"), InlineData("plugins"), InlineData("wasm"), InlineData("wasm run"), InlineData("wasm spectest"), InlineData("session"), InlineData("session open"), InlineData("agent"), InlineData("agent spawn"), InlineData("agent ask"), InlineData("agent watch"), InlineData("agent steps"), InlineData("agent settle"), InlineData("agent dead"), InlineData("task"), InlineData("task submit"), InlineData("task graph"), InlineData("task dead"), InlineData("schedule"), InlineData("schedule set"), InlineData("context"), InlineData("context get"), InlineData("context put"), InlineData("context list"), InlineData("context watch"), InlineData("context history"), InlineData("context delete"), InlineData("module configure"), InlineData("secret"), InlineData("secret set"), InlineData("secret bind")]
    public async Task Every_help_page_ends_with_examples(string verb)
    {
        ProgramResult result = await Cli.RunAsync([.. verb.Split(' '), "--help"]);
        Assert.Equal(ExitCode.Ok, result.ExitCode);
        Assert.Contains($"Examples:\n  sirsi {verb}", result.Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_is_three_numbers()
    {
        ProgramResult result = await Cli.RunAsync("--version");
        Assert.Matches(@"^\d+\.\d+\.\d+\s*$", result.Output);
    }
}
