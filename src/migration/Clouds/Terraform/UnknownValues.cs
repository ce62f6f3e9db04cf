using System.Collections.Immutable;
using System.Globalization;
using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Terraform;

/// <summary>
/// Puts <see cref="AttributeValue.KnownAfterApply"/> where a plan sets an attribute to something that is not known yet. What nobody
/// set stays absent: it gets the provider's default.
/// </summary>
internal static class UnknownValues
{
    /// <summary>The attributes with what is set and unknown.</summary>
    /// <param name="attributes">The planned values.</param>
    /// <param name="expressions">What the configuration sets by reference.</param>
    /// <param name="unknown">True where a value is unknown, in the shape of the attributes.</param>
    public static AttributeMap Put(AttributeMap attributes, List<AttributeExpression> expressions, AttributeValue unknown)
    {
        foreach (AttributeExpression expression in expressions)
        {
            string[] path = expression.Path.Split(['.', '[', ']'], StringSplitOptions.RemoveEmptyEntries);
            if (path.Length > 0 && IsTrue(unknown, path)) attributes = Put(attributes, path);
        }

        return attributes;
    }

    private static bool IsTrue(AttributeValue shape, ReadOnlySpan<string> path)
    {
        foreach (string step in path)
        {
            if (shape.AsBoolean is true) return true;
            shape = shape.AsMap is { } map ? map[step]
                : int.TryParse(step, CultureInfo.InvariantCulture, out int index) && index < shape.AsList.Length ? shape.AsList[index]
                : AttributeValue.Null;
        }

        return shape.AsBoolean is true;
    }

    private static AttributeMap Put(AttributeMap map, ReadOnlySpan<string> path)
    {
        AttributeValue old = map[path[0]];
        AttributeValue put = Put(old, path[1..]);
        return put.IsSameAs(old) ? map : map.With(AttributeMap.Of((path[0], put)));
    }

    private static AttributeValue Put(AttributeValue value, ReadOnlySpan<string> path)
    {
        if (path.IsEmpty) return value.IsNull ? AttributeValue.KnownAfterApply : value;
        if (value.AsMap is { } map) return AttributeValue.Of(Put(map, path));
        if (!int.TryParse(path[0], CultureInfo.InvariantCulture, out int index) || index >= value.AsList.Length) return value;
        ImmutableArray<AttributeValue> items = value.AsList;
        return AttributeValue.Of(items.SetItem(index, Put(items[index], path[1..])));
    }
}
