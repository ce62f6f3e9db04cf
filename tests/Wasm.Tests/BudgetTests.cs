namespace Sirsi.Wasm.Tests;

/// <summary>Fuel, time, cancellation and the stack: nothing a guest does passes its budget.</summary>
public sealed class BudgetTests
{
    private static readonly byte[] EndlessLoop = [0x03, 0x40, 0x0C, 0, 0x0B];

    public static TheoryData<string, byte[]> EndlessCodes => new()
    {
        { "an empty loop", EndlessLoop },
        { "a conditional loop", [0x03, 0x40, 0x41, 1, 0x0D, 0, 0x0B] },
        { "a loop by br_table", [0x03, 0x40, 0x41, 0, 0x0E, 1, 0, 0, 0x0B] },
        { "a loop over a block", [0x03, 0x40, 0x02, 0x40, 0x0C, 1, 0x0B, 0x0B] },
        { "a tail call of itself", [0x12, 0] },
        { "a loop that fills memory", [0x03, 0x40, 0x41, 0, 0x41, 0, 0x41, 0x80, 0x80, 0x04, 0xFC, 0x0B, 0, 0x0C, 0, 0x0B] },
        { "a loop that grows memory", [0x03, 0x40, 0x41, 1, 0x40, 0, 0x1A, 0x0C, 0, 0x0B] },
    };

    [Theory, MemberData(nameof(EndlessCodes))]
    public void Endless_code_runs_out_of_fuel_with_all_of_it_spent(string name, byte[] code)
    {
        Assert.NotEmpty(name);
        (WasmEngine engine, WasmInstance instance) = Make(code);
        using var call = new WasmCall(engine, new WasmBudget { Fuel = 3_000_000 });
        WasmTrap trap = Assert.Throws<WasmTrap>(() => instance.Function("f")!.Invoke(call));
        Assert.Equal(WasmTrapKind.OutOfFuel, trap.Kind);
        Assert.Equal(3_000_000, call.FuelUsed);
        Assert.Equal("f", trap.FunctionName);
    }

    [Fact]
    public void Endless_code_passes_its_deadline()
    {
        (WasmEngine engine, WasmInstance instance) = Make(EndlessLoop);
        using var call = new WasmCall(engine, new WasmBudget { Fuel = long.MaxValue, Time = TimeSpan.FromMilliseconds(20) });
        Assert.Equal(WasmTrapKind.DeadlineExceeded, Assert.Throws<WasmTrap>(() => instance.Function("f")!.Invoke(call)).Kind);
    }

    [Fact]
    public void Endless_code_is_cancelled()
    {
        (WasmEngine engine, WasmInstance instance) = Make(EndlessLoop);
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
        using var call = new WasmCall(engine, new WasmBudget { Fuel = long.MaxValue, Cancellation = source.Token });
        Assert.Equal(WasmTrapKind.Cancelled, Assert.Throws<WasmTrap>(() => instance.Function("f")!.Invoke(call)).Kind);
    }

    [Fact]
    public void Fuel_does_not_depend_on_the_slices_it_is_handed_out_in()
    {
        var writer = new ModuleWriter();
        int type = writer.Type([ModuleWriter.I32], [ModuleWriter.I32]);
        writer.Function("fib", type, Fib);
        var engine = new WasmEngine(TimeProvider.System);
        WasmInstance instance = new WasmLinker(engine).Instantiate(engine.Load(writer.Bytes()));
        long[] used =
        [
            .. new[] { 1, 7, 1_000, 1_000_000 }.Select(slice =>
            {
                using var call = new WasmCall(engine, new WasmBudget { SliceFuel = slice });
                Assert.Equal(987, instance.Function("fib")!.Invoke(call, WasmValue.I32(16))[0].AsI32);
                return call.FuelUsed;
            }),
        ];
        Assert.Single(used.Distinct());

        // Exactly as much is enough; half of it is spent to the last unit.
        using var enough = new WasmCall(engine, new WasmBudget { Fuel = used[0] });
        Assert.Equal(987, instance.Function("fib")!.Invoke(enough, WasmValue.I32(16))[0].AsI32);
        using var half = new WasmCall(engine, new WasmBudget { Fuel = used[0] / 2 });
        WasmTrap trap = Assert.Throws<WasmTrap>(() => instance.Function("fib")!.Invoke(half, WasmValue.I32(16)));
        Assert.Equal(WasmTrapKind.OutOfFuel, trap.Kind);
        Assert.Equal(used[0] / 2, half.FuelUsed);
    }

    [Fact]
    public void A_straight_function_costs_its_instructions()
    {
        (WasmEngine engine, WasmInstance instance) = Make([0x01, 0x41, 1, 0x1A, 0x02, 0x40, 0x41, 2, 0x1A, 0x0B]);
        using var call = new WasmCall(engine);
        instance.Function("f")!.Invoke(call);
        Assert.Equal(4, call.FuelUsed);
    }

    [Fact]
    public void The_process_survives_ten_thousand_exhausted_stacks()
    {
        (WasmEngine engine, WasmInstance instance) = Make([0x10, 0]);
        for (int i = 0; i < 10_000; i++)
        {
            using var call = new WasmCall(engine, new WasmBudget { StackBytes = 4_096 });
            Assert.Equal(WasmTrapKind.StackExhausted, Assert.Throws<WasmTrap>(() => instance.Function("f")!.Invoke(call)).Kind);
        }
    }

    [Fact]
    public void Recursion_through_the_host_is_a_trap_too()
    {
        var writer = new ModuleWriter();
        int type = writer.Type([], []);
        int host = writer.Import("host", "again", type);
        writer.Function("f", type, [0x10, (byte)host]);
        var engine = new WasmEngine(TimeProvider.System);
        var linker = new WasmLinker(engine);
        linker.DefineFunction("host", "again", (WasmCall call) => { call.Caller!.Function("f")!.Invoke(call, [], []); });
        WasmInstance instance = linker.Instantiate(engine.Load(writer.Bytes()));
        Assert.Equal(WasmTrapKind.StackExhausted, Assert.Throws<WasmTrap>(() => instance.Invoke("f")).Kind);
    }

    internal static byte[] Fib { get; } =
    [
        0x20, 0, 0x41, 2, 0x48, 0x04, 0x40, 0x20, 0, 0x0F, 0x0B, 0x20, 0, 0x41, 1, 0x6B, 0x10, 0, 0x20, 0, 0x41, 2, 0x6B, 0x10, 0, 0x6A,
    ];

    private static (WasmEngine Engine, WasmInstance Instance) Make(byte[] code)
    {
        var writer = new ModuleWriter();
        int type = writer.Type([], []);
        writer.Memory(1, 4);
        writer.Function("f", type, code);
        var engine = new WasmEngine(TimeProvider.System);
        return (engine, new WasmLinker(engine).Instantiate(engine.Load(writer.Bytes())));
    }
}
