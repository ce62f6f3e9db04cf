using System.Text;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Expressions;

namespace Sirsi.Clouds.Tests.Expressions;

public sealed class ExpressionLawTests
{
    private static readonly AttributeValue[] Truths = [AttributeValue.Of(true), AttributeValue.Of(false), AttributeValue.Null];

    public static TheoryData<string, string> KleeneLaws => new()
    {
        { "not (a and b)", "not a or not b" },
        { "not (a or b)", "not a and not b" },
        { "not not a", "a" },
        { "a and (b or c)", "a and b or a and c" },
        { "a or b and c", "(a or b) and (a or c)" },
        { "a and b", "b and a" },
        { "a or b", "b or a" },
        { "a and (b and c)", "(a and b) and c" },
        { "a or (b or c)", "(a or b) or c" },
        { "a and (a or b)", "a" },
        { "a or a and b", "a" },
        { "any([a, b, c], it)", "a or b or c" },
        { "all([a, b, c], it)", "a and b and c" },
        { "a != b", "not (a == b)" },
        { "a in [b, c]", "a == b or a == c" },
    };

    [Theory]
    [MemberData(nameof(KleeneLaws))]
    public void A_law_of_three_valued_logic_holds_for_all_truth_values(string left, string right)
    {
        Expression one = Expression.Require(left), other = Expression.Require(right);
        foreach (AttributeValue a in Truths)
            foreach (AttributeValue b in Truths)
                foreach (AttributeValue c in Truths)
                {
                    AttributeMap scope = AttributeMap.Of(("a", a), ("b", b), ("c", c));
                    Assert.Equal(one.Evaluate(scope), other.Evaluate(scope));
                }
    }

    [Fact]
    public void Printing_and_reading_again_gives_the_same_text_and_the_same_values() => Check.That(seed: 3, runs: 3_000, random =>
    {
        Expression expression = Expression.Require(RandomExpression(random, 5));
        string printed = expression.ToString();
        Expression again = Expression.Require(printed);
        Assert.Equal(printed, again.ToString());
        Assert.Equal(expression.References, again.References);
        for (int index = 0; index < 5; index++)
        {
            AttributeMap scope = RandomMap(random, 2);
            Assert.True(expression.Evaluate(scope) == again.Evaluate(scope), printed);
        }
    });

    [Fact]
    public void Garbage_is_answered_with_problems_and_never_throws() => Check.That(seed: 5, runs: 5_000, random =>
    {
        const string Letters = "ab ()[]{}'\"*/+-=!<>?.,:0129\\\t\n\u00e4\ud83d and or not in any(map(json(it";
        var text = new StringBuilder();
        for (int length = random.Next(40); length > 0; length--) text.Append(Letters[random.Next(Letters.Length)]);
        ExpressionResult result = Expression.Parse(text.ToString());
        Assert.Equal(result.Expression is null, result.Problems.Length > 0);
        result.Expression?.Evaluate(RandomMap(random, 3));
    });

    [Fact]
    public void A_damaged_expression_is_answered_with_problems_or_evaluates() => Check.That(seed: 7, runs: 3_000, random =>
    {
        string text = RandomExpression(random, 4);
        int at = random.Next(text.Length);
        ExpressionResult result = Expression.Parse(text.Remove(at, 1).Insert(random.Next(at + 1), "(]),'.*"[random.Next(7)].ToString()));
        Assert.Equal(result.Expression is null, result.Problems.Length > 0);
        result.Expression?.Evaluate(RandomMap(random, 3));
    });

    [Fact]
    public void An_evaluation_that_would_visit_too_much_is_unknown()
    {
        AttributeValue many = AttributeValue.Of([.. Enumerable.Range(0, 1_000).Select(index => AttributeValue.Of((long)index))]);
        AttributeMap scope = AttributeMap.Of(("n", many));

        Assert.Equal("false", Expression.Require("any(n, it < 0)").Evaluate(scope).ToString());
        Assert.True(Expression.Require("any(n, any(n, any(n, it < 0)))").Evaluate(scope).IsNull);
    }

