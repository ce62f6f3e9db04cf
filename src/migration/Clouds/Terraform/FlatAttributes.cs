using System.Globalization;
using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Terraform;

/// <summary>
/// Attributes as Terraform wrote them up to version 0.11: one level of texts, where <c>subnets.#</c> counts a list or set whose items
/// are <c>subnets.0</c> or <c>subnets.1359096304</c>, and <c>tags.%</c> counts a map.
/// </summary>
internal static class FlatAttributes
{
    private const int WholeDigitsMax = 9;

    /// <summary>The same attributes as lists and maps; texts of truth values and short whole numbers get their type back.</summary>
    public static AttributeMap Unflatten(AttributeMap flat)
    {
        var root = new Node();
        foreach ((string name, AttributeValue value) in flat)
        {
            Node at = root;
            // A map may have dots in its names: below a counted map the rest of the name is one name.
            ReadOnlySpan<char> rest = name;
            while (true)
            {
                int dot = at.IsMap ? -1 : rest.IndexOf('.');
                if (dot < 0) break;
                at = at.Below(rest[..dot].ToString());
                rest = rest[(dot + 1)..];
                if (flat.Contains(string.Concat(name.AsSpan(0, name.Length - rest.Length), "%"))) at.IsMap = true;
            }

            if (rest is "#") at.IsList = true;
            else if (rest is "%") at.IsMap = true;
            else at.Below(rest.ToString()).Value = value;
        }

        return root.ToMap(typed: true);
    }

    private static AttributeValue Typed(string name, AttributeValue value)
    {
        if (value.AsText is not { } text) return value;
        if (text is "true") return AttributeValue.Of(true);
        if (text is "false") return AttributeValue.Of(false);
        bool isName = name is "id" or "name" or "version" || name.EndsWith("_id", StringComparison.Ordinal)
            || name.EndsWith("_name", StringComparison.Ordinal) || name.EndsWith("_version", StringComparison.Ordinal);
        bool isCanonical = text.Length is > 0 and <= WholeDigitsMax && !text.AsSpan().ContainsAnyExceptInRange('0', '9')
            && (text.Length == 1 || text[0] != '0');
        return isCanonical && !isName ? AttributeValue.Of(long.Parse(text, CultureInfo.InvariantCulture)) : value;
    }

    private sealed class Node
    {
        private SortedDictionary<string, Node>? _below;

        public bool IsList { get; set; }

        public bool IsMap { get; set; }

        public AttributeValue? Value { get; set; }

        public Node Below(string name)
        {
            _below ??= new(StringComparer.Ordinal);
            if (!_below.TryGetValue(name, out Node? node)) _below.Add(name, node = new());
            return node;
        }

        public AttributeMap ToMap(bool typed) =>
            _below is null ? AttributeMap.Empty : AttributeMap.From(_below.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.ToValue(pair.Key, typed))));

        private AttributeValue ToValue(string name, bool typed)
        {
            if (IsMap) return AttributeValue.Of(ToMap(typed: false));
            if (IsList)
                return AttributeValue.Of([.. (_below ?? []).OrderBy(pair => Order(pair.Key)).Select(pair => pair.Value.ToValue(name, typed))]);
            if (_below is not null) return AttributeValue.Of(ToMap(typed));
            return Value is not { } value ? AttributeValue.Null : typed ? Typed(name, value) : value;
        }

        private static long Order(string key) => long.TryParse(key, CultureInfo.InvariantCulture, out long order) ? order : long.MaxValue;
    }
}
