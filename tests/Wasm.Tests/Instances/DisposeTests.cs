namespace Sirsi.Wasm.Tests.Instances;

/// <summary>Instances are given back when their host says so, and nothing that is given back is touched.</summary>
public sealed class DisposeTests : IDisposable
{
    private readonly WasmEngine _engine = new(TimeProvider.System);

    public void Dispose() => _engine.Dispose();
    private readonly WasmModule _module;

    public DisposeTests() => _module = _engine.Load(Guest.Bytes());

    [Fact]
    public void A_disposed_instance_counts_no_more_and_holds_no_memory()
    {
        WasmInstance instance = new WasmLinker(_engine).Instantiate(_module);
        Assert.Equal(1, _engine.InstanceCount);
        Assert.Equal(WasmMemory.PageBytes, _engine.MemoryBytes);
        instance.Dispose();
        instance.Dispose();
        Assert.Equal(0, _engine.InstanceCount);
        Assert.Equal(0, _engine.MemoryBytes);
    }

    [Fact]
    public void Whatever_is_done_with_a_disposed_instance_is_refused()
    {
        WasmInstance instance = new WasmLinker(_engine).Instantiate(_module);
        WasmFunction load = instance.Function("load")!;
        WasmMemory memory = instance.Memory("memory")!;
        instance.Dispose();
        Assert.Throws<ObjectDisposedException>(() => load.Invoke(WasmValue.I32(0)));
        Assert.Throws<ObjectDisposedException>(() => instance.Invoke("load", WasmValue.I32(0)));
        Assert.Throws<ObjectDisposedException>(() => memory.Span(0, 1));
        Assert.Throws<ObjectDisposedException>(() => memory.TryGrow(1));
        Assert.Throws<ObjectDisposedException>(() => instance.TakeSnapshot());
        Assert.Throws<ObjectDisposedException>(() => instance.Fork());
        Assert.Equal(0, memory.ByteLength);
    }

