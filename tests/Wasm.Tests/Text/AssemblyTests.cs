using Sirsi.Wasm.Text;

namespace Sirsi.Wasm.Tests.Text;

/// <summary>Each form of the text format by an example.</summary>
public sealed class AssemblyTests
{
    /// <summary>Texts that mean the same: abbreviations and what they stand for (section 6.6 of the specification).</summary>
    [Theory]
    [InlineData("(func (export \"f\") (export \"g\"))", "(func) (export \"f\" (func 0)) (export \"g\" (func 0))")]
    [InlineData("(func $f (import \"a\" \"b\") (param i32))", "(import \"a\" \"b\" (func $f (param i32)))")]
    [InlineData("(table $t (export \"t\") (import \"a\" \"b\") 1 2 funcref)", "(import \"a\" \"b\" (table $t 1 2 funcref)) (export \"t\" (table $t))")]
    [InlineData("(memory (import \"a\" \"b\") i64 1)", "(import \"a\" \"b\" (memory i64 1))")]
    [InlineData("(global $g (import \"a\" \"b\") (mut i32))", "(import \"a\" \"b\" (global $g (mut i32)))")]
    [InlineData("(tag $t (export \"e\") (param i32))", "(type (func (param i32))) (tag $t (type 0)) (export \"e\" (tag $t))")]
    [InlineData("(tag (import \"a\" \"b\"))", "(import \"a\" \"b\" (tag (type 0))) (type (func))")]
    [InlineData("(func) (table $t funcref (elem 0 0))", "(func) (table $t 2 2 funcref) (elem (table $t) (i32.const 0) func 0 0)")]
    [InlineData("(func) (table i64 funcref (elem (ref.func 0) (ref.null func)))", "(func) (table i64 2 2 funcref) (elem (i64.const 0) funcref (item ref.func 0) (item (ref.null func)))")]
    [InlineData("(memory $m (data \"ab\" \"c\"))", "(memory $m 1 1) (data (memory $m) (offset (i32.const 0)) \"abc\")")]
    [InlineData("(memory i64 (data))", "(memory i64 0 0) (data (offset i64.const 0))")]
    [InlineData("(func) (table 1 funcref) (elem (i32.const 0) 0)", "(func) (table 1 funcref) (elem (table 0) (offset (i32.const 0)) func 0)")]
    [InlineData("(func (param i32 i64) (result f32 f64) unreachable)", "(func (param i32) (param i64) (result f32) (result f64) unreachable)")]
    [InlineData("(func (local i32 i32) (local i64))", "(func (local i32) (local i32) (local $x i64))")]
    [InlineData("(table 1 (ref null func)) (table 1 (ref null extern))", "(table 1 funcref) (table 1 externref)")]
    [InlineData("(start 0) (func)", "(func $main) (start $main)")]
    [InlineData("(memory i32 1)", "(memory 1)")]
    public void An_abbreviation_means_what_it_stands_for(string shortForm, string longForm) =>
        Assert.Equal(Convert.ToHexString(Wat.Assemble(longForm, names: false)), Convert.ToHexString(Wat.Assemble(shortForm, names: false)));

    [Theory]
    [InlineData("(i32.add (i32.const 1) (i32.mul (i32.const 2) (i32.const 3))) drop", "i32.const 1 i32.const 2 i32.const 3 i32.mul i32.add drop")]
    [InlineData("(if (i32.const 1) (then nop) (else (nop) unreachable))", "i32.const 1 if nop else nop unreachable end")]
    [InlineData("(if $l (result i32) (i32.const 1) (then (br $l (i32.const 2))) (else i32.const 3)) drop", "i32.const 1 if (result i32) i32.const 2 br 0 else i32.const 3 end drop")]
    [InlineData("(block $a (loop $b (br_if $a (i32.const 0)) (br $b)))", "block loop i32.const 0 br_if 1 br 0 end end")]
    [InlineData("block $a block $a br $a end $a br $a end $a", "block block br 0 end br 0 end")]
    [InlineData("(drop (select (i32.const 1) (i32.const 2) (i32.const 3)))", "i32.const 1 i32.const 2 i32.const 3 select drop")]
    [InlineData("(drop (select (result i64) (i64.const 1) (i64.const 2) (i32.const 3)))", "i64.const 1 i64.const 2 i32.const 3 select (result i64) drop")]
    [InlineData("(drop (call_indirect (result i32) (i32.const 0)))", "i32.const 0 call_indirect $t (type $r) drop")]
    [InlineData("(call_indirect $t (type 0) (i32.const 0))", "i32.const 0 call_indirect")]
    [InlineData("(block (param) (result))", "block end")]
    [InlineData("block (type $r) i32.const 0 end drop", "(drop (block (type $r) (result i32) (i32.const 0)))")]
    [InlineData("(try_table $l (catch $e $out) (catch_all 0))", "try_table (catch 0 0) (catch_all $out) end")]
    [InlineData("(memory.copy (i32.const 0) (i32.const 1) (i32.const 2))", "i32.const 0 i32.const 1 i32.const 2 memory.copy $m 0")]
    [InlineData("(memory.init 0 (i32.const 0) (i32.const 1) (i32.const 2))", "i32.const 0 i32.const 1 i32.const 2 memory.init $m $d")]
    [InlineData("(table.init 0 (i32.const 0) (i32.const 1) (i32.const 2))", "i32.const 0 i32.const 1 i32.const 2 table.init $t $s")]
    [InlineData("(v128.store8_lane 3 (i32.const 0) (v128.const i64x2 1 -1))", "i32.const 0 v128.const i32x4 1 0 -1 0xffff_ffff v128.store8_lane $m offset=0 align=1 3")]
    [InlineData("(drop (i32.load $n offset=0x10 align=2 (i32.const 0)))", "i32.const 0 i32.load 1 offset=16 align=2 drop")]
    public void Folded_instructions_and_defaults_mean_the_flat_ones(string shortForm, string longForm)
    {
        const string Around = """
            (type $v (func)) (type $r (func (result i32))) (table $t 1 funcref) (memory $m 1) (memory $n 1) (tag $e) (data $d "abc") (elem $s func)
            (func (block $out {0}))
            """;
        Assert.Equal(
            Convert.ToHexString(Wat.Assemble(Around.Replace("{0}", longForm, StringComparison.Ordinal), names: false)),
            Convert.ToHexString(Wat.Assemble(Around.Replace("{0}", shortForm, StringComparison.Ordinal), names: false)));
    }

