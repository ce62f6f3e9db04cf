using System.Collections.Immutable;
using System.Globalization;

namespace Sirsi.Clouds.Estates;

/// <summary>What an <see cref="AttributeValue"/> holds.</summary>
public enum AttributeType
{
    /// <summary>Nothing: absent, or null in the source.</summary>
    Null,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A number; whole ones keep 64 bits.</summary>
    Number,

    /// <summary>A text.</summary>
    Text,

    /// <summary>An ordered list of values.</summary>
    List,

    /// <summary>Named values.</summary>
    Map,

    /// <summary>
    /// Something that is there and that we do not hold: it may be a secret (the value was dropped when it was read; its length class
    /// remains), or a plan knows it only after it was applied.
    /// </summary>
    Masked,
}

/// <summary>
/// One immutable value of a resource's attributes: a JSON value without its text, plus <see cref="AttributeType.Masked"/>.
/// The default is null. Thread-safe.
/// </summary>
public readonly struct AttributeValue : IEquatable<AttributeValue>
{
    private static readonly object WholeTag = new();
    private static readonly object RealTag = new();
    private static readonly object BooleanTag = new();

    private readonly object? _reference;
    private readonly long _bits;

    private AttributeValue(object? reference, long bits = 0) => (_reference, _bits) = (reference, bits);

    /// <summary>Nothing.</summary>
    public static AttributeValue Null => default;

    /// <summary>A truth value.</summary>
    public static AttributeValue Of(bool value) => new(BooleanTag, value ? 1 : 0);

    /// <summary>A whole number.</summary>
    public static AttributeValue Of(long value) => new(WholeTag, value);

    /// <summary>A number; it must be finite.</summary>
    public static AttributeValue Of(double value)
    {
        if (!double.IsFinite(value)) throw new ArgumentOutOfRangeException(nameof(value), value, "An attribute is a finite number.");
        return new(RealTag, BitConverter.DoubleToInt64Bits(value));
    }

    /// <summary>A text, or null.</summary>
    public static AttributeValue Of(string? value) => new(value);

    /// <summary>A list.</summary>
    public static AttributeValue Of(ImmutableArray<AttributeValue> items) => new(ListBox.From(items));

    /// <summary>A map.</summary>
    public static AttributeValue Of(AttributeMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return new(map);
    }

    /// <summary>A secret's place: only the length class of <paramref name="length"/> characters is kept.</summary>
    public static AttributeValue MaskedOf(int length) => new(Mask.ForLength(length));

    /// <summary>A value that will exist and is not known before the plan is applied. Its type is <see cref="AttributeType.Masked"/>.</summary>
    public static AttributeValue KnownAfterApply { get; } = new(Mask.Later);

    /// <summary>
    /// A masked value from the text <see cref="ToString"/> shows for it, as files hold it; false for any other text.
    /// </summary>
    public static bool TryParseMasked(string? text, out AttributeValue value)
    {
        Mask? mask = Mask.OfText(text);
        value = new(mask);
        return mask is not null;
    }

    /// <summary>What this value is.</summary>
    public AttributeType Type => _reference switch
    {
        null => AttributeType.Null,
        string => AttributeType.Text,
        AttributeMap => AttributeType.Map,
        ListBox => AttributeType.List,
        Mask => AttributeType.Masked,
        _ => ReferenceEquals(_reference, BooleanTag) ? AttributeType.Boolean : AttributeType.Number,
    };

    /// <summary>True for null.</summary>
    public bool IsNull => _reference is null;

    /// <summary>The text, or null when this is none.</summary>
    public string? AsText => _reference as string;

    /// <summary>The map, or null when this is none.</summary>
    public AttributeMap? AsMap => _reference as AttributeMap;

    /// <summary>The items; empty when this is no list.</summary>
    public ImmutableArray<AttributeValue> AsList => _reference is ListBox list ? list.Items : [];

    /// <summary>The truth value, or null when this is none.</summary>
    public bool? AsBoolean => ReferenceEquals(_reference, BooleanTag) ? _bits != 0 : null;

    /// <summary>The number, or null when this is none.</summary>
    public double? AsNumber =>
        ReferenceEquals(_reference, WholeTag) ? _bits
        : ReferenceEquals(_reference, RealTag) ? BitConverter.Int64BitsToDouble(_bits)
        : null;

    /// <summary>The whole number, or null when this is no number without a fraction.</summary>
    public long? AsWhole =>
        ReferenceEquals(_reference, WholeTag) ? _bits
        : AsNumber is { } real && Math.Floor(real) == real && Math.Abs(real) < long.MaxValue ? (long)real
        : null;

    /// <summary>
    /// The value as people and JSON show it: texts as they are, numbers and truth values in invariant form, a masked value
    /// as <c>&lt;masked 16-63&gt;</c> or <c>&lt;known after apply&gt;</c>, maps and lists by their size.
    /// </summary>
    public override string ToString() => _reference switch
    {
        null => "null",
        string text => text,
        Mask mask => mask.Text,
        AttributeMap map => $"{{{map.Count}}}",
        ListBox list => $"[{list.Items.Length}]",
        _ => AsBoolean is { } truth ? (truth ? "true" : "false")
            : ReferenceEquals(_reference, WholeTag) ? _bits.ToString(CultureInfo.InvariantCulture)
            : AsNumber!.Value.ToString("R", CultureInfo.InvariantCulture),
    };

    /// <summary>Whether the two are one object or the same scalar, which is cheaper to tell than equality.</summary>
    internal bool IsSameAs(AttributeValue other) => ReferenceEquals(_reference, other._reference) && _bits == other._bits;

    /// <inheritdoc/>
    public bool Equals(AttributeValue other)
    {
        if (AsNumber is { } number && other.AsNumber is { } otherNumber)
            return AsWhole is { } whole && other.AsWhole is { } otherWhole ? whole == otherWhole : number.Equals(otherNumber);
        if (_bits != other._bits) return false;
        return ReferenceEquals(_reference, other._reference) || (_reference is not null && _reference.Equals(other._reference));
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is AttributeValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => AsNumber is { } number ? number.GetHashCode() : HashCode.Combine(_reference, _bits);

    /// <summary>Equal values of equal types; numbers compare by value.</summary>
    public static bool operator ==(AttributeValue left, AttributeValue right) => left.Equals(right);

    /// <summary>The negation of equality.</summary>
    public static bool operator !=(AttributeValue left, AttributeValue right) => !left.Equals(right);

    private sealed class ListBox(ImmutableArray<AttributeValue> items)
    {
        private static readonly ListBox Empty = new([]);

        public ImmutableArray<AttributeValue> Items { get; } = items;

        public static ListBox From(ImmutableArray<AttributeValue> items) => items.IsDefaultOrEmpty ? Empty : new(items);

        public override bool Equals(object? obj) => obj is ListBox other && Items.AsSpan().SequenceEqual(other.Items.AsSpan());

        public override int GetHashCode() => Items.Length;
    }

    private sealed class Mask(string text)
    {
        private static readonly Mask[] Classes =
            [new("<masked empty>"), new("<masked 1-15>"), new("<masked 16-63>"), new("<masked 64+>")];

        public static Mask Later { get; } = new("<known after apply>");

        public string Text { get; } = text;

        public static Mask? OfText(string? text) => Later.Text == text ? Later : Array.Find(Classes, mask => mask.Text == text);

        public static Mask ForLength(int length) => Classes[length switch { <= 0 => 0, < 16 => 1, < 64 => 2, _ => 3 }];
    }
}