    [Theory, InlineData(WasmEngineKind.Interpreter), InlineData(WasmEngineKind.Compiler)]
    public void An_instance_is_not_disposed_while_a_call_is_inside(WasmEngineKind kind)
    {
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { Engine = kind });
        WasmInstance? instance = null;
        Exception? refused = null;
        instance = CallsHost(engine, () => refused = Record.Exception(() => instance!.Dispose()));
        instance.Invoke("f");
        Assert.IsType<InvalidOperationException>(refused);
        Assert.Equal(1, engine.InstanceCount);
        instance.Dispose();
        Assert.Equal(0, engine.InstanceCount);
    }

    [Fact]
    public void An_instance_can_be_disposed_after_a_trap()
    {
        WasmInstance instance = new WasmLinker(_engine).Instantiate(_module);
        Assert.Throws<WasmTrap>(() => instance.Invoke("trap"));
        instance.Dispose();
        Assert.Equal(0, _engine.InstanceCount);
    }

    [Fact]
    public void A_second_thread_is_refused_while_one_is_inside()
    {
        Exception? refused = null;
        WasmInstance? instance = null;
        instance = CallsHost(_engine, () =>
        {
            var other = new Thread(() => refused = Record.Exception(() => instance!.Invoke("f")));
            other.Start();
            other.Join();
        });
        instance.Invoke("f");
        Assert.Contains("another thread", Assert.IsType<InvalidOperationException>(refused).Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(WasmEngineKind.Interpreter), InlineData(WasmEngineKind.Compiler)]
    public void A_memory_that_others_import_outlives_its_instance_and_its_host(WasmEngineKind kind)
    {
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { Engine = kind });
        var memory = new WasmMemory(engine, new(new(1)));
        WasmInstance reader = Reader(engine, memory);
        memory.Span(8, 1)[0] = 42;
        memory.Dispose();
        memory.Dispose();
        Assert.Equal(42, reader.Call("load", 8));
        reader.Dispose();
        Assert.Equal(0, engine.MemoryBytes);
        Assert.Throws<ObjectDisposedException>(() => memory.Span(0, 1));
        Assert.Throws<ObjectDisposedException>(() => Reader(engine, memory));

        WasmInstance owner = new WasmLinker(engine).Instantiate(engine.Load(Guest.Bytes(1, 1)));
        reader = Reader(engine, owner.Memory("memory")!);
        owner.Dispose();
        Assert.Equal(0x04030201, reader.Call("load", Guest.Data));
        reader.Dispose();
        Assert.Equal(0, engine.MemoryBytes);
    }

    [Fact]
    public void The_memory_of_an_instance_is_not_the_host_s_to_dispose_of()
    {
        using WasmInstance instance = new WasmLinker(_engine).Instantiate(_module);
        Assert.Throws<InvalidOperationException>(() => instance.Memory("memory")!.Dispose());
    }

    [Theory, InlineData(WasmEngineKind.Interpreter), InlineData(WasmEngineKind.Compiler)]
    public void Functions_that_other_instances_hold_go_on_working(WasmEngineKind kind)
    {
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { Engine = kind });
        WasmInstance library = new WasmLinker(engine).Instantiate(engine.Load(Guest.Bytes()));
        var writer = new ModuleWriter();
        int type = writer.Type([ModuleWriter.I32], [ModuleWriter.I32]);
        writer.Import("library", "load", type);
        writer.Function("f", type, [0x20, 0, 0x10, 0]);
        WasmInstance user = new WasmLinker(engine).Define("library", library).Instantiate(engine.Load(writer.Bytes()));
        library.Dispose();
        Assert.Throws<ObjectDisposedException>(() => library.Invoke("load", WasmValue.I32(0)));
        Assert.Equal(0x04030201, user.Call("f", Guest.Data));
    }

    [Fact]
    public void A_function_of_a_disposed_instance_can_be_handed_to_nobody()
    {
        WasmInstance instance = new WasmLinker(_engine).Instantiate(_module);
        WasmFunction function = instance.Function("load")!;
        instance.Dispose();
        var table = new WasmTable(_engine, new(WasmValueType.FuncRef, new(1)));
        Assert.Throws<ObjectDisposedException>(() => table[0] = function);
        Assert.Throws<ObjectDisposedException>(() => new WasmGlobal(new(WasmValueType.FuncRef, true), WasmValue.FuncRef(function)));
        var writer = new ModuleWriter();
        writer.Import("library", "load", writer.Type([ModuleWriter.I32], [ModuleWriter.I32]));
        WasmLinker linker = new WasmLinker(_engine).Define("library", "load", function);
        Assert.Throws<ObjectDisposedException>(() => linker.Instantiate(_engine.Load(writer.Bytes())));
    }

    [Fact]
    public void An_instance_that_cannot_be_made_leaves_nothing_behind()
    {
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { MemoryBytesMax = 3 * WasmMemory.PageBytes });
        WasmModule module = engine.Load(Guest.Bytes(2));
        using WasmInstance first = new WasmLinker(engine).Instantiate(module);
        WasmException refused = Assert.Throws<WasmException>(() => new WasmLinker(engine).Instantiate(module));
        Assert.Equal(WasmErrorKind.LimitExceeded, refused.Kind);
        Assert.Equal(1, engine.InstanceCount);
        Assert.Equal(2, first.Call("grow", 1));
        Assert.Equal(-1, first.Call("grow", 1));
    }

    [Fact]
    public void Address_space_that_is_used_up_is_an_error_and_comes_back()
    {
        // Each of these may grow to a tebibyte, of which a process has 128.
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { MemoryPagesMax = 16_777_216 });
        var type = new WasmMemoryType(new(1, null, Is64: true));
        var memories = new List<WasmMemory>();
        WasmException refused = Assert.Throws<WasmException>(() =>
        {
            for (int i = 0; i < 200; i++) memories.Add(new WasmMemory(engine, type));
        });
        Assert.Equal(WasmErrorKind.Resources, refused.Kind);
        Assert.InRange(memories.Count, 1, 128);
        foreach (WasmMemory memory in memories) memory.Dispose();
        using var again = new WasmMemory(engine, type);
        Assert.Equal(0, again.Span(0, 1)[0]);
    }

    private static WasmInstance Reader(WasmEngine engine, WasmMemory memory)
    {
        var writer = new ModuleWriter();
        writer.ImportMemory("host", "memory", 1);
        writer.Function("load", writer.Type([ModuleWriter.I32], [ModuleWriter.I32]), [0x20, 0, 0x28, 0, 0]);
        return new WasmLinker(engine).Define("host", "memory", memory).Instantiate(engine.Load(writer.Bytes()));
    }

    private static WasmInstance CallsHost(WasmEngine engine, Action body)
    {
        var writer = new ModuleWriter();
        int type = writer.Type([], []);
        writer.Import("host", "body", type);
        writer.Function("f", type, [0x10, 0]);
        return new WasmLinker(engine).DefineFunction("host", "body", body).Instantiate(engine.Load(writer.Bytes()));
    }
}
