using Sirsi.Wasm.Text;

namespace Sirsi.Wasm.Tests;

/// <summary>Calls in place of returning, within an engine and from one engine to the other.</summary>
public sealed class TailCallTests
{
    private const int Many = 10_000_000;

    /// <summary>A function with a <c>try_table</c> is always interpreted.</summary>
    private const string Interpreted = "(try_table)";

    /// <summary>Two functions that call each other, and look around once in a million calls.</summary>
    private static string PingPong(string callPing, string callPong, string inPong = "") => $"""
        (import "host" "look" (func $look))
        (type $turn (func (param i32) (result i32)))
        (table funcref (elem $ping $pong))
        (func $ping (export "f") (param i32) (result i32)
          (if (i32.eqz (i32.rem_u (local.get 0) (i32.const 1000000))) (then (call $look)))
          (if (i32.eqz (local.get 0)) (then (return (i32.const 7))))
          (i32.sub (local.get 0) (i32.const 1))
          {callPong})
        (func $pong (param i32) (result i32)
          {inPong}
          (i32.sub (local.get 0) (i32.const 1))
          {callPing})
        """;

    public static TheoryData<string, bool> Loops => new()
    {
        { PingPong("return_call $ping", "return_call $pong"), false },
        { PingPong("return_call $ping", "return_call $pong"), true },
        { PingPong("(return_call_indirect (type $turn) (i32.const 0))", "(return_call_indirect (type $turn) (i32.const 1))"), false },
        { PingPong("(return_call_indirect (type $turn) (i32.const 0))", "(return_call_indirect (type $turn) (i32.const 1))"), true },
    };

    [Theory, MemberData(nameof(Loops))]
    public void A_loop_of_tail_calls_goes_on_compiled_in_the_midst_of_a_call(string text, bool inBackground)
    {
        var work = new Queue<Action>();
        using var engine = new WasmEngine(TimeProvider.System, new() { Background = inBackground ? work.Enqueue : null });
        var seen = new List<bool>();
        WasmInstance instance = Instantiate(engine, text, call =>
        {
            seen.Add(IsCompiled(call));
            while (work.TryDequeue(out Action? next)) next();
        });
        using var call = new WasmCall(engine);
        Assert.Equal(7, instance.Function("f")!.Invoke(call, WasmValue.I32(Many))[0].AsI32);
        Assert.Equal(11, seen.Count);
        Assert.False(seen[0]);
        Assert.True(seen[^1]);

        Assert.Equal(FuelOf(engine => Instantiate(engine, text, static _ => { }), Many), call.FuelUsed);
    }

    public static TheoryData<WasmEngineKind> Engines => [WasmEngineKind.Interpreter, WasmEngineKind.Compiler, WasmEngineKind.Auto];

    [Theory, MemberData(nameof(Engines))]
    public void Tail_calls_to_and_fro_between_the_engines_take_no_stack(WasmEngineKind kind)
    {
        using var engine = new WasmEngine(TimeProvider.System, new() { Engine = kind, Background = null });
        bool isCompiled = false;
        string text = PingPong("return_call $ping", "return_call $pong", Interpreted);
        WasmInstance instance = Instantiate(engine, text, call => isCompiled = IsCompiled(call));
        using var call = new WasmCall(engine, new WasmBudget { StackBytes = 16_384 });
        Assert.Equal(7, instance.Function("f")!.Invoke(call, WasmValue.I32(Many))[0].AsI32);
        Assert.Equal(kind != WasmEngineKind.Interpreter, isCompiled);
        Assert.Equal(FuelOf(engine => Instantiate(engine, text, static _ => { }), Many), call.FuelUsed);
    }

    [Theory, MemberData(nameof(Engines))]
    public void Tail_calls_to_and_fro_between_instances_take_no_stack(WasmEngineKind kind)
    {
        using var engine = new WasmEngine(TimeProvider.System, new() { Engine = kind, Background = null });
        WasmInstance instance = Between(engine);
        using var call = new WasmCall(engine, new WasmBudget { StackBytes = 16_384 });
        Assert.Equal(7, instance.Function("f")!.Invoke(call, WasmValue.I32(1_000_000))[0].AsI32);
        Assert.Equal(FuelOf(Between, 1_000_000), call.FuelUsed);
    }

