using System.Text.Json;
using Sirsi.Cli.Tests.Agents;

namespace Sirsi.Cli.Tests;

/// <summary>Values for a module's configuration, kept by <c>sirsi module configure</c> and read by its agents.</summary>
public sealed class ConfigureTests : IDisposable
{
    private const string Members = "configuration: { word: { type: text, required: true }, level: { type: integer, default: 2 }, token: { type: secret } }\n";

    /// <summary>Answers with the value of the name it is sent.</summary>
    private const string Teller = """
        (module
          (import "extism:host/env" "input_offset" (func $input (result i64)))
          (import "extism:host/env" "length" (func $length (param i64) (result i64)))
          (import "extism:host/env" "output_set" (func $output (param i64 i64)))
          (import "extism:host/env" "config_get" (func $config (param i64) (result i64)))
          (func (export "on_message") (result i32) (local $value i64)
            (local.set $value (call $config (call $input)))
            (call $output (local.get $value) (call $length (local.get $value)))
            (i32.const 0)))
        """;

    private readonly House _house = new();

    public void Dispose() => _house.Dispose();

    [Fact]
    public async Task A_module_s_values_are_checked_kept_and_given_to_its_agents()
    {
        await _house.AddAsync("teller", Teller, Members);
        await _house.DoAsync("session", "open", "--name", "demo");
        Assert.Contains("'word' is required", (await _house.RunAsync("agent", "spawn", "teller", "--session", "demo")).Error, StringComparison.Ordinal);
        ProgramResult wrong = await RunAsync("teller", "level=high", "wrod=x");
        Assert.Equal(ExitCode.Failed, wrong.ExitCode);
        Assert.Contains("SIRSI-3030", wrong.Error, StringComparison.Ordinal);
        Assert.Contains("did you mean 'word'?", wrong.Error, StringComparison.Ordinal);
        ProgramResult inTheClear = await RunAsync("teller", "token=hunter2");
        Assert.Equal(ExitCode.Failed, inTheClear.ExitCode);
        Assert.DoesNotContain("hunter2", inTheClear.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, (await RunAsync("teller", "word")).ExitCode);

        ProgramResult done = await RunAsync("teller", "word=hello", "token=secret:shop/token");
        Assert.Matches("level +integer +2 +default", done.Output);
        Assert.Matches("word +text +hello +set", done.Output);
        string id = (await _house.AskAsync("agent", "spawn", "teller", "--session", "demo")).GetProperty("id").GetString()!;
        Assert.Equal("hello", await _house.DoAsync("agent", "ask", id, "tell", "--payload", "word"));
        Assert.Equal("${secret:shop/token}", await _house.DoAsync("agent", "ask", id, "tell", "--payload", "token"));
        await RunAsync("teller", "level=7", "--unset", "token");
        Assert.Equal("7", await _house.DoAsync("agent", "ask", id, "tell", "--payload", "level"));

        using JsonDocument shown = JsonDocument.Parse((await RunAsync("teller", "--json")).Output);
        Assert.Equal("sirsi.module-configuration/1", shown.RootElement.GetProperty("schema").GetString());
        Assert.Equal(["level 7 True", "token  False", "word hello True"], shown.RootElement.GetProperty("values").EnumerateArray()
            .Select(static value => $"{value.GetProperty("name").GetString()} {value.GetProperty("value").GetString()} {value.GetProperty("set").GetBoolean()}"));
        Assert.Empty(shown.RootElement.GetProperty("missing").EnumerateArray());
    }

    [Fact]
    public async Task Activating_sets_values_and_tells_those_still_needed()
    {
        await _house.AddAsync("teller", Teller, Members);
        ProgramResult activated = await _house.RunAsync("module", "activate", "teller", "--config", "level=3");
        Assert.Equal(ExitCode.Ok, activated.ExitCode);
        Assert.Contains("still needed: word", activated.Error, StringComparison.Ordinal);
        Assert.Contains("Still needed: word", (await RunAsync("teller")).Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, (await _house.RunAsync("module", "activate", "teller", "--config", "level=x")).ExitCode);
        Assert.Equal("", (await _house.RunAsync("module", "activate", "teller", "--config", "word=y")).Error);
        Assert.Equal(ExitCode.Failed, (await RunAsync("nobody", "a=b")).ExitCode);
    }

    private Task<ProgramResult> RunAsync(params string[] arguments) => Cli.RunAsync(["module", "configure", .. arguments, "--home", _house.Home]);
}
