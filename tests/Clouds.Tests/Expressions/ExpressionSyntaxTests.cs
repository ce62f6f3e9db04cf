using Sirsi.Clouds.Expressions;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Tests.Expressions;

public sealed class ExpressionSyntaxTests
{
    [Theory]
    [InlineData("", 4050, 1)]
    [InlineData("a ==", 4050, 5)]
    [InlineData("a b", 4050, 3)]
    [InlineData("(a", 4050, 3)]
    [InlineData("[1, 2", 4050, 6)]
    [InlineData("'open", 4050, 1)]
    [InlineData("a.", 4050, 3)]
    [InlineData("a[b]", 4050, 3)]
    [InlineData("a[-1]", 4050, 3)]
    [InlineData("1 < 2 < 3", 4050, 7)]
    [InlineData("a and", 4050, 6)]
    [InlineData("and", 4050, 1)]
    [InlineData("a = 1", 4050, 3)]
    [InlineData("nope(1)", 4052, 1)]
    [InlineData("lower()", 4052, 1)]
    [InlineData("if(1, 2)", 4052, 1)]
    [InlineData("any(a)", 4050, 6)]
    [InlineData("map(1: 2)", 4050, 5)]
    [InlineData("a matches b", 4050, 11)]
    [InlineData("a matches '('", 4053, 11)]
    [InlineData("a matches '(a)\\1'", 4053, 11)]
    [InlineData("a matches '(?=a)'", 4053, 11)]
    public void A_mistake_is_reported_at_its_place(string text, int code, int column)
    {
        ExpressionResult result = Expression.Parse(text);

        Assert.Null(result.Expression);
        Assert.Equal((code, column), (result.Problems[0].Code.Number, result.Problems[0].Position!.Value.Column));
    }

    [Fact]
    public void Every_mistake_of_a_text_is_reported()
    {
        ExpressionResult result = Expression.Parse("lower() and # nope(1) or ) 'x", new SourcePosition("facts.tsv", 7, 11));

        Assert.Equal(
            ["facts.tsv:7:11", "facts.tsv:7:23", "facts.tsv:7:25", "facts.tsv:7:36", "facts.tsv:7:38"],
            result.Problems.Select(problem => problem.Position!.Value.ToString()));
    }

    [Fact]
    public void Columns_are_counted_in_bytes() =>
        Assert.Equal(8, Expression.Parse("'äö' ?").Problems[0].Position!.Value.Column);

    [Fact]
    public void Nesting_beyond_the_limit_is_refused()
    {
        string deepest = new string('(', Expression.DepthMax) + "1" + new string(')', Expression.DepthMax);

        Assert.NotNull(Expression.Parse(deepest).Expression);
        Assert.Equal(4051, Assert.Single(Expression.Parse("(" + deepest + ")").Problems).Code.Number);
        Assert.Equal(4051, Expression.Parse(new string('[', 8_000)).Problems[0].Code.Number);
        Assert.Equal(4051, Expression.Parse(string.Concat(Enumerable.Repeat("not ", 1_000)) + "a").Problems[0].Code.Number);
    }

    [Fact]
    public void A_text_beyond_the_length_limit_is_refused() =>
        Assert.Equal(4051, Assert.Single(Expression.Parse(new string('a', Expression.LengthMax + 1)).Problems).Code.Number);

    [Fact]
    public void A_long_chain_needs_no_deep_stack()
    {
        string sum = string.Join(" + ", Enumerable.Repeat("1", 2_000));

        Assert.Equal(2_000, Expression.Require(sum).Evaluate(Sirsi.Clouds.Estates.AttributeMap.Empty).AsWhole);
    }

    [Fact]
    public void A_required_expression_that_is_wrong_throws_with_its_code()
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => Expression.Require("a ==", new SourcePosition("checks.yaml", 3, 5)));

        Assert.Equal(4050, failure.Code.Number);
        Assert.StartsWith("checks.yaml:3:9", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not (a and b) or c", "not (a and b) or c")]
    [InlineData("a   and(b or c)", "a and (b or c)")]
    [InlineData("((a))", "a")]
    [InlineData("a-(b-c)", "a - (b - c)")]
    [InlineData("(a ?? b) ?? c", "(a ?? b) ?? c")]
    [InlineData("null == a", "a == null")]
    [InlineData("tags['Name']", "tags.Name")]
    [InlineData("tags['cost center']", "tags['cost center']")]
    [InlineData("it.a[*][0]", "it.a[*][0]")]
    [InlineData("'it''s'", "'it''s'")]
    [InlineData("1.50", "1.5")]
    [InlineData("map(a:1,b:[x])", "map(a: 1, b: [x])")]
    [InlineData("any(list(a),it=='x')", "any(list(a), it == 'x')")]
    [InlineData("(a == b) == true", "(a == b) == true")]
    [InlineData("x matches '^a$'", "x matches '^a$'")]
    [InlineData("(1).a", "1.a")]
    public void An_expression_prints_in_one_form(string text, string printed) =>
        Assert.Equal(printed, Expression.Require(text).ToString());
}
