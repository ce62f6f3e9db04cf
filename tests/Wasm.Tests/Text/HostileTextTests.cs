using System.Diagnostics;
using System.Text;
using Sirsi.Wasm.Spec;
using Sirsi.Wasm.Text;

namespace Sirsi.Wasm.Tests.Text;

/// <summary>Texts made to break the assembler: it ends in time proportional to their length, with a module or problems.</summary>
public sealed class HostileTextTests
{
    private const int Big = 300_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static TheoryData<string> Shapes => [.. Texts.Keys];

    private static Dictionary<string, Func<string>> Texts { get; } = new(StringComparer.Ordinal)
    {
        ["open parentheses"] = static () => new string('(', Big),
        ["closing parentheses"] = static () => "(module" + new string(')', Big),
        ["open comments"] = static () => string.Concat(Enumerable.Repeat("(;", Big)),
        ["nested comments"] = static () => string.Concat(Enumerable.Repeat("(;", Big)) + string.Concat(Enumerable.Repeat(";)", Big)),
        ["open annotations"] = static () => string.Concat(Enumerable.Repeat("(@a ", Big)),
        ["an annotation of strings"] = static () => "(@a" + string.Concat(Enumerable.Repeat(" \"x", Big)),
        ["quotes"] = static () => new string('"', Big),
        ["blocks"] = static () => "(func " + string.Concat(Enumerable.Repeat("block ", Big)) + ")",
        ["folded blocks"] = static () => "(func " + string.Concat(Enumerable.Repeat("(block ", Big)) + new string(')', Big + 1),
        ["folded operands"] = static () => "(func " + string.Concat(Enumerable.Repeat("(drop ", 19_000)) + new string(')', 19_001),
        ["conditions of conditions"] = static () => "(func " + string.Concat(Enumerable.Repeat("(if ", 19_000)) + new string(')', 19_001),
        ["far labels"] = static () => "(func block $far " + string.Concat(Enumerable.Repeat("block $x ", 15_000))
            + string.Concat(Enumerable.Repeat("br $far ", Big)) + string.Concat(Enumerable.Repeat("end ", 15_001)) + ")",
        ["one label"] = static () => "(func " + string.Concat(Enumerable.Repeat("block $x ", 15_000)) + string.Concat(Enumerable.Repeat("end $x ", 15_000)) + ")",
        ["many locals, then many functions"] = static () => "(func " + string.Concat(Enumerable.Range(0, 100_000).Select(static i => $"(local $v{i} i32)"))
            + ")" + string.Concat(Enumerable.Repeat("(func (param $x i32))", 100_000)),
        ["many problems"] = static () => string.Concat(Enumerable.Repeat("(func $f (call $g))\n", Big / 10)),
        ["a long number"] = static () => $"(func (f64.const {new string('9', Big)}e-{Big}) drop (i64.const 0x{new string('0', Big)}1) drop)",
        ["a long exponent"] = static () => $"(func (f64.const 0x1p-{new string('9', Big)}) (f32.const 1e-{new string('9', Big)}) drop drop)",
        ["a long table of labels"] = static () => "(func (br_table " + string.Concat(Enumerable.Repeat("0 ", Big)) + "(i32.const 0)))",
    };

    [Theory, MemberData(nameof(Shapes))]
    public void A_hostile_text_takes_time_in_proportion_to_its_length(string shape)
    {
        string text = Texts[shape]();
        long began = Stopwatch.GetTimestamp();
        WatResult result = WatParser.Parse(text);
        Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"{Stopwatch.GetElapsedTime(began)} for {text.Length} characters");
        Assert.Equal(result.IsModule, result.Problems.IsEmpty);
    }

    [Fact]
    public void Mutated_texts_give_a_well_formed_module_or_problems()
    {
        string[] seeds = Seeds();
        int modules = 0, refused = 0;
        var engine = new WasmEngine(TimeProvider.System);
        Check.That(73, 6_000, random =>
        {
            string text = Mutate(seeds[random.Next(seeds.Length)], random);
            WatResult result = WatParser.Parse(text);
            if (result.Module is not { } module)
            {
                refused++;
                Assert.All(result.Problems, static problem => Assert.True(problem is { Line: > 0, Column: > 0, Message.Length: > 0 }));
                return;
            }

            modules++;
            try
            {
                WatPrinter.Print(engine.Load(module));
            }
            catch (WasmException invalid)
            {
                Assert.NotEqual(WasmErrorKind.Malformed, invalid.Kind);
            }
        });
        Assert.InRange(modules, 100, int.MaxValue);
        Assert.InRange(refused, 100, int.MaxValue);
    }

    private static string[] Seeds() => [.. ((string[])["block", "if", "br_table", "elem", "data", "global", "simd_lane", "memory_init", "imports", "call_indirect", "simd_const"])
        .SelectMany(static name => Directory.EnumerateFiles(TestData.Folder("wasm-spec/core/" + name), "*.0.wasm"))
        .Select(static file => WatPrinter.Print(new WasmEngine(TimeProvider.System, SpecScript.Options(file)).Load(File.ReadAllBytes(file)))),
        "(module (tag $e (param i32)) (func block (try_table (catch $e 0) (catch_all_ref 0) (throw $e (i32.const 1)))) end) (memory i64 (data \"a\")))"];

    /// <summary>Cuts a window out of the text, so that a mutation matters, and changes a few tokens or characters in it.</summary>
    private static string Mutate(string seed, Random random)
    {
        List<string> lines = [.. seed.Split('\n')];
        while (lines.Count > 80) lines.RemoveRange(random.Next(lines.Count - 40), random.Next(1, 40));
        List<string> words = [.. string.Join('\n', lines).Split(' ')];
        for (int changes = random.Next(1, 5); changes > 0; changes--)
        {
            int at = random.Next(words.Count);
            switch (random.Next(6))
            {
                case 0: words.RemoveAt(at); break;
                case 1: words.Insert(at, words[random.Next(words.Count)]); break;
                case 2: words[at] = words[random.Next(words.Count)]; break;
                case 3: words[at] += random.Next(2) == 0 ? ")" : "("; break;
                case 4: words[at] = words[at].Replace(")", "", StringComparison.Ordinal); break;
                default:
                    var word = new StringBuilder(words[at]);
                    word.Insert(random.Next(word.Length + 1), (char)random.Next(1, 256));
                    words[at] = word.ToString();
                    break;
            }

            if (words.Count == 0) return "";
        }

        return string.Join(' ', words);
    }
}
