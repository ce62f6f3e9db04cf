using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Expressions;

namespace Sirsi.Clouds.Tests.Expressions;

public sealed class ExpressionTests
{
    private static readonly AttributeMap Machine = Json("""
        {
          "name": "web", "size": "m5.large", "count": 3, "ratio": 2.5, "flag": true, "off": false, "spelled": "true", "port": "443",
          "nothing": null, "empty": [], "tags": { "Name": "web", "cost-center": "42" },
          "disk": [ { "size": 8, "encrypted": true }, { "size": 100, "encrypted": false }, { "size": "20" } ],
          "root": [ { "volume": { "type": "gp3" } } ], "single": { "volume": { "type": "io1" } },
          "ingress": [ { "from": 22, "cidrs": ["10.0.0.0/8", "0.0.0.0/0"] }, { "from": 443, "cidrs": ["0.0.0.0/0"] } ],
          "policy": "{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":[\"*\"]}]}",
          "word": "it's", "in": 7
        }
        """).With(AttributeMap.Of(("password", AttributeValue.MaskedOf(20))));

    [Theory]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("(1 + 2) * 3", "9")]
    [InlineData("7 / 2", "3.5")]
    [InlineData("8 / 2", "4")]
    [InlineData("1 / 0", "null")]
    [InlineData("10 - 3 - 2", "5")]
    [InlineData("-3 + count", "0")]
    [InlineData("9223372036854775807 + 1", "9.223372036854776E+18")]
    [InlineData("'a' + 'b'", "ab")]
    [InlineData("port + 1", "444")]
    [InlineData("count([1, 2] + [3])", "3")]
    [InlineData("name + 1", "null")]
    [InlineData("nothing ?? missing ?? 'x'", "x")]
    [InlineData("missing ?? 2 * 3", "6")]
    [InlineData("name == 'web'", "true")]
    [InlineData("port == 443", "true")]
    [InlineData("443 == port", "true")]
    [InlineData("spelled == true", "true")]
    [InlineData("name == 3", "false")]
    [InlineData("count >= 3 and count < 4", "true")]
    [InlineData("port > 80", "true")]
    [InlineData("name < 'zed'", "true")]
    [InlineData("name < 3", "null")]
    [InlineData("missing == 3", "null")]
    [InlineData("missing != 3", "null")]
    [InlineData("missing == null", "true")]
    [InlineData("null != name", "true")]
    [InlineData("(missing > 3) == null", "true")]
    [InlineData("password == 'x'", "null")]
    [InlineData("password == null", "false")]
    [InlineData("password.inner == null", "false")]
    [InlineData("exists(password)", "true")]
    [InlineData("exists(missing)", "false")]
    [InlineData("not missing", "null")]
    [InlineData("not spelled", "false")]
    [InlineData("not not flag", "true")]
    [InlineData("off and missing", "false")]
    [InlineData("missing and off", "false")]
    [InlineData("flag or missing", "true")]
    [InlineData("missing or off", "null")]
    [InlineData("flag and missing", "null")]
    [InlineData("name and true", "null")]
    [InlineData("size in ['m5.large', 'm5.xlarge']", "true")]
    [InlineData("'x' in [missing, 'y']", "null")]
    [InlineData("'y' in [missing, 'y']", "true")]
    [InlineData("'x' in []", "false")]
    [InlineData("'x' in missing", "null")]
    [InlineData("'Name' in tags", "true")]
    [InlineData("size contains 'large'", "true")]
    [InlineData("tags contains 'Owner'", "false")]
    [InlineData("size startsWith 'm5.'", "true")]
    [InlineData("size endsWith '.xlarge'", "false")]
    [InlineData("size matches '^m[0-9]+[.]'", "true")]
    [InlineData("missing matches 'a'", "null")]
    [InlineData("word == 'it''s'", "true")]
    public void A_value_follows_from_operators(string expression, string expected) =>
        Assert.Equal(expected, Value(expression).ToString());

    [Theory]
    [InlineData("tags.Name", "web")]
    [InlineData("tags['cost-center']", "42")]
    [InlineData("root[0].volume.type", "gp3")]
    [InlineData("root.volume.type", "gp3")]
    [InlineData("single[0].volume.type", "io1")]
    [InlineData("single[1]", "null")]
    [InlineData("disk[1].size", "100")]
    [InlineData("disk[9].size", "null")]
    [InlineData("disk.size", "null")]
    [InlineData("count(disk[*].encrypted)", "2")]
    [InlineData("join(ingress[*].cidrs[*], ' ')", "10.0.0.0/8 0.0.0.0/0 0.0.0.0/0")]
    [InlineData("(disk[*].size)[1]", "100")]
    [InlineData("missing[*].size", "null")]
    [InlineData("single[*].volume[*].type", "[1]")]
    [InlineData("name.length", "null")]
    public void A_path_steps_into_lists_and_maps(string expression, string expected) =>
        Assert.Equal(expected, Value(expression).ToString());

    [Theory]
    [InlineData("count(disk)", "3")]
    [InlineData("count(tags)", "2")]
    [InlineData("count(missing)", "null")]
    [InlineData("upper(name) + lower('X')", "WEBx")]
    [InlineData("trim(' a ')", "a")]
    [InlineData("number('12') + number('1.5')", "13.5")]
    [InlineData("number('12GB')", "null")]
    [InlineData("text(12) + text(true)", "12true")]
    [InlineData("bool('True')", "true")]
    [InlineData("bool(0)", "false")]
    [InlineData("bool('maybe')", "null")]
    [InlineData("last('a/b/c', '/')", "c")]
    [InlineData("last('abc', '/')", "abc")]
    [InlineData("before('80-90', '-')", "80")]
    [InlineData("before('80', '-')", "80")]
    [InlineData("after('80-90', '-')", "90")]
    [InlineData("after('80', '-')", "null")]
    [InlineData("count(split('a,b,c', ','))", "3")]
    [InlineData("replace('a_b_c', '_', '-')", "a-b-c")]
    [InlineData("join(['a', 1, null, true], ',')", "a,1,true")]
    [InlineData("count(list('x'))", "1")]
    [InlineData("list(missing)", "null")]
    [InlineData("first([null, 2, 3])", "2")]
    [InlineData("first([])", "null")]
    [InlineData("count(flatten([[1, 2], 3, [], [[4]]]))", "4")]
    [InlineData("join(keys(tags), ' ')", "Name cost-center")]
    [InlineData("join(values(tags), ' ')", "web 42")]
    [InlineData("min(disk[*].size)", "8")]
    [InlineData("max(disk[*].size)", "100")]
    [InlineData("sum(disk[*].size)", "128")]
    [InlineData("max([])", "null")]
    [InlineData("sum(['x'])", "null")]
    [InlineData("json(policy).Statement[0].Action", "s3:*")]
    [InlineData("json('{')", "null")]
    [InlineData("json('[1] 2')", "null")]
    [InlineData("json(tags).Name", "web")]
    [InlineData("if(flag, 1, 2)", "1")]
    [InlineData("if(off, 1, 2)", "2")]
    [InlineData("if(missing, 1, 2)", "null")]
    [InlineData("switch(size, 'a', 1, 'm5.large', 2, 3)", "2")]
    [InlineData("switch(size, 'a', 1, 3)", "3")]
    [InlineData("switch(size, 'a', 1, 'b', 2)", "null")]
    [InlineData("switch(missing, 'a', 1, 3)", "null")]
    [InlineData("map(a: 1, b: missing, c: name).c", "web")]
    [InlineData("count(map(a: 1, b: missing))", "1")]
    public void A_function_gives(string expression, string expected) => Assert.Equal(expected, Value(expression).ToString());

    [Theory]
    [InlineData("any(ingress, from == 22 and '0.0.0.0/0' in cidrs)", "true")]
    [InlineData("any(ingress, from == 3389)", "false")]
    [InlineData("any(disk, encrypted == false)", "true")]
    [InlineData("any(disk, encrypted == 7)", "null")]
    [InlineData("all(disk, encrypted == true)", "false")]
    [InlineData("all(disk, size > 5)", "true")]
    [InlineData("any([], it)", "false")]
    [InlineData("all([], it)", "true")]
    [InlineData("any(missing, it)", "null")]
    [InlineData("any(['a', 'web'], it == name)", "true")]
    [InlineData("any(ingress, any(cidrs, it == '0.0.0.0/0' and from == 443))", "true")]
    [InlineData("any(single, volume.type == 'io1')", "true")]
    [InlineData("join(each(ingress, from + 1), ' ')", "23 444")]
    [InlineData("count(each(disk, encrypted))", "2")]
    [InlineData("sum(where(disk, encrypted == null)[*].size)", "20")]
    [InlineData("each(disk, map(gib: number(size)))[2].gib", "20")]
    [InlineData("any(list(json(policy).Statement), it.Effect == 'Allow' and any(list(it.Action), it endsWith ':*'))", "true")]
    [InlineData("count(each(disk, each(ingress, from)))", "3")]
    public void A_list_function_looks_names_up_in_the_item_first(string expression, string expected) =>
        Assert.Equal(expected, Value(expression).ToString());

    [Fact]
    public void A_name_that_the_scope_lacks_is_looked_up_in_the_outer_scope()
    {
        AttributeMap outer = AttributeMap.Of(("region", AttributeValue.Of("eu")), ("name", AttributeValue.Of("outer")));

        Assert.Equal("eu web", Expression.Require("region + ' ' + name").Evaluate(Machine, outer).ToString());
    }

    [Fact]
    public void The_names_read_from_the_scope_and_from_items_are_told_apart()
    {
        Expression expression = Expression.Require("size == 'x' and any(ingress[*].rules, it.port == 22 and open) or count(tags) > 0 or size");

        Assert.Equal(["ingress", "size", "tags"], expression.References);
        Assert.Equal(["open"], expression.ItemReferences);
    }

    [Fact]
    public void Only_true_is_true()
    {
        Assert.True(Expression.Require("spelled").IsTrue(Machine));
        Assert.False(Expression.Require("missing").IsTrue(Machine));
        Assert.False(Expression.Require("count").IsTrue(Machine));
    }

    private static AttributeValue Value(string expression) => Expression.Require(expression).Evaluate(Machine);

    internal static AttributeMap Json(string json) => Expression.Require("json(text)").Evaluate(
        AttributeMap.Of(("text", AttributeValue.Of(json)))).AsMap!;
}
