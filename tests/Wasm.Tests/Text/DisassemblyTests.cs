using Sirsi.Wasm.Spec;
using Sirsi.Wasm.Text;

namespace Sirsi.Wasm.Tests.Text;

/// <summary>The law of the text format: what the disassembler writes, the assembler turns into an equivalent module.</summary>
public sealed class DisassemblyTests
{
    /// <summary>Folders of the suite, and how many valid modules there are at least, and how many of those come back byte for byte.</summary>
    public static TheoryData<string, int, int> Suites => new()
    {
        { "core", 1_716, 1_675 },
        { "proposals/extended-const", 95, 90 },
        { "proposals/tail-call", 6, 5 },
        { "proposals/multi-memory", 359, 331 },
        { "proposals/memory64", 274, 256 },
        { "proposals/exception-handling", 212, 205 },
    };

    /// <summary>
    /// Bytes differ where the original has numbers longer than needed, equal types twice, imports in groups, or empty runs of locals: what text
    /// does not tell apart. Its second disassembly is the same text in every case.
    /// </summary>
    [Theory, MemberData(nameof(Suites))]
    public void Assembling_a_disassembly_gives_the_module_again(string suite, int modulesLeast, int sameLeast)
    {
        int modules = 0, same = 0;
        var failures = new List<string>();
        foreach (string file in Directory.EnumerateFiles(TestData.Folder("wasm-spec/" + suite), "*.wasm", SearchOption.AllDirectories))
        {
            byte[] bytes = File.ReadAllBytes(file);
            if (TryLoad(file, bytes) is not { } module) continue;
            modules++;
            string text = WatPrinter.Print(module);
            WatResult again = WatParser.Parse(text);
            if (again.Module is not { } assembled) failures.Add($"{file}: {again.Problems[0]}");
            else if (TryLoad(file, assembled) is not { } second) failures.Add($"{file}: is not valid any more");
            else if (WatPrinter.Print(second) is var secondText && secondText != text) failures.Add($"{file}: {Difference(text, secondText)}");
            else if (Sections(assembled.Span).SequenceEqual(Sections(bytes))) same++;
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures.Take(30)));
        Assert.InRange(modules, modulesLeast, int.MaxValue);
        Assert.InRange(same, sameLeast, modules);
    }

    [Fact]
    public void Code_is_written_one_instruction_a_line_and_indented_by_blocks()
    {
        const string Source = """
            (module $counter
              (import "env" "log" (func $log (param i32)))
              (memory 1 2)
              (global $total (mut i64) (i64.const -1))
              (data (i32.const 8) "hi\00\ff")
              (func $count (export "count") (param $up i32) (result i32) (local f64)
                (loop $again (br_if $again (local.tee $up (i32.add (local.get $up) (i32.const 1)))))
                (if (result i32) (i32.load offset=4 align=1 (i32.const 0)) (then (i32.const 1)) (else (call $log (i32.const 2)) (i32.const 3)))
                (br_table 0 0 (i32.const 7))))
            """;
        const string Expected = """
            (module $counter
              (type $type0 (func (param i32)))
              (type $type1 (func (param i32) (result i32)))
              (import "env" "log" (func $log (type $type0)))
              (memory $memory0 1 2)
              (global $total (mut i64) (i64.const -1))
              (export "count" (func $count))
              (data $data0 (i32.const 8) "hi\00\ff")
              (func $count (type $type1) (param $up i32) (result i32)
                (local $l1 f64)
                loop $b0
                  local.get $up
                  i32.const 1
                  i32.add
                  local.tee $up
                  br_if $b0
                end
                i32.const 0
                i32.load offset=4 align=1
                if $b1 (result i32)
                  i32.const 1
                else
                  i32.const 2
                  call $log
                  i32.const 3
                end
                i32.const 7
                br_table 0 0))

            """;
        Assert.Equal(Expected, WatPrinter.Print(Wat.Load(Source)));
    }

    [Fact]
    public void Names_that_are_no_identifiers_are_quoted_and_doubled_names_made_unique()
    {
        WasmModule module = Wat.Load("""(module (func $"a b\"\u{2028}é" (export "x")) (func (export "y\"") (call 0)))""");
        string text = WatPrinter.Print(module);
        Assert.Contains("(func $\"a b\\\"\\u{2028}é\"", text, StringComparison.Ordinal);
        Assert.Contains("(func $\"y\\\"\"", text, StringComparison.Ordinal);
        Assert.Equal(text, WatPrinter.Print(Wat.Load(text)));
        string doubled = WatPrinter.Print(Wat.Load("(module (func $func1) (func) (func))"));
        Assert.Contains("(func $func1 ", doubled, StringComparison.Ordinal);
        Assert.Contains("(func $func1#1 ", doubled, StringComparison.Ordinal);
    }

    [Fact]
    public void The_text_is_bounded_and_deep_nesting_does_not_square_it()
    {
        const int Depth = 9_000;
        WasmModule deep = Wat.Load($"(module (func {string.Concat(Enumerable.Repeat("block ", Depth))}{string.Concat(Enumerable.Repeat("end ", Depth))}))");
        Assert.InRange(WatPrinter.Print(deep).Length, 1, Depth * 150);
        using var output = new StringWriter();
        WasmException refused = Assert.Throws<WasmException>(() => WatPrinter.Print(deep, output, 1_000));
        Assert.Equal(WasmErrorKind.LimitExceeded, refused.Kind);
        Assert.InRange(output.ToString().Length, 900, 1_000);
    }

    private static WasmModule? TryLoad(string file, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return new WasmEngine(TimeProvider.System, SpecScript.Options(file)).Load(bytes);
        }
        catch (WasmException)
        {
            return null;
        }
    }

    /// <summary>A module's sections without custom and empty ones.</summary>
    internal static byte[] Sections(ReadOnlySpan<byte> module)
    {
        var kept = new List<byte>();
        for (int position = 8; position < module.Length;)
        {
            int start = position;
            byte id = module[position++];
            int size = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte part = module[position++];
                size |= (part & 0x7F) << shift;
                if (part < 0x80) break;
            }

            position += size;
            bool isEmpty = size == 1 && module[position - 1] == 0 && id != 8;
            if (id != 0 && !isEmpty) kept.AddRange(module[start..position]);
        }

        return [.. kept];
    }

    private static string Difference(string left, string right)
    {
        string[] lefts = left.Split('\n'), rights = right.Split('\n');
        int at = Enumerable.Range(0, Math.Min(lefts.Length, rights.Length)).FirstOrDefault(line => lefts[line] != rights[line]);
        return $"\n- {lefts[at]}\n+ {rights[at]}";
    }
}
