using System.Diagnostics;

namespace Sirsi.Wasm.Tests.Hostile;

/// <summary>Modules whose shape is an attack on the one who loads or compiles them.</summary>
public sealed class HostileShapeTests
{
    /// <summary>A second is what a bad case takes on a busy machine; work that grows with the square would take minutes.</summary>
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(20);

    private const long MostBytes = 250_000_000;

    [Theory]
    [InlineData("pending operands and blocks", 10_000)]
    [InlineData("one expression", 20_000)]
    [InlineData("one expression", 900_000)]
    [InlineData("a deep expression", 7_000)]
    [InlineData("a deep expression", 60_000)]
    [InlineData("nested loops over many locals", 600)]
    [InlineData("nested loops over many locals", 1_000)]
    [InlineData("nested loops over many locals", 9_900)]
    [InlineData("loops in a row over many locals", 200)]
    [InlineData("loops in a row over many locals", 4_000)]
    [InlineData("calls", 600)]
    [InlineData("calls", 60_000)]
    [InlineData("calls of many types", 500)]
    [InlineData("calls of many types", 3_000)]
    [InlineData("selects", 1_000)]
    [InlineData("selects", 30_000)]
    [InlineData("float selects", 20_000)]
    [InlineData("accesses", 1_000)]
    [InlineData("accesses", 30_000)]
    [InlineData("ifs that assign many locals", 800)]
    [InlineData("ifs that assign many locals", 12_000)]
    [InlineData("a br_table", 100_000)]
    [InlineData("br_tables out of deep blocks", 9_000)]
    [InlineData("wide blocks", 30)]
    [InlineData("wide blocks", 150)]
    [InlineData("vectors", 2_000)]
    [InlineData("vectors", 20_000)]
    public void A_costly_body_is_compiled_or_left_alone_in_time_and_gives_the_same(string shape, int count)
    {
        byte[] bytes = Shapes.Named(shape, count);
        (int Result, long Fuel) expected = Run(bytes, WasmEngineKind.Interpreter);
        long before = GC.GetAllocatedBytesForCurrentThread();
        long begin = Stopwatch.GetTimestamp();
        (int Result, long Fuel) found = Run(bytes, WasmEngineKind.Compiler);
        Assert.InRange(Stopwatch.GetElapsedTime(begin), TimeSpan.Zero, Most);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
        Assert.Equal(expected, found);
    }

