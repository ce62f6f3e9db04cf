using Sirsi.Wasm.Text;

namespace Sirsi.Wasm.Tests.Text;

public sealed class ProblemTests
{
    [Theory]
    [InlineData("(module\n  (func (i32.const 1) frobnicate))", "2:23: unknown instruction frobnicate")]
    [InlineData("(func (call $g))", "1:13: unknown function $g")]
    [InlineData("(func $f) (func $f)", "1:17: duplicate function $f")]
    [InlineData("(func (param $x i32) (local $x i32))", "1:29: duplicate local $x")]
    [InlineData("(func (br $l))", "1:11: unknown label $l")]
    [InlineData("(func block $a end $b)", "1:20: mismatching label $b")]
    [InlineData("(func (i32.const 4294967296))", "1:18: i32 constant out of range or malformed: 4294967296")]
    [InlineData("(func (i32.const 1__0))", "1:18: i32 constant out of range or malformed: 1__0")]
    [InlineData("(func (i32.const 0x))", "1:18: i32 constant out of range or malformed: 0x")]
    [InlineData("(func (f32.const 1e39))", "1:18: floating-point constant out of range or malformed: 1e39")]
    [InlineData("(func (f32.const 0x1p128))", "1:18: floating-point constant out of range or malformed: 0x1p128")]
    [InlineData("(func (f32.const nan:0x800000))", "1:18: floating-point constant out of range or malformed: nan:0x800000")]
    [InlineData("(func (f64.const .5))", "1:18: unexpected token .5: a floating-point number expected")]
    [InlineData("(func (i32.load align=3 (i32.const 0)))", "1:17: alignment must be a power of two")]
    [InlineData("(func i32.const 0 drop end)", "1:24: unexpected token end: no block is open")]
    [InlineData("(func block)", "1:12: unexpected token ): end expected")]
    [InlineData("(func (if (i32.const 1)))", "1:24: unexpected token ): (then expected")]
    [InlineData("(func (i32.add i32.const 1))", "1:16: unexpected token i32.const: ( or ) expected")]
    [InlineData("(func else)", "1:7: unexpected token else: there is no if")]
    [InlineData("(func) (import \"a\" \"b\" (func))", "1:8: an import after a definition")]
    [InlineData("(type (func (param i32))) (func (type 0) (param i64))", "1:33: inline function type does not match the type used")]
    [InlineData("(func (type 3))", "1:7: unknown type 3")]
    [InlineData("(start 0) (func) (start 0)", "1:25: multiple start sections")]
    [InlineData("(export \"\\ff\" (func 0))", "1:9: malformed UTF-8 encoding")]
    [InlineData("(export \"\\q\" (func 0))", "1:9: unknown escape in a string")]
    [InlineData("(export \"a", "1:9: unexpected token \"a (a string that is not closed, or no space before or behind it): a string expected")]
    [InlineData("(func (; open", "1:7: unexpected token (; (the comment is not closed): an instruction expected")]
    [InlineData("(func (", "1:1: the parenthesis is not closed")]
    [InlineData("(module (func)", "1:9: the module is not closed")]
    [InlineData("(module) extra", "1:10: text behind the end of the module")]
    [InlineData("(module (what))", "1:10: unexpected token what: a field expected")]
    [InlineData("func", "1:1: unexpected token func: a field expected")]
    [InlineData("(memory 1 2 shared)", "1:13: needs threads, which the engine does not implement")]
    [InlineData("(type (struct))", "1:7: unexpected token (: (func expected")]
    [InlineData("(func (param (ref func)))", "1:19: needs function references, which the engine does not implement")]
    [InlineData("(data \"a\"\"b\")", "1:7: unexpected token \"a\"\"b\" (a string that is not closed, or no space before or behind it): ) expected")]
    public void A_problem_is_told_with_its_line_and_column(string text, string problem) => Assert.Contains(problem, Wat.Problems(text));

    [Fact]
    public void Reading_goes_on_behind_a_problem_with_what_can_still_be_read() => Assert.Equal(
        [
            "2:8: unknown function $a", "2:21: unknown local $b", "3:10: unexpected token bad: (func expected", "5:3: unknown instruction nope",
            "6:17: i32 constant out of range or malformed: -x",
        ],
        Wat.Problems("""
            (func (export "f")
              call $a local.get $b drop)
            (type $t bad)
            (func
              nope more nonsense)
            (func i32.const -x drop)
            """));

    [Fact]
    public void Problems_are_bounded() =>
        Assert.Equal(7, WatParser.Parse(string.Concat(Enumerable.Repeat("(func (nope))\n", 1_000)), new WatOptions { ProblemsMax = 7 }).Problems.Length);

    [Fact]
    public void A_text_longer_than_the_limit_is_refused_unread()
    {
        WatResult refused = WatParser.Parse("(module)", new WatOptions { CharactersMax = 7 });
        Assert.Equal("1:1: the text has 8 characters, more than the limit of 7", refused.Problems.Single().ToString());
        Assert.False(WatParser.Parse("(module)"u8, new WatOptions { CharactersMax = 7 }).IsModule);
    }

    [Fact]
    public void Limits_that_make_no_sense_are_refused_all_at_once()
    {
        ArgumentException misuse = Assert.Throws<ArgumentException>(
            () => WatParser.Parse("", new WatOptions { ProblemsMax = 0, NestingMax = 0, CharactersMax = -1 }));
        Assert.Matches("CharactersMax.*NestingMax.*ProblemsMax", misuse.Message);
    }
}
