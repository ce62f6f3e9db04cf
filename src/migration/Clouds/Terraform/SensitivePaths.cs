using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Terraform;

/// <summary>
/// The paths in a state's <c>sensitive_attributes</c>: lists of steps, <c>get_attr</c> with a name or <c>index</c> with a typed key.
/// </summary>
internal static class SensitivePaths
{
    /// <summary>Marks a path; false when it is not understood.</summary>
    public static bool TryAdd(AttributeValue path, SensitiveMarks marks)
    {
        // The first writers of version 4 wrote a lone step for a path of one.
        if (path.Type is AttributeType.Map) path = AttributeValue.Of([path]);
        if (path.Type is not AttributeType.List) return false;
        var names = new List<string>();
        foreach (AttributeValue step in path.AsList)
        {
            if (step.AsMap is not { } map) return false;
            AttributeValue value = map["value"];
            if (value.AsMap is { } typed) value = typed["value"];
            switch (map["type"].AsText)
            {
                case "get_attr" when value.AsText is { } name:
                    names.Add(name);
                    break;
                case "index" when value.AsText is { } key:
                    names.Add(key);
                    break;
                case "index" when value.AsWhole is { } position:
                    names.Add(position.ToString());
                    break;
                case "index":
                    // A member of a set is named by its whole value: the set is marked instead.
                    marks.Add(names.ToArray());
                    return true;
                default:
                    return false;
            }
        }

        marks.Add(names.ToArray());
        return true;
    }
}
