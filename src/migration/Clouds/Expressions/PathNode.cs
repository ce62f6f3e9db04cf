using System.Collections.Immutable;
using System.Text;
using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Expressions;

/// <summary>A name of the scope, or <c>it</c>, the item of the innermost list.</summary>
internal sealed class NameNode(string name) : Node
{
    public const string It = "it";

    private readonly bool _isIt = name == It;

    public override AttributeValue Evaluate(in Scope scope) => _isIt && scope.Frame is { } frame ? frame.Item : scope[name];

    public override void Print(StringBuilder text) => text.Append(name);
}

/// <summary>One step of a path: a name, an index, or the spread over all items when both are absent.</summary>
internal readonly record struct PathStep(string? Name, int Index)
{
    public bool IsSpread => Name is null && Index < 0;
}

/// <summary>Steps into a value. Behind the first spread everything is done for each item, and the values found make one flat list.</summary>
internal sealed class PathNode(Node start, PathStep[] steps) : Node
{
    private readonly int _spread = Array.FindIndex(steps, step => step.IsSpread);

    public override AttributeValue Evaluate(in Scope scope)
    {
        AttributeValue value = start.Evaluate(scope);
        int last = _spread < 0 ? steps.Length : _spread;
        for (int index = 0; index < last && CanStep(value); index++) value = Step(value, steps[index]);
        if (_spread < 0 || !CanStep(value)) return value;
        var found = ImmutableArray.CreateBuilder<AttributeValue>();
        Collect(value, _spread, found);
        return AttributeValue.Of(found.DrainToImmutable());
    }

    public override void Print(StringBuilder text)
    {
        // Parentheses end a spread, so they are part of the meaning.
        if (start is PathNode) text.Append('(');
        PrintOperand(text, start, Binding.Primary);
        if (start is PathNode) text.Append(')');
        foreach (PathStep step in steps)
        {
            if (step.IsSpread) text.Append("[*]");
            else if (step.Name is null) text.Append('[').Append(step.Index).Append(']');
            else if (IsPlain(step.Name)) text.Append('.').Append(step.Name);
            else PrintQuoted(text, step.Name);
        }
    }

    private void Collect(AttributeValue value, int at, ImmutableArray<AttributeValue>.Builder found)
    {
        for (; at < steps.Length && CanStep(value); at++)
        {
            if (!steps[at].IsSpread)
            {
                value = Step(value, steps[at]);
                continue;
            }

            Judgement.TryItems(value, out ImmutableArray<AttributeValue> items);
            foreach (AttributeValue item in items) Collect(item, at + 1, found);
            return;
        }

        if (!value.IsNull) found.Add(value);
    }

    // Whatever is inside a masked value is masked too.
    private static bool CanStep(AttributeValue value) => value.Type is not (AttributeType.Null or AttributeType.Masked);

    // Providers differ in whether a block that occurs once is a list of one map or the map itself: [0] of a single value is the
    // value, and a name looked up in a list of one map is looked up in that map.
    private static AttributeValue Step(AttributeValue value, PathStep step)
    {
        ImmutableArray<AttributeValue> items = value.AsList;
        if (step.Name is { } name)
        {
            AttributeMap? map = items is [var only] ? only.AsMap : value.AsMap;
            return map is null ? AttributeValue.Null : map[name];
        }

        if (value.Type is not AttributeType.List) return step.Index == 0 ? value : AttributeValue.Null;
        return step.Index < items.Length ? items[step.Index] : AttributeValue.Null;
    }

    private static bool IsPlain(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.AsSpan().IndexOfAnyExcept(PlainLetters) < 0;

    private static void PrintQuoted(StringBuilder text, string name)
    {
        text.Append('[');
        ConstantNode.PrintText(text, name);
        text.Append(']');
    }

    private static readonly System.Buffers.SearchValues<char> PlainLetters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
}
