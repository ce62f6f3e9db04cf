using Sirsi.Wasm.Text;

namespace Sirsi.Wasm.Tests;

/// <summary>Small cases in which the engines once differed.</summary>
public sealed class EngineEqualityTests
{
    public static TheoryData<WasmEngineKind> Engines => [WasmEngineKind.Interpreter, WasmEngineKind.Compiler];

    [Theory, MemberData(nameof(Engines))]
    public void The_last_of_a_host_functions_results_goes_to_the_local_that_is_set_next(WasmEngineKind kind)
    {
        var writer = new ModuleWriter();
        int two = writer.Type([], [ModuleWriter.I32, ModuleWriter.I32]);
        int one = writer.Type([], [ModuleWriter.I32]);
        byte host = (byte)writer.Import("host", "two", two);
        writer.Function("f", one, [0x10, host, 0x21, 0, 0x1A, 0x20, 0], (1, ModuleWriter.I32));
        WasmInstance instance = Instance(writer, kind, linker => linker.Define(
            "host", "two", WasmFunction.FromHost(new([], [WasmValueType.I32, WasmValueType.I32]), static (_, _, results) =>
            {
                results[0] = WasmValue.I32(1);
                results[1] = WasmValue.I32(2);
            })));
        Assert.Equal(2, instance.Invoke("f")[0].AsI32);
    }

    [Theory, MemberData(nameof(Engines))]
    public void Calls_that_find_no_room_in_another_kind_of_code_are_traced_once(WasmEngineKind kind)
    {
        // Two functions call each other; the second one has a try_table.
        var writer = new ModuleWriter();
        int type = writer.Type([], []);
        writer.Function("plain", type, [0x10, 1]);
        writer.Function("trying", type, [0x1F, 0x40, 0, 0x10, 0, 0x0B]);
        WasmTrap trap = Assert.Throws<WasmTrap>(() => Instance(writer, kind, static _ => { }).Invoke("plain"));
        Assert.Equal(WasmTrapKind.StackExhausted, trap.Kind);
        for (int i = 1; i < trap.Frames.Length; i++) Assert.NotEqual(trap.Frames[i - 1].FunctionName, trap.Frames[i].FunctionName);
    }

    [Theory, MemberData(nameof(Engines))]
    public void The_trace_of_an_invocation_that_finds_no_room_is_that_of_its_own_guest(WasmEngineKind kind)
    {
        var writer = new ModuleWriter();
        int type = writer.Type([], []);
        byte host = (byte)writer.Import("host", "again", type);
        writer.Function("f", type, [0x10, host, 0x00]);
        int depth = 0;
        WasmTrap? inner = null;
        WasmInstance instance = Instance(writer, kind, linker => linker.DefineFunction("host", "again", (WasmCall call) =>
        {
            try
            {
                depth++;
                call.Caller!.Function("f")!.Invoke(call, [], []);
            }
            catch (WasmTrap trap) when (trap.Kind == WasmTrapKind.StackExhausted)
            {
                inner = trap;
            }
        }));
        WasmTrap outer = Assert.Throws<WasmTrap>(() => instance.Invoke("f"));
        Assert.True(depth > 10);
        Assert.NotNull(inner);
        Assert.Equal(WasmTrapKind.Unreachable, outer.Kind);
        Assert.Equal("f", Assert.Single(outer.Frames).FunctionName);
    }

