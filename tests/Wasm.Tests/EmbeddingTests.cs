namespace Sirsi.Wasm.Tests;

/// <summary>The engine as its users see it: linking, host functions, memories, traps.</summary>
public sealed class EmbeddingTests : IDisposable
{
    private readonly WasmEngine _engine = new(TimeProvider.System);

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void A_host_function_gets_its_arguments_and_gives_its_result()
    {
        var writer = new ModuleWriter();
        int type = writer.Type([ModuleWriter.I32, ModuleWriter.I64], [ModuleWriter.I64]);
        writer.Import("host", "add", type);
        writer.Function("f", type, [0x20, 0, 0x20, 1, 0x10, 0]);
        var linker = new WasmLinker(_engine);
        linker.DefineFunction("host", "add", static (int a, long b) => a + b);
        WasmInstance instance = linker.Instantiate(_engine.Load(writer.Bytes()));
        Assert.Equal(WasmValue.I64(-5 + (1L << 40)), instance.Invoke("f", WasmValue.I32(-5), WasmValue.I64(1L << 40))[0]);
    }

    [Fact]
    public void What_a_host_function_throws_is_the_cause_of_a_trap()
    {
        WasmInstance instance = CallsHost(static () => throw new InvalidOperationException("no such thing"));
        WasmTrap trap = Assert.Throws<WasmTrap>(() => instance.Invoke("f"));
        Assert.Equal(WasmTrapKind.HostFailure, trap.Kind);
        Assert.Equal("no such thing", trap.InnerException!.Message);
    }

    [Fact]
    public void A_trap_tells_the_guest_s_stack()
    {
        var writer = new ModuleWriter();
        int type = writer.Type([], []);
        writer.Function("inner", type, [0x01, 0x00]);
        writer.Function("outer", type, [0x10, 0]);
        byte[] bytes = writer.Bytes();
        WasmTrap trap = Assert.Throws<WasmTrap>(() => new WasmLinker(_engine).Instantiate(_engine.Load(bytes)).Invoke("outer"));
        Assert.Equal(WasmTrapKind.Unreachable, trap.Kind);
        Assert.Equal(["inner", "outer"], trap.Frames.Select(static frame => frame.FunctionName));
        Assert.Equal(0x00, bytes[trap.Frames[0].Offset]);
        Assert.Equal(0x10, bytes[trap.Frames[1].Offset]);
    }

    [Fact]
    public void A_missing_import_is_named()
    {
        var writer = new ModuleWriter();
        writer.Import("host", "missing", writer.Type([], []));
        WasmException refused = Assert.Throws<WasmException>(() => new WasmLinker(_engine).Instantiate(_engine.Load(writer.Bytes())));
        Assert.Equal(WasmErrorKind.Unlinkable, refused.Kind);
        Assert.Contains("\"host\" \"missing\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_instances_of_a_module_share_nothing()
    {
        var writer = new ModuleWriter();
        writer.Memory(1, 1);
        int type = writer.Type([], [ModuleWriter.I32]);
        writer.Function("count", type, [0x41, 0, 0x41, 0, 0x28, 2, 0, 0x41, 1, 0x6A, 0x36, 2, 0, 0x41, 0, 0x28, 2, 0]);
        WasmModule module = _engine.Load(writer.Bytes());
        var linker = new WasmLinker(_engine);
        WasmInstance first = linker.Instantiate(module);
        WasmInstance second = linker.Instantiate(module);
        Assert.Equal(1, first.Invoke("count")[0].AsI32);
        Assert.Equal(2, first.Invoke("count")[0].AsI32);
        Assert.Equal(1, second.Invoke("count")[0].AsI32);
    }

    [Fact]
    public void A_memory_grows_to_its_limit_and_gives_spans_within_its_bounds_only()
    {
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { MemoryPagesMax = 3 });
        var memory = new WasmMemory(engine, new(new(1, 10)));
        memory.Span(65_532, 4)[3] = 7;
        Assert.True(memory.TryGrow(2));
        Assert.False(memory.TryGrow(1));
        Assert.Equal(3 * WasmMemory.PageBytes, memory.ByteLength);
        Assert.Equal(7, memory.Span(65_535, 1)[0]);
        Assert.Equal(WasmTrapKind.MemoryOutOfBounds, Assert.Throws<WasmTrap>(() => memory.Span(memory.ByteLength - 1, 2)).Kind);
        Assert.Equal(WasmTrapKind.MemoryOutOfBounds, Assert.Throws<WasmTrap>(() => memory.Span(-1, 2)).Kind);
    }

    [Fact]
    public void A_memory_that_begins_above_the_limit_is_refused()
    {
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { MemoryPagesMax = 3 });
        Assert.Equal(WasmErrorKind.LimitExceeded, Assert.Throws<WasmException>(() => new WasmMemory(engine, new(new(4)))).Kind);
    }