    /// <summary>Two instances of a module call each other through a table they share.</summary>
    private static WasmInstance Between(WasmEngine engine)
    {
        WasmModule module = engine.Load(WatParser.Parse("""
            (module (import "shared" "table" (table $table 2 funcref)) (import "shared" "place" (global $place i32))
              (type $turn (func (param i32) (result i32)))
              (elem (global.get $place) $f)
              (func $f (export "f") (param i32) (result i32)
                (if (i32.eqz (local.get 0)) (then (return (i32.const 7))))
                (return_call_indirect (type $turn) (i32.sub (local.get 0) (i32.const 1)) (i32.sub (i32.const 1) (global.get $place)))))
            """).Module!.Value);
        WasmInstance table = new WasmLinker(engine).Instantiate(engine.Load(WatParser.Parse("""
            (module (table (export "table") 2 funcref) (global (export "0") i32 (i32.const 0)) (global (export "1") i32 (i32.const 1)))
            """).Module!.Value));
        WasmInstance[] instances = [.. ((string[])["0", "1"]).Select(place =>
        {
            var linker = new WasmLinker(engine);
            linker.Define("shared", "table", table.Table("table")!);
            linker.Define("shared", "place", table.Global(place)!);
            return linker.Instantiate(module);
        })];
        return instances[0];
    }

    public static TheoryData<string, string> Programs => new()
    {
        {
            "a trap at the end, far from who called first",
            $"""
            (func $plain (param i32) (result i32)
              (if (i32.eqz (local.get 0)) (then unreachable)) (return_call $trying (i32.sub (local.get 0) (i32.const 1))))
            (func $trying (param i32) (result i32)
              {Interpreted} (if (i32.eqz (local.get 0)) (then unreachable)) (return_call $plain (i32.sub (local.get 0) (i32.const 1))))
            (func $middle (param i32) (result i32) (i32.add (call $plain (local.get 0)) (i32.const 1)))
            (func (export "f") (param i32) (result i32) {Interpreted} (i32.add (call $middle (local.get 0)) (i32.const 1)))
            """
        },
        {
            "many arguments and several results",
            $"""
            (func $plain (param i32 i64 f32 f64 v128 i32 i32 i64) (result i64 v128 f32)
              (if (i32.eqz (local.get 0)) (then (return (local.get 7) (local.get 4) (local.get 2))))
              (call $few (i32.sub (local.get 0) (i32.const 1))))
            (func $few (param i32) (result i64 v128 f32)
              (if (i32.eqz (local.get 0)) (then (return (i64.const 4) (v128.const i64x2 5 6) (f32.const 7))))
              (return_call $trying (i32.sub (local.get 0) (i32.const 1)) (i64.const 9) (f32.const 1.5) (f64.const 2.5) (v128.const i64x2 1 2)))
            (func $trying (param i32 i64 f32 f64 v128) (result i64 v128 f32)
              {Interpreted}
              (if (i32.eqz (local.get 0)) (then (return (local.get 1) (local.get 4) (local.get 2))))
              (if (i32.rem_u (local.get 0) (i32.const 5)) (then (return_call $few (i32.sub (local.get 0) (i32.const 1)))))
              (return_call $plain (i32.sub (local.get 0) (i32.const 1)) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (i32.const 2)
                (i32.const 3) (i64.const 11)))
            (func (export "f") (param i32) (result i32) (local i64 v128 f32)
              (call $few (local.get 0)) (local.set 3) (local.set 2) (local.set 1)
              (i32.add (i32.wrap_i64 (local.get 1)) (i32.add (i32x4.extract_lane 2 (local.get 2)) (i32.trunc_f32_s (local.get 3)))))
            """
        },
        {
            "an exception that passes by the handlers of frames that were left",
            """
            (tag $t (param i32))
            (func $plain (param i32) (result i32)
              (if (i32.eqz (local.get 0)) (then (throw $t (i32.const 3)))) (return_call $trying (i32.sub (local.get 0) (i32.const 1))))
            (func $trying (param i32) (result i32)
              (block (result i32)
                (try_table (result i32) (catch $t 0)
                  (if (i32.eqz (local.get 0)) (then (throw $t (i32.const 4))))
                  (return_call $plain (i32.sub (local.get 0) (i32.const 1))))
                (return))
              (i32.add (i32.const 100)))
            (func (export "f") (param i32) (result i32)
              (block (result i32)
                (try_table (result i32) (catch $t 0) (i32.add (call $plain (local.get 0)) (i32.const 1000)))
                (return))
              (i32.add (i32.const 10)))
            """
        },
        {
            "a recursion that is as deep, at the bottom of which nothing is left",
            $"""
            (func $plain (param i32) (result i32) (return_call $trying (local.get 0)))
            (func $trying (param i32) (result i32) {Interpreted} (return_call $down (i32.add (local.get 0) (i32.const 1))))
            (func $down (param i32) (result i32) (i32.add (call $plain (local.get 0)) (i32.const 1)))
            (func (export "f") (param i32) (result i32) (call $plain (local.get 0)))
            """
        },
        {
            "calls without end",
            $"""
            (func $plain (param i32) (result i32) (return_call $trying (i32.add (local.get 0) (i32.const 1))))
            (func $trying (param i32) (result i32) {Interpreted} (return_call $plain (i32.add (local.get 0) (i32.const 1))))
            (func (export "f") (param i32) (result i32) (i32.add (call $plain (local.get 0)) (i32.const 1)))
            """
        },
    };

