using System.Collections.Immutable;
using System.Text;
using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Expressions;

/// <summary>The functions on texts. What is no text, and a result that would be too long, is null.</summary>
internal static class Texts
{
    /// <summary>The longest text an expression may build, in characters.</summary>
    public const int LengthMax = 65_536;

    public static AttributeValue Bounded(string left, string right) =>
        left.Length + right.Length <= LengthMax ? AttributeValue.Of(left + right) : AttributeValue.Null;

    public static AttributeValue Lower(AttributeValue value) => AttributeValue.Of(value.AsText?.ToLowerInvariant());

    public static AttributeValue Upper(AttributeValue value) => AttributeValue.Of(value.AsText?.ToUpperInvariant());

    public static AttributeValue Trim(AttributeValue value) => AttributeValue.Of(value.AsText?.Trim());

    public static AttributeValue Text(AttributeValue value) => value.Type switch
    {
        AttributeType.Text => value,
        AttributeType.Number or AttributeType.Boolean => AttributeValue.Of(value.ToString()),
        _ => AttributeValue.Null,
    };

    public static AttributeValue Number(AttributeValue value)
    {
        if (value.Type is AttributeType.Number) return value;
        if (long.TryParse(value.AsText, out long whole)) return AttributeValue.Of(whole);
        return Judgement.Number(value) is { } number ? AttributeValue.Of(number) : AttributeValue.Null;
    }

    public static AttributeValue Truth(AttributeValue value) =>
        Judgement.ToValue(Judgement.Truth(Lower(value) is { IsNull: false } lower ? lower : value)
            ?? (Judgement.Number(value) switch { 0 => false, 1 => true, _ => null }));

    /// <summary>The part behind the last separator; all of it without one.</summary>
    public static AttributeValue Last(AttributeValue text, AttributeValue separator) =>
        text.AsText is { } whole && separator.AsText is { Length: > 0 } mark
            ? AttributeValue.Of(whole.LastIndexOf(mark, StringComparison.Ordinal) is var at and >= 0 ? whole[(at + mark.Length)..] : whole)
            : AttributeValue.Null;

    /// <summary>The part before the first separator; all of it without one.</summary>
    public static AttributeValue Before(AttributeValue text, AttributeValue separator) =>
        text.AsText is { } whole && separator.AsText is { Length: > 0 } mark
            ? AttributeValue.Of(whole.IndexOf(mark, StringComparison.Ordinal) is var at and >= 0 ? whole[..at] : whole)
            : AttributeValue.Null;

    /// <summary>The part behind the first separator; null without one.</summary>
    public static AttributeValue After(AttributeValue text, AttributeValue separator) =>
        text.AsText is { } whole && separator.AsText is { Length: > 0 } mark
        && whole.IndexOf(mark, StringComparison.Ordinal) is var at and >= 0
            ? AttributeValue.Of(whole[(at + mark.Length)..])
            : AttributeValue.Null;

    public static AttributeValue Split(AttributeValue text, AttributeValue separator)
    {
        if (text.AsText is not { } whole || separator.AsText is not { Length: > 0 } mark) return AttributeValue.Null;
        var parts = ImmutableArray.CreateBuilder<AttributeValue>();
        foreach (Range part in whole.AsSpan().Split(mark)) parts.Add(AttributeValue.Of(whole[part]));
        return AttributeValue.Of(parts.DrainToImmutable());
    }

    public static AttributeValue Replace(AttributeValue text, AttributeValue old, AttributeValue replacement)
    {
        if (text.AsText is not { } whole || old.AsText is not { Length: > 0 } sought || replacement.AsText is not { } put)
            return AttributeValue.Null;
        long most = whole.Length + ((long)whole.Length / sought.Length * Math.Max(0, put.Length - sought.Length));
        return most <= LengthMax ? AttributeValue.Of(whole.Replace(sought, put, StringComparison.Ordinal)) : AttributeValue.Null;
    }

    public static AttributeValue Join(AttributeValue list, AttributeValue separator)
    {
        if (separator.AsText is not { } mark || !Judgement.TryItems(list, out ImmutableArray<AttributeValue> items)) return AttributeValue.Null;
        var joined = new StringBuilder();
        bool first = true;
        foreach (AttributeValue item in items)
        {
            if (Text(item).AsText is not { } part) continue;
            if (!first) joined.Append(mark);
            first = false;
            if (joined.Length + part.Length > LengthMax) return AttributeValue.Null;
            joined.Append(part);
        }

        return AttributeValue.Of(joined.ToString());
    }
}
