using System.Globalization;

namespace Sirsi.Clouds.Estates;

/// <summary>The places of a resource's attributes that its source marks as sensitive, as a tree. Built once, then only read.</summary>
internal sealed class SensitiveMarks
{
    private bool _all;
    private Dictionary<string, SensitiveMarks>? _below;

    /// <summary>Whether nothing is marked.</summary>
    public bool IsEmpty => !_all && _below is null;

    /// <summary>Marks a path of names and list positions; an empty one marks everything.</summary>
    public void Add(ReadOnlySpan<string> path)
    {
        SensitiveMarks at = this;
        foreach (string step in path)
        {
            at._below ??= new(StringComparer.Ordinal);
            if (!at._below.TryGetValue(step, out SensitiveMarks? next)) at._below.Add(step, next = new());
            at = next;
        }

        at._all = true;
    }

    /// <summary>Marks what is true in a value shaped like the attributes, as plans have it.</summary>
    public static SensitiveMarks? FromShape(AttributeValue shape)
    {
        var marks = new SensitiveMarks();
        switch (shape.Type)
        {
            case AttributeType.Boolean:
                marks._all = shape.AsBoolean is true;
                break;
            case AttributeType.Map:
                foreach ((string name, AttributeValue below) in shape.AsMap!) marks.AddBelow(name, below);
                break;
            case AttributeType.List:
                int index = 0;
                foreach (AttributeValue below in shape.AsList) marks.AddBelow(index++.ToString(CultureInfo.InvariantCulture), below);
                break;
        }

        return marks.IsEmpty ? null : marks;
    }

    /// <summary>The attributes with all marked values masked; the same instance when none is.</summary>
    public AttributeMap Apply(AttributeMap attributes)
    {
        if (!_all && _below is null) return attributes;
        AttributeValue[] values = attributes.Values.ToArray();
        ReadOnlySpan<string> names = attributes.Names;
        for (int index = 0; index < values.Length; index++)
        {
            if (_all) values[index] = Masked(values[index]);
            else if (_below!.TryGetValue(names[index], out SensitiveMarks? below)) values[index] = below.Apply(values[index]);
        }

        return attributes.WithValues(values);
    }

    private AttributeValue Apply(AttributeValue value)
    {
        if (_all) return Masked(value);
        switch (value.Type)
        {
            case AttributeType.Map:
                return AttributeValue.Of(Apply(value.AsMap!));
            case AttributeType.List:
                AttributeValue[] items = [.. value.AsList];
                for (int index = 0; index < items.Length; index++)
                    if (_below!.TryGetValue(index.ToString(CultureInfo.InvariantCulture), out SensitiveMarks? below))
                        items[index] = below.Apply(items[index]);
                return AttributeValue.Of([.. items]);
            default:
                // Marked deeper than the value reaches: whatever it is, it is part of something sensitive.
                return Masked(value);
        }
    }

    private void AddBelow(string step, AttributeValue shape)
    {
        if (FromShape(shape) is { } marks) (_below ??= new(StringComparer.Ordinal))[step] = marks;
    }

    private static AttributeValue Masked(AttributeValue value) =>
        value.IsNull || value.Type is AttributeType.Masked ? value : AttributeValue.MaskedOf(TextLength(value));

    private static int TextLength(AttributeValue value) => value.Type switch
    {
        AttributeType.Map => value.AsMap!.Values.ToArray().Sum(TextLength),
        AttributeType.List => value.AsList.Sum(TextLength),
        AttributeType.Null or AttributeType.Masked => 0,
        _ => value.ToString().Length,
    };
}
