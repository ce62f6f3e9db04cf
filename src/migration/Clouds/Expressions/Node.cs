using System.Globalization;
using System.Text;
using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Expressions;

/// <summary>One immutable step of a compiled expression.</summary>
internal abstract class Node
{
    public abstract AttributeValue Evaluate(in Scope scope);

    /// <summary>Writes the step so that the parser reads the same step again.</summary>
    public abstract void Print(StringBuilder text);

    /// <summary>How tightly the step binds; an operand that binds less tightly than its place asks for gets parentheses.</summary>
    public virtual Binding Binding => Binding.Primary;

    protected static void PrintOperand(StringBuilder text, Node operand, Binding least)
    {
        bool enclose = operand.Binding < least;
        if (enclose) text.Append('(');
        operand.Print(text);
        if (enclose) text.Append(')');
    }

    protected static void PrintList(StringBuilder text, ReadOnlySpan<Node> items)
    {
        for (int index = 0; index < items.Length; index++)
        {
            if (index > 0) text.Append(", ");
            items[index].Print(text);
        }
    }
}

/// <summary>The levels of the grammar, loosest first.</summary>
internal enum Binding
{
    Or,
    And,
    Not,
    Comparison,
    Sum,
    Product,
    Default,
    Primary,
}

/// <summary>A number, text, truth value or null written in the expression.</summary>
internal sealed class ConstantNode(AttributeValue value) : Node
{
    public static readonly ConstantNode Null = new(AttributeValue.Null);

    public AttributeValue Value => value;

    public override AttributeValue Evaluate(in Scope scope) => value;

    public override void Print(StringBuilder text)
    {
        if (value.AsText is { } content) PrintText(text, content);
        else if (value.AsWhole is null && value.AsNumber is { } real) PrintReal(text, real);
        else text.Append(value.ToString());
    }

    public static void PrintText(StringBuilder text, string content) =>
        text.Append('\'').Append(content.Replace("'", "''", StringComparison.Ordinal)).Append('\'');

    // The language has no exponents, so neither does its canonical form.
    private static void PrintReal(StringBuilder text, double real) =>
        text.Append(new decimal(real) is var exact && (double)exact == real
            ? exact.ToString(CultureInfo.InvariantCulture)
            : real.ToString("F99", CultureInfo.InvariantCulture));
}

/// <summary><c>[a, b]</c>.</summary>
internal sealed class ListNode(Node[] items) : Node
{
    public override AttributeValue Evaluate(in Scope scope)
    {
        var values = new AttributeValue[items.Length];
        for (int index = 0; index < items.Length; index++) values[index] = items[index].Evaluate(scope);
        return AttributeValue.Of(System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(values));
    }

    public override void Print(StringBuilder text)
    {
        text.Append('[');
        PrintList(text, items);
        text.Append(']');
    }
}

/// <summary><c>map(name: x, …)</c>; names whose value is null are left out.</summary>
internal sealed class MapNode((string Name, Node Value)[] entries) : Node
{
    public override AttributeValue Evaluate(in Scope scope)
    {
        var builder = new AttributeMap.Builder();
        foreach ((string name, Node node) in entries)
            if (node.Evaluate(scope) is { IsNull: false } value)
                builder.Add(name, value);
        return AttributeValue.Of(builder.Build());
    }

    public override void Print(StringBuilder text)
    {
        text.Append("map(");
        for (int index = 0; index < entries.Length; index++)
        {
            if (index > 0) text.Append(", ");
            text.Append(entries[index].Name).Append(": ");
            entries[index].Value.Print(text);
        }

        text.Append(')');
    }
}
