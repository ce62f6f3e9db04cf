namespace Sirsi.Wasm.Tests.Instances;

/// <summary>Functions of guests as delegates of the host.</summary>
public sealed class TypedFunctionTests : IDisposable
{
    private readonly WasmEngine _engine = new(TimeProvider.System);

    public void Dispose() => _engine.Dispose();
    private readonly WasmInstance _instance;

    public TypedFunctionTests() => _instance = new WasmLinker(_engine).Instantiate(_engine.Load(Guest.Bytes()));

    [Fact]
    public void A_function_is_called_as_a_delegate()
    {
        _instance.Function("store")!.As<Action<int, uint>>()(8, uint.MaxValue);
        Assert.Equal(uint.MaxValue, _instance.Function("load")!.As<Func<int, uint>>()(8));
        Assert.Equal(6, _instance.Function("next")!.As<Func<int>>()());
        _instance.Function("fill")!.As<Action<WasmCall, int, int, int>>()(new WasmCall(_engine), 8, 0, 4);
        Assert.Equal(0, _instance.Function("load")!.As<Func<int, int>>()(8));
    }

    [Fact]
    public void Every_number_comes_through_in_its_place()
    {
        const byte F32 = 0x7D, F64 = 0x7C;
        var writer = new ModuleWriter();
        int type = writer.Type([ModuleWriter.I32, ModuleWriter.I64, F32, F64], [F64]);

        // The sum of all of them.
        writer.Function("sum", type, [0x20, 0, 0xB7, 0x20, 1, 0xB9, 0xA0, 0x20, 2, 0xBB, 0xA0, 0x20, 3, 0xA0]);
        WasmInstance instance = new WasmLinker(_engine).Instantiate(_engine.Load(writer.Bytes()));
        Assert.Equal(-1 + (1L << 40) + 0.5 + 0.25, instance.Function("sum")!.As<Func<int, long, float, double, double>>()(-1, 1L << 40, 0.5f, 0.25));
    }

    [Fact]
    public void The_call_that_is_given_pays()
    {
        using var call = new WasmCall(_engine, new WasmBudget { Fuel = 10 });
        var load = _instance.Function("load")!.As<Func<WasmCall, int, int>>();
        load(call, 0);
        Assert.Equal(2, call.FuelUsed);
        Assert.Equal(WasmTrapKind.OutOfFuel, Assert.Throws<WasmTrap>(() =>
        {
            for (int i = 0; i < 10; i++) load(call, 0);
        }).Kind);
        Assert.Throws<ArgumentNullException>(() => load(null!, 0));
    }

    [Fact]
    public void A_delegate_of_another_type_is_refused()
    {
        WasmFunction load = _instance.Function("load")!;
        Assert.Contains("(i32) -> (i32)", Assert.Throws<ArgumentException>(load.As<Func<long, int>>).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(load.As<Action<int>>);
        Assert.Throws<ArgumentException>(load.As<Func<string, int>>);
        Assert.Throws<ArgumentException>(load.As<Comparison<int>>);
        Assert.Throws<ArgumentException>(load.As<Action>);
    }

    [Fact]
    public void A_delegate_allocates_nothing_and_stops_with_its_instance()
    {
        var load = _instance.Function("load")!.As<Func<WasmCall, int, int>>();
        using var call = new WasmCall(_engine);
        for (int i = 0; i < 200; i++) load(call, i);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) load(call, i);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        _instance.Dispose();
        Assert.Throws<ObjectDisposedException>(() => load(call, 0));
    }

    [Fact]
    public void A_function_of_the_host_needs_a_call()
    {
        WasmFunction host = WasmFunction.FromHost(static (int x) => x + 1);
        Assert.Throws<ArgumentException>(host.As<Func<int, int>>);
        using var call = new WasmCall(_engine);
        Assert.Equal(3, host.As<Func<WasmCall, int, int>>()(call, 2));
    }
}
