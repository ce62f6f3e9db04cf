using System.Diagnostics;
using System.Globalization;
using Sirsi.Core.Hosting;

namespace Sirsi.Wasm.Tests.Hostile;

/// <summary>Guests that never end, in every engine: fuel, the deadline and cancellation stop them.</summary>
public sealed class EndlessGuestTests
{
    /// <summary>
    /// What a guest may spend, compilation included, that is to be stopped after 20 ms. Of processor time, where
    /// that can be told: how long a thread waits for a busy machine is not the engine's doing.
    /// </summary>
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(500);

    private static readonly (string Name, byte[] Code)[] Codes =
    [
        ("an empty loop", [0x03, 0x40, 0x0C, 0, 0x0B]),
        ("a conditional loop", [0x03, 0x40, 0x41, 1, 0x0D, 0, 0x0B]),
        ("a loop by br_table", [0x03, 0x40, 0x41, 0, 0x0E, 1, 0, 0, 0x0B]),
        ("a loop of loops", [0x03, 0x40, 0x03, 0x40, 0x41, 0, 0x0D, 0, 0x0C, 1, 0x0B, 0x0B]),
        ("a tail call of itself", [0x12, 1]),
        ("a tail call of another", [0x12, 2]),
        ("a tail call of another from what is always interpreted", [0x1F, 0x40, 0, 0x0B, 0x12, 2]),
        ("a tail call through a table", [0x41, 0, 0x13, 0, 0]),
        ("a loop that calls", [0x03, 0x40, 0x10, 3, 0x0C, 0, 0x0B]),
        ("a loop that calls through a table", [0x03, 0x40, 0x41, 1, 0x11, 0, 0, 0x0C, 0, 0x0B]),
        ("a loop that calls the host", [0x03, 0x40, 0x10, 0, 0x0C, 0, 0x0B]),
        ("a loop that fills memory", [0x03, 0x40, 0x41, 0, 0x41, 0, 0x41, 0x80, 0x80, 0x04, 0xFC, 0x0B, 0, 0x0C, 0, 0x0B]),
        ("a loop that grows memory", [0x03, 0x40, 0x41, 1, 0x40, 0, 0x1A, 0x0C, 0, 0x0B]),
        ("a loop that throws and catches", [0x03, 0x40, 0x02, 0x40, 0x1F, 0x40, 1, 2, 0, 0x08, 0, 0x0B, 0x0B, 0x0C, 0, 0x0B]),
        ("a loop that catches what it calls", [0x03, 0x40, 0x02, 0x40, 0x1F, 0x40, 1, 2, 0, 0x10, 4, 0x0B, 0x0B, 0x0C, 0, 0x0B]),
    ];