    [Fact]
    public void Compiling_stops_at_the_deadline()
    {
        // Some ten milliseconds each, and half a minute together.
        var writer = new ModuleWriter();
        int type = writer.Type([ModuleWriter.I32], [ModuleWriter.I32]);
        const int Count = 600;
        byte[] vectors = [.. Enumerable.Range(0, 1_000).SelectMany(static i => (byte[])[0x20, (byte)(1 + (i % 8)), 0x20, (byte)(1 + (i % 5)), 0xFD, 0x6E, 0x21, (byte)(1 + (i % 8))])];
        for (int i = 0; i < Count; i++) writer.Function("f" + i, type, [.. vectors, 0x20, 0], (8, 0x7B));
        writer.Function("all", type, [0x20, 0, .. Enumerable.Range(0, Count).SelectMany(static i => (byte[])[0x10, .. ModuleWriter.Number(i)])]);
        WasmInstance instance = Make(writer, WasmEngineKind.Compiler, new());
        using var call = new WasmCall(instance.Module.Engine, new WasmBudget { Time = TimeSpan.FromMilliseconds(100) });
        long begin = Stopwatch.GetTimestamp();
        WasmTrap trap = Assert.Throws<WasmTrap>(() => instance.Function("all")!.Invoke(call, WasmValue.I32(0)));
        Assert.Equal(WasmTrapKind.DeadlineExceeded, trap.Kind);
        Assert.InRange(Stopwatch.GetElapsedTime(begin), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Theory, MemberData(nameof(EngineEqualityTests.Engines), MemberType = typeof(EngineEqualityTests))]
    public void A_memory_cannot_be_grown_past_its_limit(WasmEngineKind kind)
    {
        var writer = new ModuleWriter();
        int type = writer.Type([ModuleWriter.I32], [ModuleWriter.I32]);
        writer.Memory(1, 65_536);
        writer.Function("grow", type, [0x20, 0, 0x40, 0]);
        WasmInstance instance = Make(writer, kind, new() { MemoryPagesMax = 16 });
        foreach (int pages in new[] { 16, 65_535, 65_536, int.MaxValue, int.MinValue, -1 })
            Assert.Equal(-1, instance.Invoke("grow", WasmValue.I32(pages))[0].AsI32);
        Assert.Equal(1, instance.Invoke("grow", WasmValue.I32(15))[0].AsI32);
        Assert.Equal(-1, instance.Invoke("grow", WasmValue.I32(1))[0].AsI32);
    }

    [Theory, MemberData(nameof(EngineEqualityTests.Engines), MemberType = typeof(EngineEqualityTests))]
    public void Offsets_of_four_gigabytes_trap(WasmEngineKind kind)
    {
        var writer = new ModuleWriter();
        int type = writer.Type([ModuleWriter.I32], [ModuleWriter.I32]);
        writer.Memory(1, 1);
        byte[] far = [0xFF, 0xFF, 0xFF, 0xFF, 0x0F];
        writer.Function("load", type, [0x20, 0, 0x28, 0, .. far]);
        writer.Function("byte", type, [0x20, 0, 0x2D, 0, .. far]);
        writer.Function("store", type, [0x20, 0, 0x41, 1, 0x36, 0, .. far, 0x41, 0]);
        WasmInstance instance = Make(writer, kind, new());
        foreach (string name in new[] { "load", "byte", "store" })
            foreach (int address in new[] { 0, 1, 4, 65_535, int.MaxValue, int.MinValue, -1 })
                Assert.Equal(WasmTrapKind.MemoryOutOfBounds, Assert.Throws<WasmTrap>(() => instance.Invoke(name, WasmValue.I32(address))).Kind);
    }

    [Theory, MemberData(nameof(EngineEqualityTests.Engines), MemberType = typeof(EngineEqualityTests))]
    public void Fifty_thousand_functions_call_each_other(WasmEngineKind kind)
    {
        var writer = new ModuleWriter();
        int type = writer.Type([ModuleWriter.I32], [ModuleWriter.I32]);
        const int Count = 50_000;
        for (int i = 0; i < Count; i++)
            writer.Function("f" + i, type, i % 100 == 99 ? [0x20, 0] : [0x20, 0, 0x41, 1, 0x6A, 0x10, .. ModuleWriter.Number(i + 1)]);
        Assert.Equal(99, Make(writer, kind, new()).Invoke("f0", WasmValue.I32(0))[0].AsI32);
    }

    [Theory, MemberData(nameof(EngineEqualityTests.Engines), MemberType = typeof(EngineEqualityTests))]
    public void Ten_thousand_exhausted_stacks_and_traps_in_a_hundred_nested_invocations_do_no_harm(WasmEngineKind kind)
    {
        var writer = new ModuleWriter();
        int type = writer.Type([ModuleWriter.I32], [ModuleWriter.I32]);
        int host = writer.Import("host", "again", type);
        writer.Function("nest", type, [0x20, 0, 0x10, (byte)host]);
        writer.Function("trap", type, [0x00]);
        writer.Function("recurse", type, [0x20, 0, 0x10, 3]);
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { Engine = kind });
        var linker = new WasmLinker(engine);
        linker.DefineFunction("host", "again", static (WasmCall call, int depth) =>
            call.Caller!.Function(depth == 0 ? "trap" : "nest")!.Invoke(call, WasmValue.I32(depth - 1))[0].AsI32);
        WasmInstance instance = linker.Instantiate(engine.Load(writer.Bytes()));
        for (int i = 0; i < 100; i++)
        {
            WasmTrap trap = Assert.Throws<WasmTrap>(() => instance.Invoke("nest", WasmValue.I32(100)));
            Assert.Equal((WasmTrapKind.Unreachable, "trap"), (trap.Kind, trap.FunctionName));
        }

        for (int i = 0; i < 10_000; i++)
        {
            using var call = new WasmCall(engine, new WasmBudget { StackBytes = 4_096 });
            WasmTrap trap = Assert.Throws<WasmTrap>(() => instance.Function("recurse")!.Invoke(call, WasmValue.I32(1)));
            Assert.Equal(WasmTrapKind.StackExhausted, trap.Kind);
        }
    }

    private static WasmInstance Make(ModuleWriter writer, WasmEngineKind kind, WasmOptions options)
    {
        var engine = new WasmEngine(TimeProvider.System, options with { Engine = kind });
        return new WasmLinker(engine).Instantiate(engine.Load(writer.Bytes()));
    }

    private static (int Result, long Fuel) Run(byte[] bytes, WasmEngineKind kind)
    {
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { Engine = kind });
        WasmInstance instance = new WasmLinker(engine).Instantiate(engine.Load(bytes));
        using var call = new WasmCall(engine);
        int result = instance.Function("f0")!.Invoke(call, WasmValue.I32(3))[0].AsI32;
        return (result, call.FuelUsed);
    }
}
