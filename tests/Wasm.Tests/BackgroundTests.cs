using Sirsi.Wasm.Compiler;
using Sirsi.Wasm.Text;

namespace Sirsi.Wasm.Tests;

/// <summary>Functions are compiled while the interpreter goes on with them.</summary>
public sealed class BackgroundTests
{
    private const string Sum = """
        (module (func (export "f") (param i32) (result i32) (local i32)
          (loop (local.set 1 (i32.add (local.get 1) (local.get 0)))
            (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
          (local.get 1)))
        """;

    private readonly Queue<Action> _work = [];

    [Fact]
    public void Nothing_is_compiled_on_the_thread_that_calls()
    {
        using var engine = new WasmEngine(TimeProvider.System, new() { Background = _work.Enqueue });
        WasmInstance instance = Instantiate(engine);
        for (int i = 0; i < 300; i++) Assert.Equal(6, Call(instance, 3));
        Assert.Null(instance.Module.Code.Made(0));
        Assert.Single(_work);
        WorkAll();
        Assert.NotNull(instance.Module.Code.Made(0));
        for (int i = 0; i < 50; i++) Assert.Equal(6, Call(instance, 3));
    }

    [Fact]
    public void A_loop_under_way_goes_on_compiled_once_its_code_is_there()
    {
        using var engine = new WasmEngine(TimeProvider.System, new() { Background = _work.Enqueue });
        WasmInstance instance = Instantiate(engine);
        using var call = new WasmCall(engine, new() { SliceFuel = 1 });
        Assert.Equal(unchecked((int)(1_000_000L * 1_000_001 / 2)), instance.Function("f")!.Invoke(call, WasmValue.I32(1_000_000))[0].AsI32);
        Assert.NotEmpty(_work);
        WorkAll();
        long before = call.FuelUsed;
        Assert.Equal(unchecked((int)(1_000_000L * 1_000_001 / 2)), instance.Function("f")!.Invoke(call, WasmValue.I32(1_000_000))[0].AsI32);
        Assert.Equal(before, call.FuelUsed - before);
    }

    [Fact]
    public void A_disposed_engine_compiles_no_more_and_goes_on()
    {
        var engine = new WasmEngine(TimeProvider.System, new() { Background = _work.Enqueue });
        WasmInstance instance = Instantiate(engine);
        for (int i = 0; i < 150; i++) Call(instance, 3);
        engine.Dispose();
        WorkAll();
        for (int i = 0; i < 150; i++) Assert.Equal(6, Call(instance, 3));
        WorkAll();
        Assert.Null(instance.Module.Code.Made(0));
    }

    [Fact]
    public void A_queue_takes_no_more_than_its_limit_and_does_one_thing_at_a_time()
    {
        using var queue = new CompileQueue(_work.Enqueue, 2);
        var done = new List<int>();
        Assert.True(queue.TryAdd(() => done.Add(1)));
        Assert.True(queue.TryAdd(() => done.Add(2)));
        Assert.False(queue.TryAdd(() => done.Add(3)));
        Assert.Single(_work);
        _work.Dequeue()();
        Assert.Equal([1], done);
        Assert.True(queue.TryAdd(() => done.Add(4)));
        Assert.Single(_work);
        WorkAll();
        Assert.Equal([1, 2, 4], done);
        Assert.True(queue.TryAdd(() => done.Add(5)));
        Assert.Single(_work);
    }

    private static WasmInstance Instantiate(WasmEngine engine) =>
        new WasmLinker(engine).Instantiate(engine.Load(WatParser.Parse(Sum).Module!.Value));

    private static int Call(WasmInstance instance, int times) => instance.Invoke("f", WasmValue.I32(times))[0].AsI32;

    private void WorkAll()
    {
        while (_work.TryDequeue(out Action? work)) work();
    }
}
