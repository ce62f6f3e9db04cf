using System.Text.Json;

namespace Sirsi.Cli.Tests;

public sealed class WasmTests : IDisposable
{
    private const string Arithmetic = """
        (module $sums
          (func (export "half") (param f64) (result f64) (f64.mul (local.get 0) (f64.const 0.5)))
          (func (export "both") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
          (func $inner (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
          (func (export "inverse") (param i32) (result i32) (call $inner (local.get 0)))
          (func (export "forever") (loop (br 0)))
          (memory (export "memory") 1)
          (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_function_is_run_and_its_results_are_shown_with_their_types()
    {
        ProgramResult result = await Cli.RunAsync("wasm", "run", Sample("fib.wat"), "--invoke", "fib", "20");
        Assert.Equal((ExitCode.Ok, "i32 6765\n", ""), (result.ExitCode, result.Output, result.Error));
        Assert.Equal("i64 -5\ni32 -1\n", (await Run("both", "0xffffffff", "-5")).Output);
        Assert.Equal("f64 -0.75\n", (await Run("half", "-0x1.8p0")).Output);
    }

    [Theory]
    [InlineData("half is (f64) -> (f64) and takes 1 argument, not 0", "half")]
    [InlineData("Argument 1 of half is f64; 'x' is not", "half", "x")]
    [InlineData("Argument 1 of both is i32; '4294967296' is not", "both", "4294967296", "1")]
    [InlineData("exports no function 'nothing'", "nothing")]
    [InlineData("half, both, inverse", "memory")]
    public async Task An_argument_that_does_not_fit_is_refused(string message, string function, params string[] arguments)
    {
        ProgramResult result = await Run(function, arguments);
        Assert.NotEqual(ExitCode.Ok, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trap_is_told_with_the_guest_s_stack()
    {
        ProgramResult result = await Run("inverse", "0");
        Assert.Equal(ExitCode.Failed, result.ExitCode);
        Assert.Matches("SIRSI-6012.*integer divide by zero in sums!inner @0x[0-9a-f]+\n  at sums!inner @0x[0-9a-f]+\n  at sums!inverse @0x", result.Error);
        Assert.DoesNotContain("Sirsi.Wasm", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("out of fuel", "forever", "--fuel", "100000")]
    [InlineData("deadline exceeded", "forever", "--timeout", "0.05")]
    public async Task A_guest_that_does_not_end_is_stopped(string message, string function, params string[] limits)
    {
        ProgramResult result = await Cli.RunAsync(["wasm", "run", _folder.Write("m.wat", Arithmetic), "--invoke", function, .. limits]);
        Assert.Equal(ExitCode.Failed, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_memory_grows_to_what_is_allowed()
    {
        string file = _folder.Write("m.wat", Arithmetic);
        Assert.Equal("i32 -1\n", (await Cli.RunAsync("wasm", "run", file, "--invoke", "grow", "16", "--memory-max-mib", "1")).Output);
        Assert.Equal("i32 1\n", (await Cli.RunAsync("wasm", "run", file, "--invoke", "grow", "15", "--memory-max-mib", "1")).Output);
    }

    [Fact]
    public async Task Equal_frames_of_a_stack_are_shown_once_with_their_number()
    {
        ProgramResult result = await Cli.RunAsync("wasm", "run", Sample("fib.wat"), "--invoke", "fib", "--fuel", "1000", "200");
        Assert.Contains("  (63 times)", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_can_answer_in_JSON()
    {
        using JsonDocument document = JsonDocument.Parse((await Run("both", "1", "2", "--json")).Output);
        Assert.Equal("i64 2, i32 1", string.Join(", ", document.RootElement.GetProperty("results").EnumerateArray()
            .Select(static value => $"{value.GetProperty("type").GetString()} {value.GetProperty("value").GetString()}")));
        Assert.Equal(2, document.RootElement.GetProperty("fuel").GetInt64());
    }

    [Fact]
    public async Task A_module_that_asks_for_more_than_WASI_is_refused_with_all_it_asks_for()
    {
        string file = _folder.Write("m.wat", """(module (import "env" "log" (func (param i32))) (import "env" "m" (memory 1)) (func (export "_start")))""");
        ProgramResult result = await Cli.RunAsync("wasm", "run", file);
        Assert.Equal(ExitCode.Failed, result.ExitCode);
        Assert.Contains("\"env\" \"log\" (function (i32) -> ()), \"env\" \"m\" (memory, 1 to any number of pages)", Unwrapped(result.Error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validation_tells_every_problem_of_a_text_and_the_byte_of_a_binary()
    {
        string good = _folder.Write("good.wat", Arithmetic);
        string text = _folder.Write("bad.wat", "(func (nope))\n(func (call $x))");
        string typed = _folder.Write("typed.wat", "(func (result i32))");
        string binary = _folder.Write("bad.wasm", "\0asm\u0001\0\0\0\u0001\u0009");
        ProgramResult result = await Cli.RunAsync("wasm", "validate", good, text, typed, binary);
        Assert.Equal(ExitCode.Failed, result.ExitCode);
        Assert.Equal(
            [
                "good.wat: valid", "bad.wat:1:8: malformed text: unknown instruction nope", "bad.wat:2:13: malformed text: unknown function $x",
                "typed.wat: invalid: type mismatch: an operand is missing (at byte 24)",
                "bad.wasm: malformed: length out of bounds: unexpected end (at byte 8)",
            ],
            result.Output.Replace(_folder.Path + "/", "", StringComparison.Ordinal).TrimEnd().Split('\n'));
        Assert.Equal(ExitCode.Ok, (await Cli.RunAsync("wasm", "validate", good)).ExitCode);
        using JsonDocument document = JsonDocument.Parse((await Cli.RunAsync("wasm", "validate", typed, "--json")).Output);
        Assert.Equal(24, document.RootElement.GetProperty("modules")[0].GetProperty("problems")[0].GetProperty("offset").GetInt64());
    }

    [Fact]
    public async Task A_text_is_built_into_a_binary_and_written_as_text_again()
    {
        string binary = _folder.File("m.wasm"), text = _folder.File("again.wat");
        Assert.Equal(ExitCode.Ok, (await Cli.RunAsync("wasm", "build", _folder.Write("m.wat", Arithmetic), "-o", binary)).ExitCode);
        Assert.Equal("\0asm"u8.ToArray(), (await File.ReadAllBytesAsync(binary, TestContext.Current.CancellationToken))[..4]);
        Assert.Equal(ExitCode.Ok, (await Cli.RunAsync("wasm", "wat", binary, "-o", text)).ExitCode);
        string printed = (await Cli.RunAsync("wasm", "wat", binary)).Output;
        Assert.Equal(printed, await File.ReadAllTextAsync(text, TestContext.Current.CancellationToken));
        Assert.StartsWith("(module $sums\n  (type $type0 (func (param f64) (result f64)))\n", printed, StringComparison.Ordinal);
        Assert.Equal("i32 5\n", (await Cli.RunAsync("wasm", "run", text, "--invoke", "inverse", "1")).Output.Replace("i32 1", "i32 5", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_not_valid_is_not_built()
    {
        string target = _folder.Write("m.wasm", "kept");
        ProgramResult result = await Cli.RunAsync("wasm", "build", _folder.Write("m.wat", "(func (result i32) (i64.const 0))"), "-o", target);
        Assert.Equal(ExitCode.Failed, result.ExitCode);
        Assert.Contains("SIRSI-6010", result.Error, StringComparison.Ordinal);
        result = await Cli.RunAsync("wasm", "build", _folder.Write("m.wat", "(func"), "-o", target);
        Assert.Contains("SIRSI-6011", result.Error, StringComparison.Ordinal);
        Assert.Equal("kept", await File.ReadAllTextAsync(target, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_inspection_shows_what_a_module_asks_for_needs_and_could_reach()
    {
        string output = (await Cli.RunAsync("wasm", "inspect", Sample("hello.wat"))).Output;
        Assert.Contains("open files, standard input and output", output, StringComparison.Ordinal);
        Assert.Contains("wasi_snapshot_preview1.fd_write", output, StringComparison.Ordinal);
        Assert.Contains("Needs        WebAssembly 2.0 ", output, StringComparison.Ordinal);
        string file = _folder.Write("m.wat", """
            (module (import "env" "log" (func)) (memory 1 2) (memory i64 1) (tag) (global i32 (i32.add (i32.const 1) (i32.const 2)))
              (func (export "f") (return_call 0)))
            """);
        using JsonDocument document = JsonDocument.Parse((await Cli.RunAsync("wasm", "inspect", file, "--json")).Output);
        JsonElement root = document.RootElement;
        Assert.Equal("extended constants, tail calls, multiple memories, memory64, exception handling", Texts(root, "features"));
        Assert.Equal("what a host gives it as \"env\"", Texts(root, "reach"));
        Assert.Equal("memory, 1 to 2 pages, memory, 1 to any number of pages, 64-bit", Texts(root, "storage"));
        Assert.Equal("function", root.GetProperty("exports")[0].GetProperty("kind").GetString());
        Assert.Equal(2, root.GetProperty("counts").GetProperty("memories").GetInt32());
        JsonElement last = root.GetProperty("sections").EnumerateArray().Last();
        Assert.Equal(root.GetProperty("bytes").GetInt64(), last.GetProperty("offset").GetInt64() + last.GetProperty("bytes").GetInt64());
    }

    [Fact]
    public async Task A_function_is_measured()
    {
        using JsonDocument document = JsonDocument.Parse((await Cli.RunAsync("wasm", "bench", Sample("fib.wat"), "--invoke", "fib", "12", "--runs", "4", "--json")).Output);
        JsonElement root = document.RootElement;
        Assert.Equal(4, root.GetProperty("runs").GetInt32());
        Assert.Equal("i32 144", root.GetProperty("results")[0].GetString());
        Assert.InRange(root.GetProperty("medianMs").GetDouble(), root.GetProperty("minMs").GetDouble(), root.GetProperty("maxMs").GetDouble());
        Assert.Equal(4_181, root.GetProperty("fuel").GetInt64());
        Assert.Contains("of 9, ", (await Cli.RunAsync("wasm", "bench", Sample("fib.wat"), "--invoke", "fib", "5")).Output, StringComparison.Ordinal);
    }

    [Theory, InlineData("auto"), InlineData("interpreter"), InlineData("compiler")]
    public async Task Scripts_of_the_suite_are_run_and_counted(string engine)
    {
        ProgramResult result = await Cli.RunAsync("wasm", "spectest", TestData.Folder("wasm-spec/core/i32"), TestData.Folder("wasm-spec/proposals/tail-call/return_call"), "--engine", engine);
        Assert.Equal(ExitCode.Ok, result.ExitCode);
        Assert.Matches(@"assert_return +\d+ +0 +0\s", result.Output);
        Assert.Matches(@"\n\d+ passed, 0 failed, \d+ skipped\n$", result.Output);
    }

    [Fact]
    public async Task A_script_that_fails_is_told_and_the_exit_code_is_1()
    {
        _folder.Write("s/m.wat", "(module)");
        string script = _folder.Write("s/s.json", """{"commands": [{"type": "assert_malformed", "line": 7, "filename": "m.wat", "text": "unexpected", "module_type": "text"}]}""");
        ProgramResult result = await Cli.RunAsync("wasm", "spectest", _folder.File("s"));
        Assert.Equal(ExitCode.Failed, result.ExitCode);
        Assert.EndsWith("0 passed, 1 failed, 0 skipped\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("s:7 assert_malformed: accepted", result.Error, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse((await Cli.RunAsync("wasm", "spectest", script, "--json")).Output);
        Assert.Equal(1, document.RootElement.GetProperty("failed").GetInt32());
    }

    [Theory]
    [InlineData(ExitCode.Failed, "SIRSI-1001", "wasm run missing.wasm")]
    [InlineData(ExitCode.Failed, "SIRSI-1001", "wasm spectest missing")]
    [InlineData(ExitCode.Usage, "SIRSI-6001", "wasm run x.wasm --engine fast")]
    [InlineData(ExitCode.Usage, "SIRSI-6001", "wasm run x.wasm --fuel -1")]
    [InlineData(ExitCode.Usage, "SIRSI-6001", "wasm run x.wasm --timeout 0")]
    [InlineData(ExitCode.Usage, "SIRSI-6001", "wasm run x.wasm --env NAME")]
    [InlineData(ExitCode.Usage, "SIRSI-6001", "wasm bench x.wasm")]
    [InlineData(ExitCode.Usage, "SIRSI-6001", "wasm build x.wat")]
    [InlineData(ExitCode.Usage, "SIRSI-6001", "wasm bench x.wasm --invoke f --runs 0")]
    public async Task A_command_line_or_a_file_that_is_wrong_is_refused_with_a_code(int code, string error, string line)
    {
        ProgramResult result = await Cli.RunAsync(line.Split(' '));
        Assert.Equal(code, result.ExitCode);
        Assert.Contains(error, result.Error, StringComparison.Ordinal);
    }

    private async Task<ProgramResult> Run(string function, params string[] arguments) =>
        await Cli.RunAsync(["wasm", "run", _folder.Write("m.wat", Arithmetic), "--invoke", function, .. arguments]);

    private static string Sample(string name) => Path.Combine(Repository.Root, "samples", "wasm", name);

    private static string Texts(JsonElement root, string name) =>
        string.Join(", ", root.GetProperty(name).EnumerateArray().Select(static text => text.GetString()));

    /// <summary>Long messages are broken between words.</summary>
    private static string Unwrapped(string text) => string.Join(' ', text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
}
