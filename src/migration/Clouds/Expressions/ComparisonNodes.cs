using System.Text;
using System.Text.RegularExpressions;
using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Expressions;

internal enum Comparison
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Contains,
    StartsWith,
    EndsWith,
}

/// <summary>Two operands compared; unknown when one of them is null or masked, or the two have no order.</summary>
internal sealed class ComparisonNode(Comparison comparison, Node left, Node right) : Node
{
    private static readonly string[] Words = ["==", "!=", "<", "<=", ">", ">=", "in", "contains", "startsWith", "endsWith"];

    public override Binding Binding => Binding.Comparison;

    /// <summary>The comparison written as <paramref name="word"/>; null when there is none.</summary>
    public static Comparison? Named(string word) => Array.IndexOf(Words, word) is var index and >= 0 ? (Comparison)index : null;

    public override AttributeValue Evaluate(in Scope scope)
    {
        AttributeValue a = left.Evaluate(scope), b = right.Evaluate(scope);
        return Judgement.ToValue(comparison switch
        {
            Comparison.Equal => Judgement.AreEqual(a, b),
            Comparison.NotEqual => !Judgement.AreEqual(a, b),
            Comparison.In => Judgement.Contains(b, a),
            Comparison.Contains => Judgement.Contains(a, b),
            Comparison.StartsWith => a.AsText is { } whole && b.AsText is { } start ? whole.StartsWith(start, StringComparison.Ordinal) : null,
            Comparison.EndsWith => a.AsText is { } whole && b.AsText is { } end ? whole.EndsWith(end, StringComparison.Ordinal) : null,
            _ => Ordered(Judgement.Order(a, b)),
        });
    }

    public override void Print(StringBuilder text)
    {
        PrintOperand(text, left, Binding.Sum);
        text.Append(' ').Append(Words[(int)comparison]).Append(' ');
        PrintOperand(text, right, Binding.Sum);
    }

    private bool? Ordered(int? order) => order is not { } known ? null : comparison switch
    {
        Comparison.Less => known < 0,
        Comparison.LessOrEqual => known <= 0,
        Comparison.Greater => known > 0,
        _ => known >= 0,
    };
}

/// <summary><c>a == null</c> and <c>a != null</c>: the comparisons that are never unknown.</summary>
internal sealed class NullCheckNode(Node operand, bool wantsNull) : Node
{
    public override Binding Binding => Binding.Comparison;

    public override AttributeValue Evaluate(in Scope scope) => AttributeValue.Of(operand.Evaluate(scope).IsNull == wantsNull);

    public override void Print(StringBuilder text)
    {
        PrintOperand(text, operand, Binding.Sum);
        text.Append(wantsNull ? " == null" : " != null");
    }
}

/// <summary><c>a matches 'pattern'</c>, in time linear in the text.</summary>
internal sealed class MatchNode(Node operand, Regex pattern) : Node
{
    private const int PatternLengthMax = 500;

    public override Binding Binding => Binding.Comparison;

    /// <summary>The pattern compiled; null when it cannot be matched without backtracking, or is too large.</summary>
    public static Regex? TryCompile(string pattern)
    {
        if (pattern.Length > PatternLengthMax) return null;
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);
        }
        catch (Exception refused) when (refused is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    public override AttributeValue Evaluate(in Scope scope) =>
        operand.Evaluate(scope).AsText is { } text ? AttributeValue.Of(pattern.IsMatch(text)) : AttributeValue.Null;

    public override void Print(StringBuilder text)
    {
        PrintOperand(text, operand, Binding.Sum);
        text.Append(" matches ");
        ConstantNode.PrintText(text, pattern.ToString());
    }
}