    [Fact]
    public void Nested_json_beyond_the_limit_is_null_and_deep_text_is_no_danger()
    {
        string deep = new string('[', 100_000) + new string(']', 100_000);

        Assert.True(Expression.Require("json(t)").Evaluate(AttributeMap.Of(("t", AttributeValue.Of(deep)))).IsNull);
    }

    [Fact]
    public void A_simple_comparison_allocates_nothing()
    {
        Expression expression = Expression.Require("sizeGiB >= 100 and type == 'gp3' and not encrypted and root[0].iops > 2");
        AttributeMap scope = AttributeMap.Of(
            ("sizeGiB", AttributeValue.Of(100)), ("type", AttributeValue.Of("gp3")), ("encrypted", AttributeValue.Of(false)),
            ("root", AttributeValue.Of([AttributeValue.Of(AttributeMap.Of(("iops", AttributeValue.Of(3.5))))])));
        bool holds = true;
        Assert.Equal(0, Garbage.Of(() =>
        {
            for (int run = 0; run < 1_000; run++) holds &= expression.IsTrue(scope);
        }));
        Assert.True(holds);
    }

    private static string RandomExpression(Random random, int depth)
    {
        string Sub() => RandomExpression(random, depth - 1);
        string Closed() => $"({Sub()})";
        if (depth == 0) return Pick(random, "a", "b.c", "d[*].a", "b[0]['x y']", "42", "'te''xt'", "null", "-2.75", "true");
        return random.Next(14) switch
        {
            0 => $"{Closed()} and {Closed()} and {Closed()}",
            1 => $"{Closed()} or {Closed()}",
            2 => $"not {Closed()}",
            3 => $"{Closed()} {Pick(random, "==", "!=", "<", "<=", ">", ">=", "in", "contains", "startsWith", "endsWith")} {Closed()}",
            4 => $"{Closed()} {Pick(random, "+", "-")} {Closed()} - {Closed()}",
            5 => $"{Closed()} {Pick(random, "*", "/")} {Closed()}",
            6 => $"{Closed()} ?? {Closed()} ?? 1",
            7 => $"[{Sub()}, {Sub()}]",
            8 => $"map(a: {Sub()}, c: {Sub()})",
            9 => $"{Pick(random, "any", "all", "each", "where")}({Sub()}, {Closed()} == it)",
            10 => $"if({Sub()}, {Sub()}, {Sub()})",
            11 => $"{Pick(random, "exists", "count", "lower", "number", "flatten", "first", "list", "json", "max", "values")}({Sub()})",
            12 => $"{Closed()} matches '^[a-z]+$'",
            _ => $"{Closed()}.a[0]",
        };
    }

    private static string Pick(Random random, params string[] words) => words[random.Next(words.Length)];

    private static AttributeMap RandomMap(Random random, int depth) => AttributeMap.Of(
        ("a", RandomValue(random, depth)), ("b", RandomValue(random, depth)), ("c", RandomValue(random, depth)),
        ("d", RandomValue(random, depth)), ("x y", RandomValue(random, depth)));

    private static AttributeValue RandomValue(Random random, int depth) => random.Next(depth == 0 ? 7 : 9) switch
    {
        0 => AttributeValue.Null,
        1 => AttributeValue.Of(random.Next(2) == 0),
        2 => AttributeValue.Of(random.Next(-3, 100)),
        3 => AttributeValue.Of(random.NextDouble()),
        4 => AttributeValue.Of(Pick(random, "text", "12", "true", "", "a/b")),
        5 => AttributeValue.MaskedOf(9),
        6 => AttributeValue.Of(long.MaxValue - random.Next(2)),
        7 => AttributeValue.Of([.. Enumerable.Range(0, random.Next(4)).Select(_ => RandomValue(random, depth - 1))]),
        _ => AttributeValue.Of(RandomMap(random, depth - 1)),
    };
}