    [Fact]
    public void A_feature_that_is_off_is_named_in_the_refusal()
    {
        var writer = new ModuleWriter();
        writer.Function("f", writer.Type([], []), [0x12, 0]);
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { Features = WasmFeatures.None });
        WasmException refused = Assert.Throws<WasmException>(() => engine.Load(writer.Bytes()));
        Assert.Equal(WasmErrorKind.Unsupported, refused.Kind);
        Assert.Contains("tail calls", refused.Message, StringComparison.Ordinal);
        _engine.Load(writer.Bytes());
    }

    [Fact]
    public void Broken_options_are_all_named()
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(
            () => new WasmEngine(TimeProvider.System, new WasmOptions { MemoryPagesMax = -1, LocalsMax = 0 }));
        Assert.Contains("MemoryPagesMax", refused.Message, StringComparison.Ordinal);
        Assert.Contains("LocalsMax", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_of_the_wrong_type_are_refused_before_anything_runs()
    {
        var writer = new ModuleWriter();
        writer.Function("f", writer.Type([ModuleWriter.I32], []), [0x00]);
        WasmInstance instance = new WasmLinker(_engine).Instantiate(_engine.Load(writer.Bytes()));
        Assert.Throws<ArgumentException>(() => instance.Invoke("f", WasmValue.I64(1)));
        Assert.Throws<ArgumentException>(() => instance.Invoke("f"));
    }

    /// <remarks>With each engine by itself: that one takes over from the other is not for each call.</remarks>
    [Theory, InlineData(WasmEngineKind.Interpreter), InlineData(WasmEngineKind.Compiler)]
    public void A_call_allocates_nothing_once_its_function_is_warm(WasmEngineKind kind)
    {
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { Engine = kind });
        var writer = new ModuleWriter();
        writer.Function("fib", writer.Type([ModuleWriter.I32], [ModuleWriter.I32]), BudgetTests.Fib);
        WasmFunction fib = new WasmLinker(engine).Instantiate(engine.Load(writer.Bytes())).Function("fib")!;
        using var call = new WasmCall(engine);
        WasmValue[] arguments = [WasmValue.I32(12)];
        var results = new WasmValue[1];
        fib.Invoke(call, arguments, results);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) fib.Invoke(call, arguments, results);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(144, results[0].AsI32);
    }

    [Fact]
    public void Dead_instances_do_not_count_against_the_limit()
    {
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { InstancesMax = 100 });
        var writer = new ModuleWriter();
        writer.Memory(1, 1);
        writer.Function("f", writer.Type([], []), []);
        WasmModule module = engine.Load(writer.Bytes());
        var linker = new WasmLinker(engine);
        for (int i = 0; i < 1_000; i++) linker.Instantiate(module);
        Assert.InRange(engine.InstanceCount, 0, 100);
    }

    private WasmInstance CallsHost(Action body)
    {
        var writer = new ModuleWriter();
        int type = writer.Type([], []);
        writer.Import("host", "body", type);
        writer.Function("f", type, [0x10, 0]);
        return new WasmLinker(_engine).DefineFunction("host", "body", body).Instantiate(_engine.Load(writer.Bytes()));
    }
}
