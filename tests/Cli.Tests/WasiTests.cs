namespace Sirsi.Cli.Tests;

/// <summary>Programs that reach the outside through WASI, as <c>sirsi wasm run</c> lets them.</summary>
public sealed class WasiTests : IDisposable
{
    /// <summary>Prints its arguments, a line each, then its variables, then what it reads from a file of the first folder granted.</summary>
    private const string Teller = """
        (module
          (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1)
          (data (i32.const 512) "note.txt")

          (func $print (param $descriptor i32) (param $at i32) (param $length i32)
            (i32.store (i32.const 0) (local.get $at))
            (i32.store (i32.const 4) (local.get $length))
            (drop (call $write (local.get $descriptor) (i32.const 0) (i32.const 1) (i32.const 8))))
          (func $copy (param $from i32)
            (i32.store (i32.const 0) (i32.const 4096))
            (i32.store (i32.const 4) (i32.const 100))
            (drop (call $read (local.get $from) (i32.const 0) (i32.const 1) (i32.const 8)))
            (call $print (i32.const 1) (i32.const 4096) (i32.load (i32.const 8))))

          (func (export "_start") (local $code i32)
            (drop (call $args_sizes (i32.const 16) (i32.const 20)))
            (drop (call $args (i32.const 1024) (i32.const 2048)))
            (call $print (i32.const 1) (i32.const 2048) (i32.load (i32.const 20)))
            (drop (call $environ_sizes (i32.const 16) (i32.const 20)))
            (drop (call $environ (i32.const 1024) (i32.const 2048)))
            (call $print (i32.const 2) (i32.const 2048) (i32.load (i32.const 20)))
            (call $copy (i32.const 0))
            (local.set $code (call $open (i32.const 3) (i32.const 0) (i32.const 512) (i32.const 8) (i32.const 0) (i64.const 2) (i64.const 2) (i32.const 0) (i32.const 24)))
            (if (local.get $code) (then (call $exit (local.get $code))))
            (call $copy (i32.load (i32.const 24)))
            (call $exit (i32.const 7))))
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_program_written_as_text_prints_to_standard_output()
    {
        ProgramResult result = await Cli.RunAsync("wasm", "run", Path.Combine(Repository.Root, "samples", "wasm", "hello.wat"));
        Assert.Equal((ExitCode.Ok, "Hello from a sandbox.\n", ""), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public async Task A_program_gets_the_arguments_variables_and_folders_granted_and_ends_with_its_own_exit_code()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "skipped: folders can be granted on Linux only");
        string program = _folder.Write("tell.wat", Teller);
        _folder.Write("data/note.txt", "a note");
        ProgramResult result = await Cli.RunAsync(
            "wasm", "run", program, "one", "--dir", _folder.File("data") + "::/in", "--env", "B=2", "--env", "A=0", "--env", "A=1", "--", "--dir", "two words");
        Assert.Equal(7, result.ExitCode);
        Assert.Equal("tell.wat\0one\0--dir\0two words\0a note", result.Output);
        Assert.Equal("A=1\0B=2\0", result.Error);
    }

    [Fact]
    public async Task What_is_not_granted_is_not_there()
    {
        ProgramResult result = await Cli.RunAsync("wasm", "run", _folder.Write("tell.wat", Teller));
        const int BadDescriptor = 8;
        Assert.Equal((BadDescriptor, "tell.wat\0", ""), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public async Task A_folder_that_does_not_exist_cannot_be_granted()
    {
        ProgramResult result = await Cli.RunAsync("wasm", "run", _folder.Write("tell.wat", Teller), "--dir", _folder.File("none"));
        Assert.Equal(ExitCode.Usage, result.ExitCode);
        Assert.Contains("cannot be opened", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_module_that_is_no_program_is_refused_with_its_functions()
    {
        ProgramResult result = await Cli.RunAsync("wasm", "run", _folder.Write("m.wat", "(func (export \"f\"))"));
        Assert.Equal(ExitCode.Failed, result.ExitCode);
        Assert.Contains("Its functions: f.", result.Error, StringComparison.Ordinal);
    }
}
