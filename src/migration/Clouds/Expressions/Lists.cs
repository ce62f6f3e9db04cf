using System.Collections.Immutable;
using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Expressions;

/// <summary>The functions on lists and maps. A single value counts as a list of one; of null and masked values nothing is known.</summary>
internal static class Lists
{
    public static AttributeValue List(AttributeValue value) =>
        Judgement.TryItems(value, out ImmutableArray<AttributeValue> items) ? AttributeValue.Of(items) : AttributeValue.Null;

    public static AttributeValue Count(AttributeValue value) => value.Type switch
    {
        AttributeType.List => AttributeValue.Of(value.AsList.Length),
        AttributeType.Map => AttributeValue.Of(value.AsMap!.Count),
        _ => AttributeValue.Null,
    };

    public static AttributeValue First(AttributeValue value)
    {
        if (!Judgement.TryItems(value, out ImmutableArray<AttributeValue> items)) return AttributeValue.Null;
        foreach (AttributeValue item in items)
            if (!item.IsNull)
                return item;
        return AttributeValue.Null;
    }

    public static AttributeValue Flatten(AttributeValue value)
    {
        if (!Judgement.TryItems(value, out ImmutableArray<AttributeValue> items)) return AttributeValue.Null;
        var flat = ImmutableArray.CreateBuilder<AttributeValue>(items.Length);
        foreach (AttributeValue item in items)
        {
            if (item.Type is AttributeType.List) flat.AddRange(item.AsList);
            else if (!item.IsNull) flat.Add(item);
            if (flat.Count > Expression.VisitsMax) return AttributeValue.Null;
        }

        return AttributeValue.Of(flat.DrainToImmutable());
    }

    public static AttributeValue Keys(AttributeValue value)
    {
        if (value.AsMap is not { } map) return AttributeValue.Null;
        var keys = ImmutableArray.CreateBuilder<AttributeValue>(map.Count);
        foreach (string name in map.Names) keys.Add(AttributeValue.Of(name));
        return AttributeValue.Of(keys.MoveToImmutable());
    }

    public static AttributeValue Values(AttributeValue value) =>
        value.AsMap is { } map ? AttributeValue.Of([.. map.Values]) : AttributeValue.Null;

    public static AttributeValue Min(AttributeValue value) => Fold(value, (left, right) => Judgement.Order(left, right) > 0 ? right : left);

    public static AttributeValue Max(AttributeValue value) => Fold(value, (left, right) => Judgement.Order(left, right) < 0 ? right : left);

    public static AttributeValue Sum(AttributeValue value)
    {
        if (!Judgement.TryItems(value, out ImmutableArray<AttributeValue> items)) return AttributeValue.Null;
        double sum = 0;
        foreach (AttributeValue item in items)
        {
            if (item.IsNull) continue;
            if (Judgement.Number(item) is not { } number) return AttributeValue.Null;
            sum += number;
        }

        return double.IsFinite(sum) ? AttributeValue.Of(sum) : AttributeValue.Null;
    }

    /// <summary>Folds the numbers of a list; null when there are none, or an item is something else.</summary>
    private static AttributeValue Fold(AttributeValue value, Func<AttributeValue, AttributeValue, AttributeValue> choose)
    {
        if (!Judgement.TryItems(value, out ImmutableArray<AttributeValue> items)) return AttributeValue.Null;
        AttributeValue chosen = AttributeValue.Null;
        foreach (AttributeValue item in items)
        {
            if (item.IsNull) continue;
            AttributeValue number = Texts.Number(item);
            if (number.IsNull) return AttributeValue.Null;
            chosen = chosen.IsNull ? number : choose(chosen, number);
        }

        return chosen;
    }
}
