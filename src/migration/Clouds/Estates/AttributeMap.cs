using System.Collections;
using System.Runtime.InteropServices;

namespace Sirsi.Clouds.Estates;

/// <summary>Named attribute values, sorted by name (ordinal), immutable and thread-safe.</summary>
public sealed class AttributeMap : IReadOnlyCollection<KeyValuePair<string, AttributeValue>>, IEquatable<AttributeMap>
{
    private readonly string[] _names;
    private readonly AttributeValue[] _values;

    private AttributeMap(string[] names, AttributeValue[] values) => (_names, _values) = (names, values);

    /// <summary>No attribute at all.</summary>
    public static AttributeMap Empty { get; } = new([], []);

    /// <summary>How many names there are.</summary>
    public int Count => _names.Length;

    /// <summary>The value of a name; null (the value) when it is absent.</summary>
    public AttributeValue this[string name]
    {
        get
        {
            int index = Array.BinarySearch(_names, name, StringComparer.Ordinal);
            return index < 0 ? AttributeValue.Null : _values[index];
        }
    }

    /// <summary>Whether the name is present, even with a null value.</summary>
    public bool Contains(string name) => Array.BinarySearch(_names, name, StringComparer.Ordinal) >= 0;

    /// <summary>The names, sorted.</summary>
    public ReadOnlySpan<string> Names => _names;

    /// <summary>The values, in the order of <see cref="Names"/>.</summary>
    public ReadOnlySpan<AttributeValue> Values => _values;

    /// <summary>A map of the given pairs; a name given twice keeps its last value.</summary>
    public static AttributeMap From(IEnumerable<KeyValuePair<string, AttributeValue>> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        var builder = new Builder();
        foreach ((string name, AttributeValue value) in pairs) builder.Add(name, value);
        return builder.Build();
    }

    /// <summary>A map of the given pairs; a name given twice keeps its last value.</summary>
    public static AttributeMap Of(params ReadOnlySpan<(string Name, AttributeValue Value)> pairs)
    {
        var builder = new Builder();
        foreach ((string name, AttributeValue value) in pairs) builder.Add(name, value);
        return builder.Build();
    }

    /// <summary>This map with <paramref name="other"/>'s values put over it.</summary>
    public AttributeMap With(AttributeMap other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return other.Count == 0 ? this : Count == 0 ? other : From(this.Concat(other));
    }

    /// <summary>This map's names with other values, in the order of <see cref="Names"/>.</summary>
    internal AttributeMap WithValues(AttributeValue[] values) => new(_names, values);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, AttributeValue>> GetEnumerator()
    {
        for (int index = 0; index < _names.Length; index++) yield return new(_names[index], _values[index]);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(AttributeMap? other) =>
        other is not null && _names.AsSpan().SequenceEqual(other._names) && _values.AsSpan().SequenceEqual(other._values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AttributeMap);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (AttributeValue value in _values) hash.Add(value);
        return hash.ToHashCode();
    }

    /// <summary>Collects pairs in any order. Reusable after <see cref="Build"/>; not thread-safe.</summary>
    public sealed class Builder
    {
        private const int KnownCount = 64;

        private readonly List<string> _names = [];
        private readonly List<AttributeValue> _values = [];
        private string[]?[]? _known;
        private bool _hasBuilt;

        /// <summary>How many pairs were added since the last build.</summary>
        public int Count => _names.Count;

        /// <summary>Adds a pair; a later pair of the same name replaces it.</summary>
        public void Add(string name, AttributeValue value)
        {
            _names.Add(name);
            _values.Add(value);
        }

        /// <summary>The map of all pairs added; the builder is empty afterwards.</summary>
        public AttributeMap Build()
        {
            if (_names.Count == 0) return Empty;
            string[] names = KnownNames() ?? [.. _names];
            AttributeValue[] values = [.. _values];
            _names.Clear();
            _values.Clear();
            if (!IsSorted(names)) return Sorted(names, values);
            // A builder used once has nothing to remember.
            if (_hasBuilt) (_known ??= new string[]?[KnownCount])[SlotOf(names)] = names;
            _hasBuilt = true;
            return new(names, values);
        }

        /// <summary>Resources of one type have the same names: one list of them serves all that were built one after the other.</summary>
        private string[]? KnownNames()
        {
            ReadOnlySpan<string> added = CollectionsMarshal.AsSpan(_names);
            string[]? known = _known?[SlotOf(added)];
            if (known is null || known.Length != added.Length) return null;
            for (int index = 0; index < added.Length; index++)
                if (!ReferenceEquals(known[index], added[index])) return null;
            return known;
        }

        private static int SlotOf(ReadOnlySpan<string> names) =>
            ((names.Length * 31) + names[0].Length + (names[^1].Length * 7) + (names[names.Length / 2].Length * 3)) & (KnownCount - 1);

        /// <summary>Most sources write their names sorted already.</summary>
        private bool IsSorted(string[] names)
        {
            if (ReferenceEquals(_known?[SlotOf(names)], names)) return true;
            for (int index = 1; index < names.Length; index++)
                if (string.CompareOrdinal(names[index - 1], names[index]) >= 0) return false;
            return true;
        }

        private static AttributeMap Sorted(string[] names, AttributeValue[] values)
        {
            int[] order = new int[names.Length];
            for (int index = 0; index < order.Length; index++) order[index] = index;
            Array.Sort(order, (left, right) =>
                string.CompareOrdinal(names[left], names[right]) is var byName and not 0 ? byName : left.CompareTo(right));
            int kept = 0;
            var sortedNames = new string[names.Length];
            var sortedValues = new AttributeValue[names.Length];
            foreach (int index in order)
            {
                if (kept > 0 && sortedNames[kept - 1] == names[index]) kept--;
                sortedNames[kept] = names[index];
                sortedValues[kept++] = values[index];
            }

            return kept == names.Length ? new(sortedNames, sortedValues) : new(sortedNames[..kept], sortedValues[..kept]);
        }
    }
}
