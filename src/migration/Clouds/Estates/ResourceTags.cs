namespace Sirsi.Clouds.Estates;

/// <summary>Tags and labels, which every provider keeps in its own way.</summary>
internal static class ResourceTags
{
    private static readonly string[] Maps = ["effective_labels", "tags_all", "labels", "resource_labels", "user_labels", "freeform_tags", "tags"];

    /// <summary>The tags of a resource; the ones it sets itself win over those it gets by default.</summary>
    public static AttributeMap Of(AttributeMap attributes)
    {
        AttributeMap tags = AttributeMap.Empty;
        foreach (string name in Maps)
            if (attributes[name].AsMap is { } map && !map.Equals(tags)) tags = tags.With(Texts(map));
        // Cloud SQL keeps them in its settings.
        if (attributes["settings"].AsList is [{ AsMap: { } settings }] && settings["user_labels"].AsMap is { } inner) tags = tags.With(Texts(inner));
        // Groups of machines keep a list of blocks.
        foreach (AttributeValue block in attributes["tag"].AsList)
            if (block.AsMap is { } pair && pair["key"].AsText is { } key && pair["value"].Type is AttributeType.Text or AttributeType.Masked)
                tags = tags.With(AttributeMap.Of((key, pair["value"])));
        return tags;
    }

    /// <summary>Whether a path lies in tags.</summary>
    public static bool IsTagPath(string path)
    {
        foreach (string name in Maps)
            if (path.StartsWith(name, StringComparison.Ordinal) && (path.Length == name.Length || path[name.Length] == '.')) return true;
        return false;
    }

    private static AttributeMap Texts(AttributeMap map)
    {
        foreach (AttributeValue value in map.Values)
            if (value.Type is not (AttributeType.Text or AttributeType.Masked))
                return AttributeMap.From(map.Where(static pair => pair.Value.Type is AttributeType.Text or AttributeType.Masked));
        return map;
    }
}