    [Theory, MemberData(nameof(Engines))]
    public void A_global_shows_no_bits_beyond_its_type(WasmEngineKind kind)
    {
        // f32.convert_i64_u of 2^63 - 1 into a global.
        byte[] module =
        [
            0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 6, 9, 1, 0x7D, 1, 0x43, 0, 0, 0, 0, 0x0B,
            7, 9, 2, 1, (byte)'f', 0, 0, 1, (byte)'g', 3, 0,
            10, 18, 1, 16, 0, 0x42, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0xB5, 0x24, 0, 0x0B,
        ];
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { Engine = kind });
        WasmInstance instance = new WasmLinker(engine).Instantiate(engine.Load(module));
        instance.Invoke("f");
        Assert.Equal(WasmValue.F32(9.223372036854775807e18f), instance.Global("g")!.Value);
    }

    [Theory, MemberData(nameof(Engines))]
    public void A_reference_outlives_an_invocation_within_its_own(WasmEngineKind kind)
    {
        // (func "f" (param externref) (result externref) (call again) (local.get 0))
        const byte ExternRef = 0x6F;
        var writer = new ModuleWriter();
        int nothing = writer.Type([], []);
        int type = writer.Type([ExternRef], [ExternRef]);
        byte host = (byte)writer.Import("host", "again", nothing);
        writer.Function("f", type, [0x10, host, 0x20, 0]);
        writer.Function("g", nothing, []);
        WasmInstance instance = Instance(writer, kind, static linker => linker.DefineFunction(
            "host", "again", static (WasmCall call) => { call.Caller!.Function("g")!.Invoke(call, [], []); }));
        Assert.Equal("an object", instance.Invoke("f", WasmValue.ExternRef("an object"))[0].Reference);
    }

    [Theory, MemberData(nameof(Engines))]
    public void A_call_that_is_disposed_of_while_it_runs_keeps_its_stack(WasmEngineKind kind)
    {
        var writer = new ModuleWriter();
        int nothing = writer.Type([], []);
        int type = writer.Type([ModuleWriter.I32], [ModuleWriter.I32]);
        byte host = (byte)writer.Import("host", "dispose", nothing);
        writer.Function("f", type, [0x10, host, 0x20, 0]);
        WasmInstance instance = Instance(writer, kind, static linker => linker.DefineFunction(
            "host", "dispose", static (WasmCall call) =>
            {
                call.Dispose();
                using var other = new WasmCall(call.Caller!.Module.Engine);
                unsafe
                {
                    ulong distance = (ulong)Math.Abs((long)call.Top - (long)other.Top);
                    Assert.True(distance > 512, "the stack was given to another call");
                }
            }));
        using var call = new WasmCall(instance.Module.Engine);
        Assert.Equal(5, instance.Function("f")!.Invoke(call, WasmValue.I32(5))[0].AsI32);
    }

    [Theory, MemberData(nameof(Engines))]
    public void A_rotated_zero_is_zero(WasmEngineKind kind)
    {
        // RyuJIT leaves out the comparison of a rotation by a constant with zero.
        var writer = new ModuleWriter();
        int type = writer.Type([ModuleWriter.I32], [ModuleWriter.I32]);
        writer.Function("eqz", type, [0x20, 0, 0x41, 8, 0x77, 0x45]);
        writer.Function("tee", type, [0x20, 0, 0x41, 8, 0x78, 0x22, 0, 0x45]);
        writer.Function("branch", type, [0x02, 0x7F, 0x41, 0, 0x20, 0, 0x41, 8, 0x77, 0x0D, 0, 0x1A, 0x41, 1, 0x0B]);
        writer.Function("counted", type, [0x20, 0, 0x41, 1, 0x41, 2, 0x48, 0x78, 0x45]);
        writer.Function("neutral", type, [0x20, 0, 0x41, 8, 0x77, 0x41, 0, 0x72, 0x45]);
        writer.Function("divide", type, [0x41, 1, 0x20, 0, 0x41, 8, 0x77, 0x6E]);
        WasmInstance instance = Instance(writer, kind, static _ => { });
        Assert.All(["eqz", "tee", "branch", "counted", "neutral"], name => Assert.Equal(1, instance.Invoke(name, WasmValue.I32(0))[0].AsI32));
        Assert.All(["eqz", "tee", "branch", "counted", "neutral"], name => Assert.Equal(0, instance.Invoke(name, WasmValue.I32(1))[0].AsI32));
        WasmTrap trap = Assert.Throws<WasmTrap>(() => instance.Invoke("divide", WasmValue.I32(0)));
        Assert.Equal(WasmTrapKind.IntegerDivideByZero, trap.Kind);
    }

    [Theory, MemberData(nameof(Engines))]
    public void The_least_of_zero_and_minus_zero_is_minus_zero_beside_a_constant_NaN(WasmEngineKind kind)
    {
        var writer = new ModuleWriter();
        int type = writer.Type([ModuleWriter.I32], [ModuleWriter.I32]);
        byte[] constant = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0xFF, 0xFF, 0xFF, 0xFF];
        writer.Function("min", type, [0x20, 0, 0xFD, 0x11, 0xFD, 0x0C, .. constant, 0xFD, 0xE8, 0x01, 0xFD, 0x1B, 2]);
        writer.Function("max", type, [0x20, 0, 0xFD, 0x11, 0xFD, 0x0C, .. constant, 0xFD, 0xE9, 0x01, 0xFD, 0x1B, 2]);
        WasmInstance instance = Instance(writer, kind, static _ => { });
        Assert.Equal(int.MinValue, instance.Invoke("min", WasmValue.I32(0))[0].AsI32);
        Assert.Equal(0, instance.Invoke("max", WasmValue.I32(0))[0].AsI32);
    }

    [Theory, MemberData(nameof(Engines))]
    public void The_least_of_known_zeros_of_either_sign_is_minus_zero(WasmEngineKind kind)
    {
        string Function(string type, string operation, string first, string second) => $"""
            (func (export "{type} {operation} {first} {second}") (result {type}) (local $known {type})
              (local.set $known ({type}.const {second}))
              ({type}.{operation} ({type}.const {first}) (local.get $known)))
            """;
        string[] types = ["f32", "f64"], zeros = ["0", "-0"];
        (string Type, string Operation, string First, string Second)[] cases =
            [.. from type in types from operation in (string[])["min", "max"] from first in zeros from second in zeros select (type, operation, first, second)];
        string text = string.Concat(cases.Select(one => Function(one.Type, one.Operation, one.First, one.Second)));
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { Engine = kind });
        WasmInstance instance = new WasmLinker(engine).Instantiate(engine.Load(WatParser.Parse($"(module {text})").Module!.Value));
        foreach ((string type, string operation, string first, string second) in cases)
        {
            WasmValue result = instance.Invoke($"{type} {operation} {first} {second}")[0];
            bool isNegative = type == "f32" ? float.IsNegative(result.AsF32) : double.IsNegative(result.AsF64);
            Assert.Equal(operation == "min" ? first == "-0" || second == "-0" : first == "-0" && second == "-0", isNegative);
        }
    }

    [Fact]
    public void A_host_function_that_is_called_in_place_of_returning_has_as_much_stack_in_every_engine()
    {
        const string Text = """
            (module (import "host" "again" (func $again (param i32))) (table funcref (elem $again))
              (func (export "f") (local i64 i64 i64) (i32.const 0) (i32.const 0) (return_call_indirect (param i32))))
            """;
        int[] depths = [.. ((WasmEngineKind[])[WasmEngineKind.Interpreter, WasmEngineKind.Compiler]).Select(kind =>
        {
            int depth = 0;
            var engine = new WasmEngine(TimeProvider.System, new WasmOptions { Engine = kind });
            var linker = new WasmLinker(engine);
            WasmFunction? f = null;
            linker.DefineFunction("host", "again", (WasmCall call, int _) =>
            {
                depth++;
                f!.Invoke(call);
            });
            f = linker.Instantiate(engine.Load(WatParser.Parse(Text).Module!.Value)).Function("f")!;
            using var first = new WasmCall(engine, new WasmBudget { StackBytes = 16_384 });
            Assert.Throws<WasmTrap>(() => f.Invoke(first));
            return depth;
        })];
        Assert.Equal(depths[0], depths[1]);
    }

    [Theory, MemberData(nameof(Engines))]
    public void A_caught_exception_leaves_the_stack_as_large_as_it_was(WasmEngineKind kind)
    {
        // deep(n) recurses behind a try_table and throws at the bottom; then recurse() counts how deep it gets.
        var writer = new ModuleWriter();
        int nothing = writer.Type([], []);
        int one = writer.Type([ModuleWriter.I32], []);
        writer.Function("throw", nothing, [0x08, 0]);
        writer.Function("deep", one, [0x20, 0, 0x45, 0x04, 0x40, 0x10, 0, 0x0B, 0x20, 0, 0x41, 1, 0x6B, 0x10, 2]);
        writer.Function("trying", one, [0x1F, 0x40, 0, 0x20, 0, 0x10, 1, 0x0B]);
        writer.Function("catch", nothing, [0x02, 0x40, 0x1F, 0x40, 1, 2, 0, 0x41, 30, 0x10, 1, 0x0B, 0x0B]);
        writer.Function("recurse", nothing, [0x10, 4]);
        writer.Function("f", nothing, [0x10, 3, 0x10, 4]);
        writer.Function("g", nothing, [0x10, 4]);
        writer.Tag(nothing);
        WasmInstance instance = Instance(writer, kind, static _ => { });
        Assert.Equal(Spent("g") + Spent("catch") + 1, Spent("f"));

        long Spent(string name)
        {
            using var call = new WasmCall(instance.Module.Engine, new WasmBudget { StackBytes = 65_536 });
            try
            {
                instance.Function(name)!.Invoke(call);
            }
            catch (WasmTrap trap) when (trap.Kind == WasmTrapKind.StackExhausted)
            {
                // That is what it is about.
            }

            return call.FuelUsed;
        }
    }

    private static WasmInstance Instance(ModuleWriter writer, WasmEngineKind kind, Action<WasmLinker> define)
    {
        var engine = new WasmEngine(TimeProvider.System, new WasmOptions { Engine = kind });
        var linker = new WasmLinker(engine);
        define(linker);
        return linker.Instantiate(engine.Load(writer.Bytes()));
    }
}