    [Theory]
    [InlineData("i32.const", "0xFfff_ffff", 0xFFFF_FFFFUL)]
    [InlineData("i32.const", "-2147483648", 0x8000_0000UL)]
    [InlineData("i32.const", "+0_1", 1UL)]
    [InlineData("i64.const", "-0x8000_0000_0000_0000", 0x8000_0000_0000_0000UL)]
    [InlineData("i64.const", "18446744073709551615", ulong.MaxValue)]
    [InlineData("f32.const", "1.5", 0x3FC0_0000UL)]
    [InlineData("f32.const", "-0", 0x8000_0000UL)]
    [InlineData("f32.const", "0x1.fffffep127", 0x7F7F_FFFFUL)]
    [InlineData("f32.const", "0x1p-149", 1UL)]
    [InlineData("f32.const", "0x1p-150", 0UL)]
    [InlineData("f32.const", "0x1.8p-149", 2UL)]
    [InlineData("f32.const", "0x1.000001p0", 0x3F80_0000UL)]
    [InlineData("f32.const", "0x1.00000100000000000000000000001p0", 0x3F80_0001UL)]
    [InlineData("f32.const", "0x1.000003p0", 0x3F80_0002UL)]
    [InlineData("f32.const", "1.17549435e-38", 0x0080_0000UL)]
    [InlineData("f32.const", "16777217", 0x4B80_0000UL)]
    [InlineData("f32.const", "inf", 0x7F80_0000UL)]
    [InlineData("f32.const", "-nan", 0xFFC0_0000UL)]
    [InlineData("f32.const", "nan:0x2_00001", 0x7FA0_0001UL)]
    [InlineData("f64.const", "6.02214076e+23", 0x44DFE185CA57C517UL)]
    [InlineData("f64.const", "1_0.2_5e0_1", 0x4059A00000000000UL)]
    [InlineData("f64.const", "0xF.8p-1", 0x401F000000000000UL)]
    [InlineData("f64.const", "0x1.8P+1_0", 0x4098000000000000UL)]
    [InlineData("f64.const", "5e-324", 1UL)]
    [InlineData("f64.const", "0x0.0000000000001p-1022", 1UL)]
    [InlineData("f64.const", "1.", 0x3FF0000000000000UL)]
    [InlineData("f64.const", "+nan:0xf_ffff_ffff_ffff", 0x7FFFFFFFFFFFFFFFUL)]
    public void Numbers_have_every_format_and_round_to_the_nearest(string instruction, string number, ulong bits)
    {
        string type = instruction[..3];
        Assert.Equal(bits, Wat.Run($"(func (export \"f\") (result {type}) ({instruction} {number}))")[0].Low);
    }

    [Fact]
    public void Floating_point_numbers_are_written_so_that_they_read_back_the_same() => Check.That(71, 20_000, static random =>
    {
        ulong bits = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
        if (random.Next(4) == 0) bits &= 0x800F_FFFF_FFFF_FFFF;
        if (random.Next(8) == 0) bits |= 0x7FF0_0000_0000_0000;
        Assert.True(WatFloat.Double.TryParse(WatFloat.Double.Format(bits), out ulong again));
        Assert.Equal(bits, again);
        uint half = (uint)bits;
        Assert.True(WatFloat.Single.TryParse(WatFloat.Single.Format(half), out again));
        Assert.Equal(half, again);
    });

