using System.Collections.Immutable;
using System.Text;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Expressions;

namespace Sirsi.Migration.Assessing;

/// <summary>Tells which facts made a condition true: <c>encrypted = false, openToWorld = [tcp 22]</c>. What is masked stays so.</summary>
internal static class Evidence
{
    private const int TextMax = 80;
    private const int ItemsMax = 4;

    /// <summary>Lists longer than this are not searched for the items that matter.</summary>
    private const int SearchedItemsMax = 64;

    /// <summary>
    /// The evidence for a condition that is true over <paramref name="facts"/> within <paramref name="derived"/>: what is set; what is not
    /// set only when nothing is.
    /// </summary>
    public static string Of(Expression condition, AttributeMap facts, AttributeMap derived)
    {
        var text = new StringBuilder();
        string[] names = [.. condition.References.Where(static name => name is not ("cloud" or "kind" or "terraformType"))];
        string[] set = [.. names.Where(name => (facts.Contains(name) ? facts[name] : derived[name]).Type is not AttributeType.Null)];
        foreach (string name in set.Length > 0 ? set : names)
        {
            if (text.Length > 0) text.Append(", ");
            if (name is DerivedFacts.Inbound or DerivedFacts.Outbound)
            {
                int others = derived[name].AsList.Length;
                text.Append(others).Append(others == 1 ? " relation " : " relations ")
                    .Append(name == DerivedFacts.Inbound ? "to it" : "from it");
                continue;
            }

            AttributeValue value = facts.Contains(name) ? facts[name] : derived[name];
            text.Append(name).Append(value.Type is AttributeType.Null ? " is not set" : " = ");
            if (value.Type is not AttributeType.Null) Append(text, Narrowed(condition, name, value, facts, derived));
        }

        return text.ToString();
    }

    /// <summary>Of a list: the items each of which makes the condition true when it stands alone; the whole list without such.</summary>
    private static AttributeValue Narrowed(
        Expression condition, string name, AttributeValue value, AttributeMap facts, AttributeMap derived)
    {
        ImmutableArray<AttributeValue> items = value.AsList;
        if (items.Length is < 2 or > SearchedItemsMax) return value;
        var kept = ImmutableArray.CreateBuilder<AttributeValue>();
        foreach (AttributeValue item in items)
        {
            AttributeMap alone = facts.With(AttributeMap.Of((name, AttributeValue.Of([item]))));
            if (condition.IsTrue(alone, derived)) kept.Add(item);
        }

        return kept.Count == 0 ? value : AttributeValue.Of(kept.ToImmutable());
    }

    private static void Append(StringBuilder text, AttributeValue value)
    {
        if (value is { Type: AttributeType.List, AsList: var items })
        {
            text.Append('[');
            for (int index = 0; index < Math.Min(items.Length, ItemsMax); index++)
            {
                if (index > 0) text.Append("; ");
                Append(text, items[index]);
            }

            if (items.Length > ItemsMax) text.Append("; and ").Append(items.Length - ItemsMax).Append(" more");
            text.Append(']');
        }
        else if (value.AsMap is { } map)
        {
            AppendMap(text, map);
        }
        else
        {
            string shown = value.ToString();
            text.Append(shown.Length <= TextMax ? shown : string.Concat(shown.AsSpan(0, TextMax), "…"));
        }
    }

    private static void AppendMap(StringBuilder text, AttributeMap map)
    {
        if (map["protocol"].AsText is { } protocol && map["fromPort"].AsWhole is { } from && map["toPort"].AsWhole is { } to)
        {
            text.Append(protocol).Append(' ').Append(from);
            if (to != from) text.Append('-').Append(to);
            return;
        }

        text.Append('{');
        for (int index = 0; index < Math.Min(map.Count, ItemsMax); index++)
        {
            AttributeValue value = map.Values[index];
            string shown = value.ToString();
            text.Append(index > 0 ? ", " : "").Append(map.Names[index]).Append(": ")
                .Append(shown.Length <= TextMax ? shown : string.Concat(shown.AsSpan(0, TextMax), "…"));
        }

        text.Append(map.Count > ItemsMax ? ", …}" : "}");
    }
}
