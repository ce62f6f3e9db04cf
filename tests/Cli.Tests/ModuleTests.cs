using System.Text;
using System.Text.Json;

namespace Sirsi.Cli.Tests;

public sealed class ModuleTests
{
    private static string Plugin(string name) => Path.Combine(TestData.Folder("data/extism"), name);

    /// <summary>The table of the plug-ins' PROVENANCE.md, a row each. Those with functions of a host of their own cannot run here: they are refused with the names of these.</summary>
    [Theory]
    [InlineData("alloc.wasm", "run_test", "", "", 0, "")]
    [InlineData("fail.wasm", "run_test", "", "", 1, "fail.wasm: Some error message")]
    [InlineData("exit.wasm", "_start", "", "code=abc", 1, "exit code 1")]
    [InlineData("exit.wasm", "_start", "", "code=", 1, "exit code 2")]
    [InlineData("code-functions.wasm", "count_vowels", "Hello World", "", 1, "hello_world")]
    [InlineData("config.wasm", "run_test", "", "thing=answer", 0, "answer")]
    [InlineData("config.wasm", "run_test", "", "", 0, "<unset by host>")]
    [InlineData("float.wasm", "addf64", "", "", 1, "example")]
    [InlineData("float.wasm", "addf32", "", "", 1, "example")]
    [InlineData("globals.wasm", "globals", "", "", 0, "{\"count\": 0}")]
    [InlineData("host_memory.wasm", "run_test", "Frodo", "", 1, "to_upper")]
    [InlineData("log.wasm", "run_test", "", "", 0, "")]
    [InlineData("var.wasm", "run_test", "", "", 0, "a: 0")]
    public async Task Every_plug_in_of_others_answers_as_its_table_says(string file, string function, string input, string configuration, int code, string said)
    {
        string[] config = configuration.Length > 0 ? ["--config", configuration] : [];
        ProgramResult result = await Cli.RunAsync(["module", "call", Plugin(file), function, "--input", input, .. config]);
        Assert.Equal(code, result.ExitCode);
        if (said.Length > 0) Assert.Contains(said, code == 0 ? result.Output : result.Error, StringComparison.Ordinal);
        else Assert.Empty(result.Output);
    }

    [Fact]
    public void The_table_has_a_row_for_every_plug_in()
    {
        string[] rows = [.. typeof(ModuleTests).GetMethod(nameof(Every_plug_in_of_others_answers_as_its_table_says))!.GetCustomAttributes(typeof(InlineDataAttribute), inherit: false)
            .Select(static row => (string)((InlineDataAttribute)row).Data[0]!)];
        Assert.All(Directory.EnumerateFiles(TestData.Folder("data/extism"), "*.wasm"), file => Assert.Contains(Path.GetFileName(file), rows));
    }

    [Fact]
    public async Task What_a_plug_in_logs_goes_to_standard_error()
    {
        ProgramResult result = await Cli.RunAsync("module", "call", Plugin("log.wasm"), "run_test");
        Assert.Contains("info: this is a", result.Error, StringComparison.Ordinal);
        Assert.Contains("error: this is a", result.Error, StringComparison.Ordinal);
        Assert.Contains("warn: this is a", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_answer_can_be_a_document()
    {
        ProgramResult result = await Cli.RunAsync("module", "call", Plugin("var.wasm"), "run_test", "--json");
        using JsonDocument document = JsonDocument.Parse(result.Output);
        Assert.Equal("sirsi.module-call/1", document.RootElement.GetProperty("schema").GetString());
        Assert.StartsWith("a: 0", Encoding.UTF8.GetString(document.RootElement.GetProperty("output").GetBytesFromBase64()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_function_that_is_not_there_is_named_with_those_that_are()
    {
        ProgramResult result = await Cli.RunAsync("module", "call", Plugin("var.wasm"), "nothing");
        Assert.Equal(ExitCode.Failed, result.ExitCode);
        Assert.Contains("run_test", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_stop_a_plug_in_with_the_reason()
    {
        ProgramResult result = await Cli.RunAsync("module", "call", Plugin("alloc.wasm"), "run_test", "--fuel", "10");
        Assert.Equal(ExitCode.Failed, result.ExitCode);
        Assert.Contains("fuel", result.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_input_can_be_a_file()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "input.txt");
        await File.WriteAllTextAsync(file, "Hello World", TestContext.Current.CancellationToken);
        ProgramResult result = await Cli.RunAsync("module", "call", Plugin("alloc.wasm"), "run_test", "--input", "@" + file);
        Assert.Equal((ExitCode.Ok, ""), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task Wrong_use_is_refused()
    {
        Assert.Equal(ExitCode.Usage, (await Cli.RunAsync("module", "call", Plugin("var.wasm"), "run_test", "--config", "x")).ExitCode);
        Assert.Equal(ExitCode.Failed, (await Cli.RunAsync("module", "call", Plugin("var.wasm"), "run_test", "--input", "@/no/such/file")).ExitCode);
        Assert.Equal(ExitCode.Usage, (await Cli.RunAsync("module", "call")).ExitCode);
    }
}