    [Fact]
    public void A_hexadecimal_number_is_the_decimal_one_it_equals() => Check.That(72, 20_000, static random =>
    {
        ulong bits = (ulong)random.NextInt64() & 0x7FEF_FFFF_FFFF_FFFF;
        double number = BitConverter.UInt64BitsToDouble(bits);
        ulong fraction = bits & 0xF_FFFF_FFFF_FFFF;
        int exponent = (int)(bits >> 52);
        string hex = exponent == 0 ? $"0x0.{fraction:x13}p-1022" : $"0x1.{fraction:x13}p{exponent - 1023}";
        Assert.True(WatFloat.Double.TryParse(hex, out ulong read));
        Assert.Equal(bits, read);

        // Rounding to single is .NET's own, except where it gives infinity, which text must not.
        ulong single = BitConverter.SingleToUInt32Bits((float)number);
        Assert.Equal(single < 0x7F80_0000, WatFloat.Single.TryParse(hex, out read));
        if (single < 0x7F80_0000) Assert.Equal(single, read);
    });

    [Theory]
    [InlineData("i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 -1", 0x0706050403020100UL, 0xFF0E0D0C0B0A0908UL)]
    [InlineData("i16x8 0 1 2 3 0x10 5 6 65535", 0x0003000200010000UL, 0xFFFF000600050010UL)]
    [InlineData("i32x4 1 2 3 -4", 0x0000000200000001UL, 0xFFFFFFFC00000003UL)]
    [InlineData("i64x2 1 -1", 1UL, ulong.MaxValue)]
    [InlineData("f32x4 1 -1 inf nan:0x1", 0xBF8000003F800000UL, 0x7F8000017F800000UL)]
    [InlineData("f64x2 1 0x1p1", 0x3FF0000000000000UL, 0x4000000000000000UL)]
    public void Vectors_have_every_shape(string vector, ulong low, ulong high)
    {
        WasmValue value = Wat.Run($"(func (export \"f\") (result v128) v128.const {vector})")[0];
        Assert.Equal((low, high), (value.Low, value.High));
    }

    [Fact]
    public void Lanes_and_shuffles_are_read()
    {
        Assert.Equal(0x0F, Wat.Run("""
            (func (export "f") (result i32)
              (i8x16.extract_lane_u 1 (i8x16.shuffle 0 31 2 3 4 5 6 7 8 9 10 11 12 13 14 15
                (v128.const i64x2 0 0) (v128.const i8x16 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 15))))
            """)[0].AsI32);
    }

    [Fact]
    public void Strings_have_escapes_and_comments_are_space()
    {
        const string Text = """
            ;; a line (; not a block ;)
            (module $m (; block (; nested ;) " ;) (@custom "x" (nested ")")) (memory 1)
              (data (i32.const 0) "\00\ff\t\n\r\"\'\\\u{e9}\u{1F6_00}é€") (;;) ;; end
              (func(export"f")(param$i i32)(result i32)local.get$i)
            )
            """;
        string spaced = Text.Replace("param$i", "param $i", StringComparison.Ordinal)
            .Replace("get$i", "get $i", StringComparison.Ordinal).Replace("export\"", "export \"", StringComparison.Ordinal);
        WasmModule module = Wat.Load(spaced);
        Assert.Equal("m", module.Name);
        Assert.Equal("00ff090a0d22275cc3a9f09f9880c3a9e282ac", Convert.ToHexStringLower(module.Content.Data[0].Content.Span));
        Assert.False(WatParser.Parse(Text).IsModule);
    }

    [Fact]
    public void Identifiers_become_names_that_traps_tell()
    {
        const string Text = """(module $app (func $inner (param $x i32) (local $y i64) unreachable) (func (export "f") (call $inner (i32.const 1))))""";
        WasmTrap trap = Assert.Throws<WasmTrap>(() => Wat.Run(Text));
        Assert.Equal("app!inner", trap.GuestStackTrace.Split('@')[0].Replace("at ", "", StringComparison.Ordinal).Trim());
        Assert.Empty(Wat.Load("(module (func (export \"f\")))").CustomSections);
        Assert.DoesNotContain((byte)'n', WatParser.Parse(Text, new WatOptions { WriteNames = false }).Module!.Value.ToArray().AsSpan(8, 4).ToArray());
    }

    [Fact]
    public void A_module_of_a_script_may_be_binary_or_quoted()
    {
        Assert.Equal("0061736D01000000", Convert.ToHexString(Wat.Assemble("(module binary \"\\00asm\" \"\\01\\00\\00\\00\")")));
        Assert.Equal(Wat.Assemble("(func)"), Wat.Assemble("(module quote \"(fu\" \"nc)\")"));
        Assert.StartsWith("1:9: in the quoted text, 1:2: unexpected token what", Wat.Problems("(module quote \"(what)\")")[0], StringComparison.Ordinal);
        Assert.Equal("0061736D01000000", Convert.ToHexString(Wat.Assemble("")));
    }

    [Fact]
    public void A_byte_order_mark_is_skipped_and_broken_UTF_8_is_told_with_its_place()
    {
        Assert.True(WatParser.Parse([0xEF, 0xBB, 0xBF, .. "(module)"u8]).IsModule);
        Assert.Equal("2:3: malformed UTF-8 encoding", WatParser.Parse([.. "(module\n;;"u8, 0xFF]).Problems.Single().ToString());
    }
}
