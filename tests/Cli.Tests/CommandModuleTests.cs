using System.Text.Json;
using Sirsi.Cli.Tests.Agents;

namespace Sirsi.Cli.Tests;

/// <summary>Modules that are WASI commands: called by hand, inspected, and as agents.</summary>
public sealed class CommandModuleTests : IDisposable
{
    /// <summary>Prints its input; says it to standard error and exits with 4 when it begins with "!".</summary>
    private const string Echo = """
        (module
          (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1)
          (func $print (param $descriptor i32)
            (i32.store (i32.const 4) (i32.load (i32.const 8)))
            (drop (call $write (local.get $descriptor) (i32.const 0) (i32.const 1) (i32.const 12))))
          (func (export "_start")
            (i32.store (i32.const 0) (i32.const 1024))
            (i32.store (i32.const 4) (i32.const 1000))
            (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
            (if (i32.eq (i32.load8_u (i32.const 1024)) (i32.const 33)) (then (call $print (i32.const 2)) (call $exit (i32.const 4))))
            (call $print (i32.const 1))))
        """;

    private readonly House _house = new();

    public void Dispose() => _house.Dispose();

    [Fact]
    public async Task A_command_is_called_with_its_input_and_writes_its_output()
    {
        string file = _house.Write("echo.wat", Echo);
        ProgramResult said = await Cli.RunAsync("module", "call", file, "_start", "--input", "Hello");
        Assert.Equal((ExitCode.Ok, "Hello", ""), (said.ExitCode, said.Output, said.Error));
        ProgramResult failed = await Cli.RunAsync("module", "call", file, "_start", "--input", "!no");
        Assert.Equal((ExitCode.Failed, ""), (failed.ExitCode, failed.Output));
        Assert.Contains("!no", failed.Error, StringComparison.Ordinal);
        Assert.Contains("ended with exit code 4", failed.Error, StringComparison.Ordinal);
        Assert.Contains("_start", (await Cli.RunAsync("module", "call", file, "run")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspecting_a_module_says_which_kind_it_is()
    {
        string file = _house.Write("echo.wat", Echo);
        ProgramResult shown = await Cli.RunAsync("module", "inspect", file);
        Assert.Contains("WASI command", shown.Output, StringComparison.Ordinal);
        Assert.Contains("runs anew for each message", shown.Output, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse((await Cli.RunAsync("module", "inspect", file, "--json")).Output);
        Assert.Equal("command", document.RootElement.GetProperty("kind").GetString());
    }

    [Fact]
    public async Task A_command_is_an_agent_like_any_other()
    {
        await _house.AddAsync("echo", Echo);
        await _house.DoAsync("session", "open", "--name", "demo");
        string id = (await _house.AskAsync("agent", "spawn", "echo", "--session", "demo")).GetProperty("id").GetString()!;
        Assert.Equal("Hello", await _house.DoAsync("agent", "ask", id, "say", "--payload", "Hello"));
        ProgramResult failed = await _house.RunAsync("agent", "ask", id, "say", "--payload", "!no");
        Assert.Equal(ExitCode.Failed, failed.ExitCode);
        Assert.Contains("exit code 4: !no", failed.Error, StringComparison.Ordinal);
        Assert.Contains($"info: {id}: !no", failed.Error, StringComparison.Ordinal);
    }
}
