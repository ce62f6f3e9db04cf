using System.Globalization;
using System.Text;
using Sirsi.Wasm.Compiler;
using Sirsi.Wasm.Text;

namespace Sirsi.Wasm.Tests;

/// <summary>Functions that are compiled in pieces: which locals travel, and which pieces become part of the whole again.</summary>
public sealed class PieceTests
{
    private const int Arms = 5;
    private const int Steps = 600;

    /// <summary>
    /// A switch in a loop, too large for RyuJIT as a whole: arm k adds k to a sum, some hundred times.
    /// </summary>
    private static string Switch()
    {
        string labels = string.Join(' ', Enumerable.Range(0, Arms).Select(static arm => $"$arm{arm}"));
        var code = new StringBuilder($"(br_table {labels} $end (local.get $arm))");
        for (int arm = 0; arm < Arms; arm++)
        {
            code.Insert(0, $"(block $arm{arm} ").Append(CultureInfo.InvariantCulture, $") (local.set $scratch (i32.const {arm}))");
            for (int step = 0; step < Steps; step++) code.Append("(local.set $sum (i32.add (local.get $sum) (local.get $scratch)))");
            code.Append("(br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))) (return (local.get $sum))");
        }

        return $"""
            (module (func (export "f") (param $arm i32) (param $times i32) (result i32) (local $sum i32) (local $scratch i32)
              (loop $again (block $end {code})) (i32.const 77)))
            """;
    }

    [Fact]
    public void A_piece_that_runs_often_becomes_part_of_its_function_again()
    {
        const int Runs = 500;
        WasmModule module = Load(Switch(), new() { Engine = WasmEngineKind.Compiler, PieceRunsBeforeRecut = Runs });
        WasmInstance instance = new WasmLinker(module.Engine).Instantiate(module);
        int Call(int arm, int times) => instance.Invoke("f", WasmValue.I32(arm), WasmValue.I32(times))[0].AsI32;

        Assert.Equal(3 * Steps, Call(3, 1));
        Assert.Equal(Arms, module.Code.Made(0)!.Pieces.Count);
        Call(3, Runs - 2);
        Assert.Equal(Arms, module.Code.Made(0)!.Pieces.Count);
        Call(3, 2);
        Assert.Equal(Arms - 1, module.Code.Made(0)!.Pieces.Count);
        for (int arm = 0; arm < Arms; arm++) Assert.Equal(3 * arm * Steps, Call(arm, 3));
        Assert.Equal(77, Call(Arms, 3));
    }

    [Fact]
    public void Locals_that_nobody_reads_before_they_are_assigned_do_not_travel()
    {
        WasmModule module = Load(Switch(), new() { Engine = WasmEngineKind.Compiler });
        new WasmLinker(module.Engine).Instantiate(module).Invoke("f", WasmValue.I32(0), WasmValue.I32(1));
        foreach (CutPiece piece in module.Code.Made(0)!.Pieces)
        {
            Assert.Equal([1, 2, 3], piece.Assigned.Order());
            Assert.Equal([1, 2], piece.Brought);
            Assert.Equal([1, 2], piece.Taken);
        }
    }

    [Fact]
    public void What_a_loop_reads_lives_at_its_end_and_what_it_only_writes_does_not()
    {
        WasmModule module = Load(
            """
            (module (func (param i32 i32) (local i32)
              (block
                (loop
                  (br_if 1 (i32.eqz (local.get 0)))
                  (local.set 1 (i32.const 1))
                  (local.set 0 (local.get 2))
                  (br 0)))))
            """,
            new());
        byte[] code = module.Content.Code;
        int start = module.Content.Bodies[0].Start;
        var liveness = Liveness.Of(module.Content, 0, locals: 3);
        Assert.NotNull(liveness);
        int loop = Array.IndexOf(code, (byte)0x03, start);
        Assert.Equal([true, false, true], Locals(liveness.AtLabel(loop)));
        Assert.Equal([true, false, true], Locals(liveness.At(start)));
        Assert.Equal([false, false, false], Locals(liveness.AtLabel(start)));
    }

    private static bool[] Locals(LiveSet live) => [live.Contains(0), live.Contains(1), live.Contains(2)];

    private static WasmModule Load(string text, WasmOptions options)
    {
        WatResult result = WatParser.Parse(text);
        Assert.Empty(result.Problems);
        return new WasmEngine(TimeProvider.System, options).Load(result.Module!.Value);
    }
}
