using System.Text.Json;
using Sirsi.Clouds.Estates;

namespace Sirsi.Migration.Tests.Assessing;

/// <summary>Facts written as JSON in tests.</summary>
internal static class Json
{
    public static AttributeMap Map(string text)
    {
        using JsonDocument json = JsonDocument.Parse(text);
        return Value(json.RootElement).AsMap!;
    }

    private static AttributeValue Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => AttributeValue.Of(AttributeMap.From(element.EnumerateObject().Select(pair => KeyValuePair.Create(pair.Name, Value(pair.Value))))),
        JsonValueKind.Array => AttributeValue.Of([.. element.EnumerateArray().Select(Value)]),
        JsonValueKind.String => AttributeValue.Of(element.GetString()),
        JsonValueKind.Number => element.TryGetInt64(out long whole) ? AttributeValue.Of(whole) : AttributeValue.Of(element.GetDouble()),
        JsonValueKind.True => AttributeValue.Of(true),
        JsonValueKind.False => AttributeValue.Of(false),
        _ => AttributeValue.Null,
    };
}
