using System.Buffers;
using System.Collections.Immutable;
using Sirsi.Core.Secrets;

namespace Sirsi.Clouds.Estates;

/// <summary>
/// Masks what may be a secret in a resource's attributes before anything else sees them: by our table, by name, by the shape of the
/// value, and by what the source itself marks. Over-masking is preferred to leaking. Not thread-safe: it remembers verdicts.
/// </summary>
internal sealed class SecretMasker
{
    private const int RememberedNamesMax = 65_536;
    private const int RememberedTextsSlots = 1 << 14;

    private static readonly SearchValues<char> NotInReferences = SearchValues.Create(" \t\r\n;=?&");

    private readonly Dictionary<string, SecretRules.TypeRules> _rulesByType = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _secretNames = new(StringComparer.Ordinal);
    private readonly (string? Name, string? Text, bool Secret)[] _verdicts = new (string?, string?, bool)[RememberedTextsSlots];

    /// <summary>The attributes with secrets masked; the same instance when there are none.</summary>
    /// <param name="type">The provider's type name.</param>
    /// <param name="attributes">As read.</param>
    /// <param name="marks">What the source marks as sensitive.</param>
    public AttributeMap Mask(string type, AttributeMap attributes, SensitiveMarks? marks = null)
    {
        if (marks is not null) attributes = marks.Apply(attributes);
        if (!_rulesByType.TryGetValue(type, out SecretRules.TypeRules? rules))
            _rulesByType.Add(type, rules = SecretRules.BuiltIn.For(type));
        return Walk(attributes, rules, "", SecretTreatment.None);
    }

    private AttributeMap Walk(AttributeMap map, SecretRules.TypeRules rules, string parent, SecretTreatment inherited)
    {
        AttributeValue[]? changed = null;
        ReadOnlySpan<string> names = map.Names;
        ReadOnlySpan<AttributeValue> values = map.Values;
        for (int index = 0; index < names.Length; index++)
        {
            SecretTreatment treatment = rules.Of(parent, names[index]);
            if (treatment is SecretTreatment.None) treatment = inherited;
            AttributeValue masked = Mask(values[index], rules, parent, names[index], treatment);
            if (masked.IsSameAs(values[index])) continue;
            changed ??= values.ToArray();
            changed[index] = masked;
        }

        AttributeMap result = changed is null ? map : map.WithValues(changed);
        return WithoutNamedSecret(result);
    }

    private AttributeValue Mask(
        AttributeValue value, SecretRules.TypeRules rules, string parent, string name, SecretTreatment treatment)
    {
        switch (value.Type)
        {
            case AttributeType.Text:
                return MaskText(value, name, treatment);
            case AttributeType.Number:
                bool hide = treatment is SecretTreatment.Mask || (treatment is SecretTreatment.None && IsSecretName(name));
                return hide ? AttributeValue.MaskedOf(value.ToString().Length) : value;
            case AttributeType.Map:
                if (treatment is SecretTreatment.None && IsSecretName(name)) treatment = SecretTreatment.Mask;
                AttributeMap map = value.AsMap!;
                AttributeMap maskedMap = Walk(map, rules, name, treatment);
                return ReferenceEquals(map, maskedMap) ? value : AttributeValue.Of(maskedMap);
            case AttributeType.List:
                return MaskList(value, rules, parent, name, treatment);
            default:
                return value;
        }
    }

    private AttributeValue MaskList(
        AttributeValue value, SecretRules.TypeRules rules, string parent, string name, SecretTreatment treatment)
    {
        ImmutableArray<AttributeValue> items = value.AsList;
        ImmutableArray<AttributeValue>.Builder? changed = null;
        for (int index = 0; index < items.Length; index++)
        {
            AttributeValue masked = Mask(items[index], rules, parent, name, treatment);
            if (masked.IsSameAs(items[index])) continue;
            changed ??= items.ToBuilder();
            changed[index] = masked;
        }

        return changed is null ? value : AttributeValue.Of(changed.MoveToImmutable());
    }

    private AttributeValue MaskText(AttributeValue value, string name, SecretTreatment treatment)
    {
        string text = value.AsText!;
        if (text.Length == 0) return value;
        switch (treatment)
        {
            case SecretTreatment.Mask:
                return IsReference(text) ? value : AttributeValue.MaskedOf(text.Length);
            case SecretTreatment.Containers:
                return ContainerDefinitions.Harmless(text) is { } harmless ? AttributeValue.Of(harmless) : AttributeValue.MaskedOf(text.Length);
            case SecretTreatment.Keep:
                name = "";
                break;
        }

        if (!IsSecret(name, text)) return value;
        // A policy or a definition stays readable: only what is secret in it is replaced.
        bool isJson = text[0] is '{' or '[' && !IsSecretName(name);
        if (!isJson) return AttributeValue.MaskedOf(text.Length);
        string readable = SecretDetector.Mask(text);
        return ReferenceEquals(readable, text) || SecretDetector.LooksSecret(readable)
            ? AttributeValue.MaskedOf(text.Length)
            : AttributeValue.Of(readable);
    }

    /// <summary>A pair such as <c>{ name = "DB_PASSWORD", value = "…" }</c>: the name is a value itself.</summary>
    private AttributeMap WithoutNamedSecret(AttributeMap map)
    {
        if (map["value"].AsText is not { Length: > 0 } value) return map;
        string? name = map["name"].AsText ?? map["key"].AsText;
        if (name is null || !IsSecret(name, value)) return map;
        AttributeValue[] values = map.Values.ToArray();
        values[map.Names.IndexOf("value")] = AttributeValue.MaskedOf(value.Length);
        return map.WithValues(values);
    }

    /// <summary>An identity under a name that carries secrets: it names where the secret is kept, and relations need it.</summary>
    private static bool IsReference(string text)
    {
        bool isPath = text.StartsWith("arn:", StringComparison.Ordinal) || text.StartsWith("projects/", StringComparison.Ordinal)
            || text.StartsWith("/subscriptions/", StringComparison.OrdinalIgnoreCase);
        return isPath && text.Length < 512 && !text.AsSpan().ContainsAny(NotInReferences) && !SecretDetector.LooksSecret(text);
    }

    private bool IsSecretName(string name)
    {
        if (_secretNames.TryGetValue(name, out bool secret)) return secret;
        secret = SecretDetector.IsSecretName(name);
        if (_secretNames.Count < RememberedNamesMax) _secretNames.Add(name, secret);
        return secret;
    }

    /// <summary>Readers give the same text object for the same text most of the time, so verdicts are remembered by object.</summary>
    private bool IsSecret(string name, string text)
    {
        int slot = (RuntimeHash(text) ^ (RuntimeHash(name) * 31)) & (RememberedTextsSlots - 1);
        ref (string? Name, string? Text, bool Secret) kept = ref _verdicts[slot];
        if (ReferenceEquals(kept.Text, text) && ReferenceEquals(kept.Name, name)) return kept.Secret;
        bool secret = SecretDetector.IsSecret(name, text);
        kept = (name, text, secret);
        return secret;

        static int RuntimeHash(string value) => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(value);
    }
}
