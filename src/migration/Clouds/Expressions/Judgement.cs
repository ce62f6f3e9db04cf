using System.Collections.Immutable;
using System.Globalization;
using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Expressions;

/// <summary>
/// How values are judged: truth, equality and order, each with a third answer for "not known" (null). Terraform states write
/// numbers and truth values as texts now and then, so a text that spells one equals it.
/// </summary>
internal static class Judgement
{
    /// <summary>True and false, also spelled as texts; anything else is unknown.</summary>
    public static bool? Truth(AttributeValue value) =>
        value.AsBoolean ?? value.AsText switch
        {
            "true" => true,
            "false" => false,
            _ => null,
        };

    public static AttributeValue ToValue(bool? truth) => truth is { } known ? AttributeValue.Of(known) : AttributeValue.Null;

    /// <summary>The number, also when it is spelled as a text.</summary>
    public static double? Number(AttributeValue value) =>
        value.AsNumber ?? (value.AsText is { Length: > 0 and <= 40 } text
            && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent
                | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out double number)
            && double.IsFinite(number) ? number : null);

    /// <summary>Whether two values are equal; unknown when one is null or masked.</summary>
    public static bool? AreEqual(AttributeValue left, AttributeValue right)
    {
        AttributeType leftType = left.Type, rightType = right.Type;
        if (IsUnknown(leftType) || IsUnknown(rightType)) return null;
        if (leftType == rightType) return left == right;
        if (leftType is AttributeType.Number && rightType is AttributeType.Text) return Number(right) is { } number && left.AsNumber == number;
        if (leftType is AttributeType.Text && rightType is AttributeType.Number) return AreEqual(right, left);
        if (leftType is AttributeType.Boolean && rightType is AttributeType.Text) return Truth(right) is { } truth && left.AsBoolean == truth;
        if (leftType is AttributeType.Text && rightType is AttributeType.Boolean) return AreEqual(right, left);
        return false;
    }

    /// <summary>Below, at or above zero as the left is before, equal to or after the right; unknown when they have no order.</summary>
    public static int? Order(AttributeValue left, AttributeValue right)
    {
        if (left.AsText is { } leftText && right.AsText is { } rightText) return string.CompareOrdinal(leftText, rightText);
        if (left.AsWhole is { } leftWhole && right.AsWhole is { } rightWhole) return leftWhole.CompareTo(rightWhole);
        return Number(left) is { } leftNumber && Number(right) is { } rightNumber ? leftNumber.CompareTo(rightNumber) : null;
    }

    /// <summary>Whether a list has an item, a map a name, or a text a part.</summary>
    public static bool? Contains(AttributeValue whole, AttributeValue part)
    {
        if (whole.AsText is { } text) return part.AsText is { } sought ? text.Contains(sought, StringComparison.Ordinal) : null;
        if (whole.AsMap is { } map) return part.AsText is { } name ? map.Contains(name) : null;
        if (whole.Type is not AttributeType.List || IsUnknown(part.Type)) return null;
        bool? found = false;
        foreach (AttributeValue item in whole.AsList)
        {
            bool? same = AreEqual(item, part);
            if (same is true) return true;
            if (same is null) found = null;
        }

        return found;
    }

    /// <summary>
    /// What list functions walk: the items of a list, or the value itself as the only one, since a source may write a single
    /// block without its list. False for null and masked values, whose items are not known.
    /// </summary>
    public static bool TryItems(AttributeValue value, out ImmutableArray<AttributeValue> items)
    {
        items = value.Type is AttributeType.List ? value.AsList : IsUnknown(value.Type) ? [] : [value];
        return !IsUnknown(value.Type);
    }

    private static bool IsUnknown(AttributeType type) => type is AttributeType.Null or AttributeType.Masked;
}
