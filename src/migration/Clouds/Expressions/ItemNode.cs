using System.Collections.Immutable;
using System.Text;
using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Expressions;

internal enum ItemFunction
{
    /// <summary>Whether the expression is true for an item.</summary>
    Any,

    /// <summary>Whether the expression is true for every item.</summary>
    All,

    /// <summary>The expression's value for every item; nulls are left out.</summary>
    Each,

    /// <summary>The items for which the expression is true.</summary>
    Where,
}

/// <summary>A list walked with an expression that is evaluated in every item.</summary>
internal sealed class ItemNode(ItemFunction function, Node list, Node body) : Node
{
    public override AttributeValue Evaluate(in Scope scope)
    {
        if (!Judgement.TryItems(list.Evaluate(scope), out ImmutableArray<AttributeValue> items)) return AttributeValue.Null;
        var frame = new Frame(scope.Frame);
        Scope inner = scope.Within(frame);
        return function is ItemFunction.Any or ItemFunction.All
            ? Judge(items, frame, inner, deciding: function is ItemFunction.Any)
            : Collect(items, frame, inner);
    }

    public override void Print(StringBuilder text)
    {
        text.Append(function switch
        {
            ItemFunction.Any => "any(",
            ItemFunction.All => "all(",
            ItemFunction.Each => "each(",
            _ => "where(",
        });
        PrintList(text, [list, body]);
        text.Append(')');
    }

    private AttributeValue Judge(ImmutableArray<AttributeValue> items, Frame frame, in Scope inner, bool deciding)
    {
        bool? result = !deciding;
        foreach (AttributeValue item in items)
        {
            if (!frame.Visit(item)) return AttributeValue.Null;
            bool? truth = Judgement.Truth(body.Evaluate(inner));
            if (truth == deciding) return AttributeValue.Of(deciding);
            if (truth is null) result = null;
        }

        return Judgement.ToValue(result);
    }

    private AttributeValue Collect(ImmutableArray<AttributeValue> items, Frame frame, in Scope inner)
    {
        var results = ImmutableArray.CreateBuilder<AttributeValue>(items.Length);
        foreach (AttributeValue item in items)
        {
            if (!frame.Visit(item)) return AttributeValue.Null;
            AttributeValue value = body.Evaluate(inner);
            if (function is ItemFunction.Each && !value.IsNull) results.Add(value);
            else if (function is ItemFunction.Where && Judgement.Truth(value) is true) results.Add(item);
        }

        return AttributeValue.Of(results.DrainToImmutable());
    }
}
