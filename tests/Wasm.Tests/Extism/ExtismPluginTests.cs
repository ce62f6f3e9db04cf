using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sirsi.Wasm.Extism;

namespace Sirsi.Wasm.Tests;

/// <summary>Plug-ins that other people compiled with public kits run as they are, and answer what that project's own tests say.</summary>
public sealed class ExtismPluginTests
{
    private static readonly ExtismOptions Options = new(TimeProvider.System);

    [Fact]
    public void A_plug_in_that_allocates_and_frees_ends_well()
    {
        using ExtismPlugin plugin = Plugin("alloc");
        Assert.Empty(plugin.Call("run_test", []));
    }

    [Fact]
    public void A_plug_in_s_own_error_text_is_the_exception_s()
    {
        using ExtismPlugin plugin = Plugin("fail");
        Assert.Equal("Some error message", Assert.Throws<ExtismException>(() => plugin.Call("run_test", [])).Message);
        Assert.Equal("Some error message", Assert.Throws<ExtismException>(() => plugin.Call("run_test", [])).Message);
    }

    [Theory, InlineData("abc", 1), InlineData("", 2)]
    public void A_command_s_exit_code_is_in_the_exception(string code, int expected)
    {
        using ExtismPlugin plugin = Plugin("exit", config: ("code", code));
        ExtismException ended = Assert.Throws<ExtismException>(() => plugin.Call("_start", []));
        Assert.Equal(expected, ended.ExitCode);
        Assert.Contains($"exit code {expected}", ended.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plug_in_calls_a_function_of_the_host_s_own_and_gives_what_it_got()
    {
        var seen = new List<string>();
        using ExtismPlugin plugin = Plugin("code-functions", Options with
        {
            Functions =
            [
                ExtismFunction.FromText("hello_world", (_, text) =>
                {
                    seen.Add(text);
                    return "{\"count\": 3}";
                }),
            ],
        });
        Assert.Equal("{\"count\": 3}", Text(plugin.Call("count_vowels", "Hello World"u8)));
        Assert.Equal("{\"count\": 3}", Text(plugin.Call("count_vowels", "another"u8)));
        Assert.Equal(2, seen.Count);
        using JsonDocument given = JsonDocument.Parse(seen[0]);
        Assert.Equal(3, given.RootElement.GetProperty("count").GetInt32());
    }

    [Fact]
    public void A_plug_in_reads_its_configuration()
    {
        using ExtismPlugin plugin = Plugin("config", config: ("thing", "hello from the host"));
        Assert.Contains("hello from the host", Text(plugin.Call("run_test", [])), StringComparison.Ordinal);
        using ExtismPlugin without = Plugin("config");
        Assert.DoesNotContain("hello", Text(without.Call("run_test", [])), StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_pass_between_a_plug_in_and_functions_of_another_module()
    {
        using ExtismPlugin plugin = Plugin("float", Options with
        {
            Functions =
            [
                ExtismFunction.From("getf64", WasmFunction.FromHost(static () => 100.5), "example"),
                ExtismFunction.From("getf32", WasmFunction.FromHost(static () => 100.5f), "example"),
            ],
        });
        Assert.Equal(BitConverter.GetBytes(101.5), plugin.Call("addf64", []));
        Assert.Equal(BitConverter.GetBytes(101.5f), plugin.Call("addf32", []));
    }

    [Fact]
    public void A_reactor_is_initialized_once_and_keeps_its_globals()
    {
        using ExtismPlugin plugin = Plugin("globals");
        for (int i = 0; i < 1_000; i++)
        {
            using JsonDocument answer = JsonDocument.Parse(plugin.Call("globals", []));
            Assert.Equal(i, answer.RootElement.GetProperty("count").GetInt32());
        }
    }

    [Fact]
    public void A_host_function_changes_a_block_of_the_plug_in_in_place()
    {
        using ExtismPlugin plugin = Plugin("host_memory", Options with
        {
            Functions = [ExtismFunction.FromText("to_upper", static (_, text) => text.ToUpperInvariant(), "host")],
        });
        Assert.Equal("HELLO FRODO!", Text(plugin.Call("run_test", "Frodo"u8)));
    }

    [Theory]
    [InlineData(ExtismLogLevel.Trace, "Debug Info Warn Error")]
    [InlineData(ExtismLogLevel.Warn, "Warn Error")]
    [InlineData(ExtismLogLevel.Off, "")]
    public void What_a_plug_in_logs_goes_to_the_sink_from_the_level_on(ExtismLogLevel level, string expected)
    {
        var logged = new List<(ExtismLogLevel Level, string Text)>();
        using ExtismPlugin plugin = Plugin("log", Options with { LogLevel = level, Log = (at, text) => logged.Add((at, text)) });
        plugin.Call("run_test", []);
        Assert.Equal(expected, string.Join(' ', logged.Select(static line => line.Level)));
        Assert.All(logged, static line => Assert.Contains("this is a", line.Text, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Variables_live_from_call_to_call_and_belong_to_one_plug_in()
    {
        using ExtismPlugin first = Plugin("var");
        using ExtismPlugin second = Plugin("var");
        Assert.Equal("a: 0", Text(first.Call("run_test", [])));
        first.SetVariable("a", BitConverter.GetBytes(10));
        Assert.Equal("a: 10", Text(first.Call("run_test", [])));
        Assert.Equal("a: 20", Text(first.Call("run_test", [])));
        Assert.Equal(40, BitConverter.ToInt32(first.Variable("a")));
        Assert.Equal("a: 0", Text(second.Call("run_test", [])));
        Assert.Null(second.Variable("b"));
    }

    [Fact]
    public void Variables_can_be_switched_off()
    {
        using var plugin = new ExtismPlugin(Manifest("var") with { VariableBytesMax = 0 }, Options);
        Assert.Contains("no variables", Assert.Throws<ExtismException>(() => plugin.Call("run_test", [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_wasi_in_the_manifest_a_plug_in_cannot_import_it()
    {
        using var plugin = new ExtismPlugin(Manifest("globals") with { UsesWasi = false }, Options);
        Assert.Equal(WasmErrorKind.Unlinkable, Assert.Throws<WasmException>(() => plugin.Call("globals", [])).Kind);
    }

    [Fact]
    public void A_function_that_is_not_there_is_named()
    {
        using ExtismPlugin plugin = Plugin("alloc");
        Assert.True(plugin.HasFunction("run_test"));
        Assert.False(plugin.HasFunction("memory"));
        Assert.Contains("\"nothing\"", Assert.Throws<ExtismException>(() => plugin.Call("nothing", [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plug_in_calling_itself_through_the_host_is_refused()
    {
        ExtismPlugin? plugin = null;
        using var made = plugin = Plugin("code-functions", Options with
        {
            Functions = [ExtismFunction.FromBytes("hello_world", (_, bytes) => plugin!.Call("count_vowels", bytes))],
        });
        Assert.Contains(
            "under way", Assert.Throws<ExtismException>(() => made.Call("count_vowels", "a"u8)).Message, StringComparison.Ordinal);
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static ExtismManifest Manifest(string name, params (string Key, string Value)[] config) =>
        ExtismManifest.Of(File.ReadAllBytes(TestData.File($"data/extism/{name}.wasm"))) with
        {
            UsesWasi = true,
            Config = config.ToImmutableDictionary(static pair => pair.Key, static pair => pair.Value, StringComparer.Ordinal),
        };

    private static ExtismPlugin Plugin(string name, ExtismOptions? options = null, params (string Key, string Value)[] config) =>
        new(Manifest(name, config), options ?? Options);
}
