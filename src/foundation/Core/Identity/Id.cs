using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

// Ids are parsed under their short name (AgentId.Parse), where the type argument is not in the reader's way.
#pragma warning disable CA1000 // Do not declare static members on generic types

namespace Sirsi.Core.Identity;

/// <summary>
/// A typed id: a UUID of version 7 (RFC 9562) that names one kind of thing, so that a task's id cannot be passed for an agent's.
/// Written as <c>agent_01jd7rkzt1fa28rw5f2m3gwxyz</c>: the kind, then 26 digits in Crockford's base 32 (the TypeID format). Order
/// of ids, and of their texts, is the order of creation by one <see cref="IdSource"/>.
/// </summary>
/// <remarks>
/// A project gives the kinds it uses a short name once:
/// <c>global using AgentId = Sirsi.Core.Identity.Id&lt;Sirsi.Core.Identity.AgentKind&gt;;</c>.
/// The default value is no id; its text is empty, and it is not parsed.
/// </remarks>
/// <typeparam name="TKind">What the id names.</typeparam>
[JsonConverter(typeof(IdJsonConverterFactory))]
public readonly record struct Id<TKind> : IComparable<Id<TKind>>, ISpanFormattable, IUtf8SpanFormattable, ISpanParsable<Id<TKind>>
    where TKind : IIdKind
{
    private const int Size = 16;

    /// <summary>Takes a UUID kept elsewhere, in a database column for one.</summary>
    /// <exception cref="ArgumentException">It is not of version 7.</exception>
    public Id(Guid value)
    {
        if (!IsVersion7(value)) throw new ArgumentException("An id is a UUID of version 7.", nameof(value));
        Value = value;
    }

    /// <summary>The UUID.</summary>
    public Guid Value { get; }

    /// <summary>Whether this is the default value, which names nothing.</summary>
    public bool IsEmpty => Value == Guid.Empty;

    /// <summary>When the id was made, to the millisecond, by the clock of its source; at most the end of the year 9999.</summary>
    public DateTimeOffset CreatedAt
    {
        get
        {
            Span<byte> bytes = stackalloc byte[Size];
            Value.TryWriteBytes(bytes, bigEndian: true, out _);
            long milliseconds = 0;
            foreach (byte b in bytes[..6]) milliseconds = (milliseconds << 8) | b;
            return DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(milliseconds, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));
        }
    }

    /// <summary>Characters in the text of an id of this kind.</summary>
    public static int TextLength => TKind.Prefix.Length + 1 + IdText.Digits;

    /// <inheritdoc/>
    public int CompareTo(Id<TKind> other) => Value.CompareTo(other.Value);

    /// <summary>Whether the left id was made before the right one.</summary>
    public static bool operator <(Id<TKind> left, Id<TKind> right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left id was made after the right one.</summary>
    public static bool operator >(Id<TKind> left, Id<TKind> right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left id was made before the right one or is the same.</summary>
    public static bool operator <=(Id<TKind> left, Id<TKind> right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left id was made after the right one or is the same.</summary>
    public static bool operator >=(Id<TKind> left, Id<TKind> right) => left.CompareTo(right) >= 0;

    /// <summary>The text of the id; empty for the default value.</summary>
    public override string ToString() =>
        IsEmpty ? "" : string.Create(TextLength, this, static (text, id) => id.TryFormat(text, out _, default, null));

    /// <summary>As <see cref="ToString()"/>; there are no other formats.</summary>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <summary>Writes the text without allocating; false, and nothing written, when it does not fit.</summary>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        charsWritten = 0;
        if (IsEmpty) return true;
        if (destination.Length < TextLength) return false;
        TKind.Prefix.CopyTo(destination);
        destination[TKind.Prefix.Length] = '_';
        IdText.Write(Value, destination[(TKind.Prefix.Length + 1)..]);
        charsWritten = TextLength;
        return true;
    }

    /// <summary>As for characters, in UTF-8.</summary>
    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        const int longest = 64;
        Span<char> text = stackalloc char[longest];
        bytesWritten = 0;
        if (!TryFormat(text, out int length, format, provider) || utf8Destination.Length < length) return false;
        for (int i = 0; i < length; i++) utf8Destination[i] = (byte)text[i];
        bytesWritten = length;
        return true;
    }

    /// <summary>Reads the text of an id of this very kind, and nothing else: no other case, no bare UUID.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Id<TKind> id)
    {
        id = default;
        bool framed = text.Length == TextLength && text.StartsWith(TKind.Prefix, StringComparison.Ordinal)
            && text[TKind.Prefix.Length] == '_';
        if (!framed || !IdText.TryRead(text[(TKind.Prefix.Length + 1)..], out Guid value) || !IsVersion7(value)) return false;
        id = new Id<TKind>(value);
        return true;
    }

    /// <summary>As <see cref="TryParse(ReadOnlySpan{char}, out Id{TKind})"/>, throwing for any other text.</summary>
    /// <exception cref="FormatException">The text is no id of this kind.</exception>
    public static Id<TKind> Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out Id<TKind> id) ? id : throw new FormatException($"The text is no id that begins with {TKind.Prefix}_.");

    static Id<TKind> ISpanParsable<Id<TKind>>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s);

    static bool ISpanParsable<Id<TKind>>.TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out Id<TKind> result) =>
        TryParse(s, out result);

    static Id<TKind> IParsable<Id<TKind>>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<Id<TKind>>.TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Id<TKind> result) =>
        TryParse(s, out result);

    private static bool IsVersion7(Guid value) => value.Version == 7 && (value.Variant & 0xC) == 8;
}
