using Sirsi.Wasm.Extism;

namespace Sirsi.Wasm.Tests;

/// <summary>The functions of the ABI one by one, as a well and as a badly behaved plug-in uses them.</summary>
public sealed class ExtismAbiTests
{
    private static readonly string[] Flags = ["-nostdlib", "-ffreestanding", "-Wl,--no-entry"];
    private static readonly ExtismOptions Options = new(TimeProvider.System);

    [Theory, InlineData(0), InlineData(1), InlineData(7), InlineData(8), InlineData(9), InlineData(100_001)]
    public void Input_comes_back_as_output_by_words_and_bytes(int length)
    {
        using ExtismPlugin plugin = Plugin();
        var input = new byte[length];
        new Random(length).NextBytes(input);
        Assert.Equal(input, plugin.Call("echo", input));
        Assert.Equal(input, plugin.Call("input_in_place", input));
    }

    [Fact]
    public void The_run_time_is_initialized_once_and_anew_after_a_stop()
    {
        using ExtismPlugin plugin = Plugin();
        Assert.Equal(1, Number(plugin, "initializations"));
        Assert.Equal(1, Number(plugin, "initializations"));
        Assert.Throws<ExtismException>(() => plugin.Call("trap", []));
        Assert.Equal(1, Number(plugin, "initializations"));
    }

    [Fact]
    public void Codes_and_error_texts_become_exceptions()
    {
        using ExtismPlugin plugin = Plugin();
        Assert.Equal((42, "The plug-in gave the code 42."), Failure(plugin, "code"));
        Assert.Equal((0, "said, and gave no code"), Failure(plugin, "silent_error"));
        Assert.Equal((-1, "said before the trap"), Failure(plugin, "trap"));
        Assert.Empty(plugin.Call("unsaid_error", []));
        Assert.Equal(WasmTrapKind.Unreachable, Assert.Throws<ExtismException>(() => plugin.Call("trap", [])).Trap!.Kind);
    }

    [Theory]
    [InlineData("giant"), InlineData("double_free"), InlineData("wild_offsets"), InlineData("reset_all"), InlineData("churn")]
    public void What_a_hostile_plug_in_tries_has_no_effect(string function)
    {
        using ExtismPlugin plugin = Plugin();
        Assert.Empty(plugin.Call(function, "input"u8));
    }

    [Theory]
    [InlineData("wild_output", "output_set"), InlineData("huge_output", "output_set"), InlineData("wild_error", "error_set")]
    [InlineData("wild_key", "config_get"), InlineData("wild_log", "log"), InlineData("wild_variable", "var_set")]
    public void An_offset_that_is_no_block_ends_the_call_with_the_function_s_name(string function, string named)
    {
        using ExtismPlugin plugin = Plugin();
        Assert.StartsWith(named, Failure(plugin, function).Message, StringComparison.Ordinal);
        Assert.Equal("still alive"u8, plugin.Call("echo", "still alive"u8));
    }

