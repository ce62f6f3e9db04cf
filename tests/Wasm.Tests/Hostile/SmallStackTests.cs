namespace Sirsi.Wasm.Tests.Hostile;

/// <summary>
/// Deep recursion on threads with little stack, with a guest stack that is larger than the thread's. What goes wrong here ends the process: it is run
/// in one of its own.
/// </summary>
public sealed class SmallStackTests
{
    [Fact]
    public async Task Deep_recursion_on_a_small_thread_ends_in_a_trap()
    {
        string program = typeof(SmallStackTests).Assembly.Location;
        string[] arguments = ["exec", program, "-explicit", "only", "-class", typeof(SmallStackTests).FullName!];
        ProgramResult result = await ChildProcess.RunAsync("dotnet", arguments);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Contains("Total: 8, Errors: 0, Failed: 0, Skipped: 0, Not Run: 1", result.Output, StringComparison.Ordinal);
    }

    [Theory(Explicit = true)]
    [InlineData(WasmEngineKind.Interpreter, 256)]
    [InlineData(WasmEngineKind.Interpreter, 1_024)]
    [InlineData(WasmEngineKind.Compiler, 256)]
    [InlineData(WasmEngineKind.Compiler, 512)]
    [InlineData(WasmEngineKind.Compiler, 1_024)]
    [InlineData(WasmEngineKind.Auto, 256)]
    [InlineData(WasmEngineKind.Auto, 1_024)]
    public void Deep_recursion_traps(WasmEngineKind kind, int kilobytes)
    {
        (string Name, byte[] Code, (int, byte)[] Locals)[] functions =
        [
            ("direct", [0x20, 0, 0x41, 1, 0x6A, 0x10, 1], []),
            ("indirect", [0x20, 0, 0x41, 0, 0x11, 0, 0], []),
            ("through the host", [0x20, 0, 0x10, 0], []),
            ("with many locals", [0x20, 0, 0x10, 4], [(400, 0x7B)]),
            ("with a try_table", [0x1F, 0x7F, 0, 0x20, 0, 0x10, 5, 0x0B], []),
            ("in turns", [0x20, 0, 0x10, 5, 0x10, 6], []),
        ];
        var writer = new ModuleWriter();
        int type = writer.Type([ModuleWriter.I32], [ModuleWriter.I32]);
        writer.Import("host", "again", type);
        writer.Table(2);
        foreach ((string name, byte[] code, (int, byte)[] locals) in functions) writer.Function(name, type, code, locals);
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { Engine = kind });
        var linker = new WasmLinker(engine);
        linker.DefineFunction("host", "again", static (WasmCall call, int depth) =>
            call.Caller!.Function("through the host")!.Invoke(call, WasmValue.I32(depth + 1))[0].AsI32);
        WasmInstance instance = linker.Instantiate(engine.Load(writer.Bytes()));
        foreach ((string name, _, _) in functions)
            Assert.Equal(WasmTrapKind.StackExhausted, OnThread(kilobytes, () => Recurse(instance, name)));
    }

    private static WasmTrapKind? Recurse(WasmInstance instance, string name)
    {
        using var call = new WasmCall(instance.Module.Engine, new WasmBudget { StackBytes = 256 << 20, Fuel = 200_000_000 });
        try
        {
            instance.Function(name)!.Invoke(call, WasmValue.I32(0));
            return null;
        }
        catch (WasmTrap trap)
        {
            return trap.Kind;
        }
    }

    private static WasmTrapKind? OnThread(int kilobytes, Func<WasmTrapKind?> work)
    {
        WasmTrapKind? ended = null;
        var thread = new Thread(() => ended = work(), kilobytes << 10);
        thread.Start();
        thread.Join();
        return ended;
    }
}