    public static TheoryData<WasmEngineKind, string> Cases
    {
        get
        {
            var data = new TheoryData<WasmEngineKind, string>();
            foreach (WasmEngineKind kind in Enum.GetValues<WasmEngineKind>())
                foreach ((string name, _) in Codes) data.Add(kind, name);
            return data;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Fuel_ends_it_with_all_of_it_spent(WasmEngineKind kind, string name)
    {
        WasmInstance instance = Make(kind, name);
        using var call = new WasmCall(instance.Module.Engine, new WasmBudget { Fuel = 1_000_000 });
        WasmTrap trap = Assert.Throws<WasmTrap>(() => instance.Function("f")!.Invoke(call));
        Assert.Equal(WasmTrapKind.OutOfFuel, trap.Kind);
        Assert.Equal(1_000_000, call.FuelUsed);
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_deadline_ends_it(WasmEngineKind kind, string name)
    {
        WasmInstance instance = Make(kind, name);
        using var call = new WasmCall(instance.Module.Engine, new WasmBudget { Fuel = long.MaxValue, Time = TimeSpan.FromMilliseconds(20) });
        TimeSpan begin = Spent();
        Assert.Equal(WasmTrapKind.DeadlineExceeded, Assert.Throws<WasmTrap>(() => instance.Function("f")!.Invoke(call)).Kind);
        Assert.InRange(Spent() - begin, TimeSpan.Zero, Late);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Cancellation_ends_it(WasmEngineKind kind, string name)
    {
        WasmInstance instance = Make(kind, name);
        using var source = new CancellationTokenSource();
        using var call = new WasmCall(
            instance.Module.Engine, new WasmBudget { Fuel = long.MaxValue, Time = Timeout.InfiniteTimeSpan, Cancellation = source.Token });
        // From a thread of its own: a timer's callback waits for the pool, which other tests keep busy.
        var canceller = new Thread(() =>
        {
            source.Token.WaitHandle.WaitOne(20);
            source.Cancel();
        });
        canceller.Start();
        TimeSpan begin = Spent();
        Assert.Equal(WasmTrapKind.Cancelled, Assert.Throws<WasmTrap>(() => instance.Function("f")!.Invoke(call)).Kind);
        Assert.InRange(Spent() - begin, TimeSpan.Zero, Late);
        canceller.Join();
    }

    [Theory]
    [InlineData(WasmEngineKind.Interpreter)]
    [InlineData(WasmEngineKind.Compiler)]
    public void The_deadline_is_looked_at_between_calls_of_the_host(WasmEngineKind kind)
    {
        var time = new ManualTime();
        int calls = 0;
        WasmInstance instance = Make(kind, "a loop that calls the host", time, () =>
        {
            calls++;
            time.Advance(TimeSpan.FromSeconds(1));
        });
        using var call = new WasmCall(instance.Module.Engine, new WasmBudget { Fuel = long.MaxValue, Time = TimeSpan.FromSeconds(10) });
        Assert.Equal(WasmTrapKind.DeadlineExceeded, Assert.Throws<WasmTrap>(() => instance.Function("f")!.Invoke(call)).Kind);
        Assert.InRange(calls, 10, 100);
    }

    [Theory]
    [InlineData(WasmEngineKind.Interpreter)]
    [InlineData(WasmEngineKind.Compiler)]
    public void Its_neighbours_go_on_with_right_results(WasmEngineKind kind)
    {
        var writer = new ModuleWriter();
        int type = writer.Type([ModuleWriter.I32], [ModuleWriter.I32]);
        writer.Function("fib", type, BudgetTests.Fib);
        WasmInstance hostile = Make(kind, "an empty loop");
        WasmEngine engine = hostile.Module.Engine;
        WasmInstance neighbour = new WasmLinker(engine).Instantiate(engine.Load(writer.Bytes()));
        using var source = new CancellationTokenSource();
        WasmTrapKind? ended = null;
        var thread = new Thread(() =>
        {
            using var call = new WasmCall(engine, new WasmBudget { Fuel = long.MaxValue, Cancellation = source.Token });
            ended = Assert.Throws<WasmTrap>(() => hostile.Function("f")!.Invoke(call)).Kind;
        });
        thread.Start();
        for (int i = 0; i < 50; i++) Assert.Equal(987, neighbour.Invoke("fib", WasmValue.I32(16))[0].AsI32);
        source.Cancel();
        thread.Join();
        Assert.Equal(WasmTrapKind.Cancelled, ended);
    }

    /// <summary>The processor time of this thread; elsewhere than on Linux, what the clock says.</summary>
    private static TimeSpan Spent()
    {
        const string Schedule = "/proc/thread-self/schedstat";
        if (!File.Exists(Schedule)) return Stopwatch.GetElapsedTime(0);
        long nanoseconds = long.Parse(File.ReadAllText(Schedule).Split(' ')[0], CultureInfo.InvariantCulture);
        return TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
    }

    private static WasmInstance Make(WasmEngineKind kind, string name) => Make(kind, name, TimeProvider.System, static () => { });

    private static WasmInstance Make(WasmEngineKind kind, string name, TimeProvider time, Action nothing)
    {
        byte[] code = Codes.Single(one => one.Name == name).Code;
        var writer = new ModuleWriter();
        int type = writer.Type([], []);
        writer.Import("host", "nothing", type);
        writer.Memory(1, 4);
        writer.Table(1, 3);
        writer.Tag(type);
        writer.Function("f", type, code);
        writer.Function("other", type, [0x12, 1]);
        writer.Function("nothing", type, []);
        writer.Function("thrower", type, [0x08, 0]);
        var engine = new WasmEngine(time, new WasmOptions { Engine = kind });
        var linker = new WasmLinker(engine);
        linker.DefineFunction("host", "nothing", nothing);
        return linker.Instantiate(engine.Load(writer.Bytes()));
    }
}
