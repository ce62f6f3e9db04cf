using System.Globalization;
using System.Text;

namespace Sirsi.Clouds.Estates;

/// <summary>
/// Walks all texts of a resource's attributes with the place each is at; how that place is written (<c>ingress[0].security_groups[1]</c>)
/// is put together only when asked. Not thread-safe.
/// </summary>
internal sealed class AttributeTexts
{
    private readonly List<(string? Name, int Index)> _steps = [];

    /// <summary>Takes a text and its place.</summary>
    public delegate void Visitor(string text, PathNode place, AttributeTexts walk);

    /// <summary>The path of the text being visited.</summary>
    public string Evidence
    {
        get
        {
            var path = new StringBuilder();
            foreach ((string? name, int index) in _steps)
            {
                if (name is null) path.Append(CultureInfo.InvariantCulture, $"[{index}]");
                else if (path.Length == 0) path.Append(name);
                else path.Append('.').Append(name);
            }

            return path.ToString();
        }
    }

    /// <summary>Visits every text, in the order of the attributes.</summary>
    public void Visit(AttributeMap attributes, PathNode root, Visitor visitor)
    {
        _steps.Clear();
        Map(attributes, root, visitor);
    }

    private void Map(AttributeMap map, PathNode place, Visitor visitor)
    {
        ReadOnlySpan<string> names = map.Names;
        ReadOnlySpan<AttributeValue> values = map.Values;
        for (int index = 0; index < names.Length; index++)
        {
            AttributeType type = values[index].Type;
            if (type is not (AttributeType.Text or AttributeType.List or AttributeType.Map)) continue;
            _steps.Add((names[index], 0));
            Value(values[index], place.Below(names[index]), visitor);
            _steps.RemoveAt(_steps.Count - 1);
        }
    }

    private void Value(AttributeValue value, PathNode place, Visitor visitor)
    {
        switch (value.Type)
        {
            case AttributeType.Text:
                visitor(value.AsText!, place, this);
                break;
            case AttributeType.Map:
                Map(value.AsMap!, place, visitor);
                break;
            case AttributeType.List:
                for (int index = 0; index < value.AsList.Length; index++)
                {
                    _steps.Add((null, index));
                    Value(value.AsList[index], place, visitor);
                    _steps.RemoveAt(_steps.Count - 1);
                }

                break;
        }
    }
}
