using System.Collections.Immutable;
using System.Text;
using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Expressions;

/// <summary>
/// A chain of sums or products, from left to right. Numbers stay whole while they can; <c>+</c> also joins two texts or two lists.
/// What has no answer (other operands, a division by zero, a result that is not finite) is null.
/// </summary>
internal sealed class ArithmeticNode(Binding binding, Node first, (char Sign, Node Operand)[] rest) : Node
{
    public override Binding Binding => binding;

    public override AttributeValue Evaluate(in Scope scope)
    {
        AttributeValue result = first.Evaluate(scope);
        foreach ((char sign, Node operand) in rest)
        {
            if (result.IsNull) return result;
            result = Apply(sign, result, operand.Evaluate(scope));
        }

        return result;
    }

    public override void Print(StringBuilder text)
    {
        PrintOperand(text, first, binding + 1);
        foreach ((char sign, Node operand) in rest)
        {
            text.Append(' ').Append(sign).Append(' ');
            PrintOperand(text, operand, binding + 1);
        }
    }

    private static AttributeValue Apply(char sign, AttributeValue left, AttributeValue right)
    {
        if (sign == '+' && left.AsText is { } leftText && right.AsText is { } rightText) return Texts.Bounded(leftText, rightText);
        if (sign == '+' && left.Type is AttributeType.List && right.Type is AttributeType.List) return Joined(left.AsList, right.AsList);
        if (left.AsWhole is { } leftWhole && right.AsWhole is { } rightWhole && Whole(sign, leftWhole, rightWhole) is { } whole)
            return AttributeValue.Of(whole);
        return Judgement.Number(left) is { } leftNumber && Judgement.Number(right) is { } rightNumber
            && Real(sign, leftNumber, rightNumber) is var real && double.IsFinite(real)
                ? AttributeValue.Of(real)
                : AttributeValue.Null;
    }

    private static AttributeValue Joined(ImmutableArray<AttributeValue> left, ImmutableArray<AttributeValue> right) =>
        left.Length + right.Length <= Expression.VisitsMax ? AttributeValue.Of(left.AddRange(right)) : AttributeValue.Null;

    private static long? Whole(char sign, long left, long right)
    {
        Int128 result = sign switch
        {
            '+' => (Int128)left + right,
            '-' => (Int128)left - right,
            '*' => (Int128)left * right,
            _ => right != 0 && (Int128)left % right == 0 ? (Int128)left / right : Int128.MaxValue,
        };
        return result >= long.MinValue && result <= long.MaxValue ? (long)result : null;
    }

    private static double Real(char sign, double left, double right) => sign switch
    {
        '+' => left + right,
        '-' => left - right,
        '*' => left * right,
        _ => left / right,
    };
}
