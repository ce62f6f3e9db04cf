using Sirsi.Wasm.Text;

namespace Sirsi.Wasm.Tests;

/// <summary>Code that begins in the interpreter and goes on compiled, in the midst of a loop or from one call to the next.</summary>
public sealed class TieringTests
{
    public static TheoryData<string, string> Loops => new()
    {
        {
            "a loop that ends by itself",
            """
            (func (export "f") (param i32) (result i32) (local i32 i32)
              (loop (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 31)) (local.get 2)))
                (br_if 0 (i32.lt_u (local.tee 2 (i32.add (local.get 2) (i32.const 1))) (local.get 0))))
              (local.get 1))
            """
        },
        {
            "a loop that is left by branches to blocks around it",
            """
            (func (export "f") (param i32) (result i32) (local i32 i32)
              (block (block (loop
                (local.set 2 (i32.add (local.get 2) (i32.const 1)))
                (br_if 1 (i32.gt_u (local.get 2) (local.get 0)))
                (br_if 2 (i32.eq (local.get 2) (i32.const 900000)))
                (br 0)))
                (return (i32.add (local.get 2) (i32.const 1000))))
              (i32.mul (local.get 2) (i32.const 3)))
            """
        },
        {
            "a loop that returns from the function",
            """
            (func (export "f") (param i32) (result i32) (local i32 i64)
              (loop
                (local.set 2 (i64.add (local.get 2) (i64.extend_i32_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))))))
                (if (i32.ge_u (local.get 1) (local.get 0)) (then (return (i32.wrap_i64 (local.get 2)))))
                (br 0))
              (unreachable))
            """
        },
        {
            "loops in loops, with operands below them",
            """
            (func (export "f") (param i32) (result i32) (local i32 i32)
              (i32.const 7)
              (loop
                (local.set 2 (i32.const 0))
                (loop (br_if 0 (i32.lt_u (local.tee 2 (i32.add (local.get 2) (i32.const 1))) (i32.const 700))))
                (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (local.get 2))) (local.get 0))))
              (i32.add (local.get 1)))
            """
        },
        {
            "a loop that begins with an empty one",
            """
            (func (export "f") (param i32) (result i32) (local i32)
              (loop (loop) (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (local.get 0))))
              (local.get 1))
            """
        },
        {
            "loops that begin together, the outer one with a value that keeps it from being compiled apart",
            """
            (func (export "f") (param i32) (result i32) (local i32 i32)
              (block (result i32)
                (loop (result i32)
                  (loop
                    (loop
                      (local.set 2 (i32.const 0))
                      (loop (br_if 0 (i32.lt_u (local.tee 2 (i32.add (local.get 2) (i32.const 1))) (i32.const 900))))
                      (br_if 0 (i32.rem_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 7))))
                    (br_if 0 (i32.rem_u (local.get 1) (i32.const 21))))
                  (br_if 0 (i32.lt_u (i32.mul (local.get 1) (i32.const 900)) (local.get 0)))
                  (local.get 1))))
            """
        },
        {
            "a loop that calls, traps in the called function at last",
            """
            (func $g (param i32 i32) (result i32) (i32.div_u (local.get 0) (i32.sub (local.get 1) (local.get 0))))
            (func (export "f") (param i32) (result i32) (local i32 i32)
              (loop (local.set 1 (i32.xor (local.get 1) (call $g (local.get 2) (local.get 0))))
                (local.set 2 (i32.add (local.get 2) (i32.const 1)))
                (br 0))
              (local.get 1))
            """
        },
        {
            "a loop that throws to a handler around it",
            """
            (tag $t (param i32))
            (func $thrower (param i32 i32) (if (i32.gt_u (local.get 0) (local.get 1)) (then (throw $t (local.get 0)))))
            (func (export "f") (param i32) (result i32) (local i32)
              (block (result i32)
                (try_table (catch $t 0)
                  (loop (call $thrower (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (local.get 0)) (br 0)))
                (unreachable)))
            """
        },
    };

    [Theory, MemberData(nameof(Loops))]
    public void Tiers_change_neither_results_nor_fuel_nor_traps(string name, string text)
    {
        Assert.NotEmpty(name);
        WasmOptions inBackground = new(), inPlace = new() { Background = null }, compiled = new() { Engine = WasmEngineKind.Compiler };
        string expected = Outcome(Interpreted, text, 500_000, long.MaxValue);
        foreach (WasmOptions options in (WasmOptions[])[inBackground, inPlace, compiled])
            Assert.Equal(expected, Outcome(options, text, 500_000, long.MaxValue));
        foreach (long fuel in (long[])[266_666, 266_667, 1_000_003, 2_222_222])
        {
            expected = Outcome(Interpreted, text, 1_000_000, fuel);
            foreach (WasmOptions options in (WasmOptions[])[inBackground, inPlace, compiled])
                Assert.Equal(expected, Outcome(options, text, 1_000_000, fuel));
        }
    }

    private static WasmOptions Interpreted => new() { Engine = WasmEngineKind.Interpreter };

    /// <summary>All that a caller can see of a few calls.</summary>
    private static string Outcome(WasmOptions options, string text, int argument, long fuel)
    {
        using var engine = new WasmEngine(TimeProvider.System, options);
        WasmInstance instance = new WasmLinker(engine).Instantiate(engine.Load(WatParser.Parse($"(module {text})").Module!.Value));
        var outcomes = new List<string>();
        for (int i = 0; i < 2; i++)
        {
            using var call = new WasmCall(engine, new WasmBudget { Fuel = fuel, SliceFuel = 1 });
            try
            {
                outcomes.Add($"{instance.Function("f")!.Invoke(call, WasmValue.I32(argument))[0].AsI32} {call.FuelUsed}");
            }
            catch (WasmTrap trap)
            {
                outcomes.Add($"{trap.Kind} in {string.Join('<', trap.Frames.Select(static frame => frame.FunctionName))} {call.FuelUsed}");
            }
        }

        return string.Join("; ", outcomes);
    }
}