    [Fact]
    public void Blocks_are_limited_by_pages_and_by_number()
    {
        using ExtismPlugin pages = Plugin(manifest => manifest with { MemoryPagesMax = 64 });
        Assert.Equal(3, Number(pages, "exhaust"));
        Assert.Equal(((64 * 65_536) - 16) / 1_024, Number(pages, "exhaust_small"));
        Assert.Equal(3, Number(pages, "exhaust"));
        using ExtismPlugin blocks = Plugin(options: Options with { BlocksMax = 1_000 });
        Assert.Equal(1_000, Number(blocks, "exhaust_blocks"));
        Assert.Contains("no room", Failure(pages, "echo", new byte[5 << 20]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_never_overlaps_another_whatever_is_allocated_and_freed() => Check.That(5, 50, static random =>
    {
        var memory = new ExtismMemory(new WasmEngine(TimeProvider.System), 1_000);
        var blocks = new SortedDictionary<ulong, ulong>();
        for (int i = 0; i < 500; i++)
        {
            if (blocks.Count > 0 && random.Next(3) == 0)
            {
                ulong freed = blocks.Keys.ElementAt(random.Next(blocks.Count));
                memory.Free(freed);
                blocks.Remove(freed);
                continue;
            }

            ulong length = (ulong)random.NextInt64(1, 1L << random.Next(1, 16));
            ulong offset = memory.Allocate(length);
            Assert.NotEqual(0UL, offset);
            Assert.Equal(length, memory.Length(offset));
            Assert.DoesNotContain(offset, blocks.Keys);
            blocks.Add(offset, length);
        }

        ulong end = 1;
        foreach ((ulong offset, ulong length) in blocks)
        {
            Assert.True(offset >= end, "two blocks overlap");
            end = offset + length;
        }
    });

    [Fact]
    public void A_plug_in_stops_at_its_time_out_and_when_cancelled()
    {
        using ExtismPlugin plugin = Plugin(static manifest => manifest with { Timeout = TimeSpan.FromMilliseconds(50) });
        ExtismException late = Assert.Throws<ExtismException>(() => plugin.Call("spin", []));
        Assert.Equal(WasmTrapKind.DeadlineExceeded, late.Trap!.Kind);
        Assert.Contains("time-out", late.Message, StringComparison.Ordinal);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Equal(
            WasmTrapKind.Cancelled, Assert.Throws<ExtismException>(() => plugin.Call("spin", [], cancelled.Token)).Trap!.Kind);
        Assert.Equal("x"u8, plugin.Call("echo", "x"u8));
    }

    [Fact]
    public void A_plug_in_out_of_fuel_stops()
    {
        using ExtismPlugin plugin = Plugin(options: Options with { Engine = new() { Budget = new() { Fuel = 100_000 } } });
        Assert.Equal(WasmTrapKind.OutOfFuel, Assert.Throws<ExtismException>(() => plugin.Call("spin", [])).Trap!.Kind);
    }

    [Fact]
    public void Variables_are_kept_removed_and_limited()
    {
        using ExtismPlugin plugin = Plugin(static manifest => manifest with { VariableBytesMax = 151 });
        Assert.Empty(plugin.Call("recall", []));
        plugin.Call("remember", "a value"u8);
        Assert.Equal("a value"u8, plugin.Call("recall", []));
        Assert.Contains("151", Failure(plugin, "remember", new byte[101]).Message, StringComparison.Ordinal);
        Assert.Equal("a value"u8, plugin.Call("recall", []));
        plugin.Call("remember", new byte[100]);
        Assert.Equal(100, plugin.Call("recall", []).Length);
        plugin.Call("forget", []);
        Assert.Empty(plugin.Call("recall", []));
        Assert.Throws<InvalidOperationException>(() => plugin.SetVariable("b", new byte[200]));
    }

    [Fact]
    public void Long_messages_are_cut_and_the_level_is_told()
    {
        var logged = new List<string>();
        using ExtismPlugin plugin = Plugin(options: Options with { Log = (_, text) => logged.Add(text) });
        plugin.Call("chatter", []);
        Assert.Equal(16_384, Assert.Single(logged).Length);
        Assert.Equal(2, Number(plugin, "level"));
    }

    [Fact]
    public void Modules_of_a_manifest_are_linked_by_name_and_checked_by_hash()
    {
        byte[] bytes = CPrograms.Wasm("plugin", Flags);
        var writer = new ModuleWriter();
        int type = writer.Type([], [ModuleWriter.I32]);
        int code = writer.Import("part", "code", type);
        writer.Function("relay", type, [0x10, (byte)code]);
        string hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
        var manifest = new ExtismManifest { Modules = [new(writer.Bytes(), "main"), new(bytes, "part", hash)] };
        using var plugin = new ExtismPlugin(manifest, Options);
        Assert.Equal(42, Failure(plugin, "relay").Code);
        ExtismModule forged = manifest.Modules[1] with { Sha256 = new string('0', 64) };
        Assert.Contains(
            "hash",
            Assert.Throws<ExtismException>(() => new ExtismPlugin(manifest with { Modules = [forged] }, Options)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_plug_in_sees_the_allowed_folders_and_no_others()
    {
        using var folder = new TemporaryFolder();
        ExtismManifest manifest = ExtismManifest.Of(CPrograms.Wasm("files")) with { UsesWasi = true };
        using var closed = new ExtismPlugin(manifest, Options);
        Assert.Equal(1, Failure(closed, "_start").Code);
        using var reading = new ExtismPlugin(manifest with { AllowedPaths = [new(folder.Path, "/data")] }, Options);
        Assert.Equal(1, Failure(reading, "_start").Code);
        using var writing = new ExtismPlugin(manifest with { AllowedPaths = [new(folder.Path, "/data", IsWritable: true)] }, Options);
        Assert.Empty(writing.Call("_start", []));
    }

    internal static ExtismPlugin Plugin(Func<ExtismManifest, ExtismManifest>? change = null, ExtismOptions? options = null)
    {
        ExtismManifest manifest = ExtismManifest.Of(CPrograms.Wasm("plugin", Flags));
        return new(change is null ? manifest : change(manifest), options ?? Options);
    }

    private static long Number(ExtismPlugin plugin, string function) => BitConverter.ToInt64(plugin.Call(function, []));

    private static (int Code, string Message) Failure(ExtismPlugin plugin, string function, byte[]? input = null)
    {
        ExtismException failure = Assert.Throws<ExtismException>(() => plugin.Call(function, input ?? []));
        return (failure.ExitCode, failure.Message);
    }
}
