using System.Text;
using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Expressions;

/// <summary><c>a and b and …</c> or <c>a or b or …</c> by Kleene's tables; the deciding operand ends the evaluation.</summary>
internal sealed class LogicNode(bool deciding, Node[] operands) : Node
{
    /// <summary>The truth value that decides alone: false for <c>and</c>, true for <c>or</c>.</summary>
    public override Binding Binding => deciding ? Binding.Or : Binding.And;

    public override AttributeValue Evaluate(in Scope scope)
    {
        bool? result = !deciding;
        foreach (Node operand in operands)
        {
            bool? truth = Judgement.Truth(operand.Evaluate(scope));
            if (truth == deciding) return AttributeValue.Of(deciding);
            if (truth is null) result = null;
        }

        return Judgement.ToValue(result);
    }

    public override void Print(StringBuilder text)
    {
        for (int index = 0; index < operands.Length; index++)
        {
            if (index > 0) text.Append(deciding ? " or " : " and ");
            PrintOperand(text, operands[index], Binding + 1);
        }
    }
}

/// <summary><c>not a</c>; not of the unknown is unknown.</summary>
internal sealed class NotNode(Node operand) : Node
{
    public override Binding Binding => Binding.Not;

    public override AttributeValue Evaluate(in Scope scope) => Judgement.ToValue(!Judgement.Truth(operand.Evaluate(scope)));

    public override void Print(StringBuilder text)
    {
        text.Append("not ");
        PrintOperand(text, operand, Binding.Not);
    }
}

/// <summary><c>a ?? b ?? …</c>: the first value that is not null.</summary>
internal sealed class DefaultNode(Node[] operands) : Node
{
    public override Binding Binding => Binding.Default;

    public override AttributeValue Evaluate(in Scope scope)
    {
        foreach (Node operand in operands)
            if (operand.Evaluate(scope) is { IsNull: false } value)
                return value;
        return AttributeValue.Null;
    }

    public override void Print(StringBuilder text)
    {
        for (int index = 0; index < operands.Length; index++)
        {
            if (index > 0) text.Append(" ?? ");
            PrintOperand(text, operands[index], Binding.Primary);
        }
    }
}
