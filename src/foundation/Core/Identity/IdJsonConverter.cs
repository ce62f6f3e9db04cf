using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sirsi.Core.Identity;

/// <summary>Writes ids as their text, also as names of members; the default value as null.</summary>
internal sealed class IdJsonConverterFactory : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Id<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(IdJsonConverter<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;
}

/// <summary>The converter of one kind.</summary>
internal sealed class IdJsonConverter<TKind> : JsonConverter<Id<TKind>>
    where TKind : IIdKind
{
    public override bool HandleNull => true;

    public override Id<TKind> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is JsonTokenType.Null) return default;
        return reader.TokenType is JsonTokenType.String ? ReadText(ref reader) : throw Wrong();
    }

    public override void Write(Utf8JsonWriter writer, Id<TKind> value, JsonSerializerOptions options)
    {
        if (value.IsEmpty)
        {
            writer.WriteNullValue();
            return;
        }
        Span<byte> text = stackalloc byte[64];
        value.TryFormat(text, out int length, default, null);
        writer.WriteStringValue(text[..length]);
    }

    public override Id<TKind> ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ReadText(ref reader);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, Id<TKind> value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value.ToString());

    private static Id<TKind> ReadText(ref Utf8JsonReader reader)
    {
        // No id is longer; escapes make six characters of one.
        const int longest = 64;
        long length = reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length;
        if (length > 6 * longest) throw Wrong();
        Span<char> text = stackalloc char[6 * longest];
        int count = reader.CopyString(text);
        return Id<TKind>.TryParse(text[..count], out Id<TKind> id) ? id : throw Wrong();
    }

    private static JsonException Wrong() => new($"An id that begins with {TKind.Prefix}_ is expected.");
}
