using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Expressions;

/// <summary>Reads a text that holds JSON, such as a policy: at most <see cref="BytesMax"/> bytes, <see cref="DepthMax"/> levels deep.</summary>
internal static class JsonText
{
    public const int BytesMax = 1 << 20;
    public const int DepthMax = 32;

    /// <summary>The value the text holds; null when it holds none. A list or map is already read and stays as it is.</summary>
    public static AttributeValue Read(AttributeValue value)
    {
        if (value.Type is AttributeType.List or AttributeType.Map) return value;
        if (value.AsText is not { Length: > 0 and <= BytesMax } text) return AttributeValue.Null;
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            int length = Encoding.UTF8.GetBytes(text, bytes);
            if (length > BytesMax) return AttributeValue.Null;
            var reader = new Utf8JsonReader(bytes.AsSpan(0, length), new JsonReaderOptions { MaxDepth = DepthMax });
            if (!reader.Read()) return AttributeValue.Null;
            AttributeValue result = ReadOne(ref reader);
            return reader.Read() ? AttributeValue.Null : result;
        }
        catch (JsonException)
        {
            return AttributeValue.Null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
        }
    }

    private static AttributeValue ReadOne(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadMap(ref reader),
        JsonTokenType.StartArray => ReadList(ref reader),
        JsonTokenType.String => ReadString(ref reader),
        JsonTokenType.True => AttributeValue.Of(true),
        JsonTokenType.False => AttributeValue.Of(false),
        JsonTokenType.Number => ReadNumber(ref reader),
        _ => AttributeValue.Null,
    };

    private static AttributeValue ReadNumber(ref Utf8JsonReader reader)
    {
        if (reader.TryGetInt64(out long whole)) return AttributeValue.Of(whole);
        return reader.TryGetDouble(out double real) && double.IsFinite(real) ? AttributeValue.Of(real) : AttributeValue.Null;
    }

    private static AttributeValue ReadString(ref Utf8JsonReader reader)
    {
        try
        {
            return AttributeValue.Of(reader.GetString());
        }
        catch (InvalidOperationException)
        {
            // The escapes spell half a surrogate pair: valid JSON, but no text.
            return AttributeValue.Null;
        }
    }

    private static AttributeValue ReadMap(ref Utf8JsonReader reader)
    {
        var map = new AttributeMap.Builder();
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndObject)
        {
            string? name = ReadString(ref reader).AsText;
            reader.Read();
            AttributeValue value = ReadOne(ref reader);
            if (name is not null) map.Add(name, value);
        }

        return AttributeValue.Of(map.Build());
    }

    private static AttributeValue ReadList(ref Utf8JsonReader reader)
    {
        var items = ImmutableArray.CreateBuilder<AttributeValue>();
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray) items.Add(ReadOne(ref reader));
        return AttributeValue.Of(items.DrainToImmutable());
    }
}
