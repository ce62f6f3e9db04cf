using System.Collections.Immutable;
using System.Text.Json;
using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Terraform;

/// <summary>Reads any JSON value into an <see cref="AttributeValue"/>. Not thread-safe: it keeps its builders, one per level.</summary>
internal sealed class AttributeReader
{
    private readonly List<AttributeMap.Builder> _maps = [];
    private readonly List<ImmutableArray<AttributeValue>.Builder> _lists = [];
    private int _level;

    /// <summary>The value at the current token; the input stays at its last token.</summary>
    public AttributeValue Read(ref JsonInput json) => json.Token switch
    {
        JsonTokenType.String => AttributeValue.Of(json.Text()),
        JsonTokenType.Number => Number(ref json),
        JsonTokenType.True => AttributeValue.Of(true),
        JsonTokenType.False => AttributeValue.Of(false),
        JsonTokenType.StartObject => AttributeValue.Of(ReadMap(ref json)),
        JsonTokenType.StartArray => List(ref json),
        _ => AttributeValue.Null,
    };

    /// <summary>The object the input stands at.</summary>
    public AttributeMap ReadMap(ref JsonInput json)
    {
        while (_maps.Count <= _level) _maps.Add(new());
        AttributeMap.Builder builder = _maps[_level++];
        while (json.NextProperty())
        {
            string name = json.ReadName();
            builder.Add(name, Read(ref json));
        }

        _level--;
        return builder.Build();
    }

    private AttributeValue List(ref JsonInput json)
    {
        while (_lists.Count <= _level) _lists.Add(ImmutableArray.CreateBuilder<AttributeValue>());
        ImmutableArray<AttributeValue>.Builder builder = _lists[_level++];
        while (json.NextItem()) builder.Add(Read(ref json));
        _level--;
        ImmutableArray<AttributeValue> items = builder.ToImmutable();
        builder.Clear();
        return AttributeValue.Of(items);
    }

    private static AttributeValue Number(ref JsonInput json) =>
        json.TryGetWhole(out long whole) ? AttributeValue.Of(whole)
        : json.TryGetReal(out double real) ? AttributeValue.Of(real)
        : AttributeValue.Of(json.NumberText());
}