    [Theory, MemberData(nameof(Programs))]
    public void Where_tail_calls_lead_changes_neither_results_nor_fuel_nor_traps(string name, string text)
    {
        Assert.NotEmpty(name);
        string expected = Outcome(new() { Engine = WasmEngineKind.Interpreter }, text);
        WasmOptions inPlace = new() { Background = null }, compiled = new() { Engine = WasmEngineKind.Compiler };
        foreach (WasmOptions options in (WasmOptions[])[new(), inPlace, compiled]) Assert.Equal(expected, Outcome(options, text));
    }

    [Theory, MemberData(nameof(Engines))]
    public void Tail_calls_to_and_fro_end_when_they_are_cancelled(WasmEngineKind kind)
    {
        using var engine = new WasmEngine(TimeProvider.System, new() { Engine = kind, Background = null });
        using var source = new CancellationTokenSource();
        WasmInstance instance = Instantiate(
            engine, PingPong("return_call $ping", "return_call $pong", Interpreted), _ => source.Cancel());
        using var call = new WasmCall(engine, new WasmBudget { Fuel = long.MaxValue, SliceFuel = 1, Cancellation = source.Token });
        WasmTrap trap = Assert.Throws<WasmTrap>(() => instance.Function("f")!.Invoke(call, WasmValue.I32(Many - 1_000)));
        Assert.Equal(WasmTrapKind.Cancelled, trap.Kind);

        // The end of the slice after the 999,000 calls before the host was asked.
        Assert.InRange(call.FuelUsed, 999_000 / 2 * 17, (999_000 / 2 * 17) + (2 * WasmCall.SliceLeast));
    }

    /// <summary>What a call takes in the interpreter.</summary>
    private static long FuelOf(Func<WasmEngine, WasmInstance> instantiate, int times)
    {
        using var engine = new WasmEngine(TimeProvider.System, new() { Engine = WasmEngineKind.Interpreter });
        using var call = new WasmCall(engine);
        instantiate(engine).Function("f")!.Invoke(call, WasmValue.I32(times));
        return call.FuelUsed;
    }

    /// <summary>All that a caller can see of calls of several lengths, some of them with too little fuel.</summary>
    private static string Outcome(WasmOptions options, string text)
    {
        using var engine = new WasmEngine(TimeProvider.System, options);
        WasmInstance instance = new WasmLinker(engine).Instantiate(engine.Load(WatParser.Parse($"(module {text})").Module!.Value));
        var outcomes = new List<string>();
        foreach ((int times, long fuel) in ((int, long)[])[(50_000, 2_000_000), (50_001, 2_000_000), (3, 2_000_000), (50_000, 100_001), (50_000, 100_002)])
        {
            using var call = new WasmCall(engine, new WasmBudget { Fuel = fuel, SliceFuel = 1, StackBytes = 65_536 });
            try
            {
                outcomes.Add($"{instance.Function("f")!.Invoke(call, WasmValue.I32(times))[0].AsI32} {call.FuelUsed}");
            }
            catch (WasmTrap trap)
            {
                outcomes.Add($"{trap.Kind} in {string.Join('<', trap.Frames.Select(static frame => frame.FunctionName))} {call.FuelUsed}");
            }
        }

        return string.Join("; ", outcomes);
    }

    private static WasmInstance Instantiate(WasmEngine engine, string text, Action<WasmCall> look)
    {
        var linker = new WasmLinker(engine);
        linker.DefineFunction("host", "look", look);
        return linker.Instantiate(engine.Load(WatParser.Parse($"(module {text})").Module!.Value));
    }

    /// <summary>Whether it is compiled code that called the host.</summary>
    private static unsafe bool IsCompiled(WasmCall call) => call.Ip == null;
}
