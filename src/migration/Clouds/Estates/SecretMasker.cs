using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
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
    private const int PlainLengthMax = 25;

    /// <summary>Secret under a doubtful name only.</summary>
    private const string OpaqueSample = "q7Xk29fLm4Zt8Rw3Vb6Ny1HsJ5";

    /// <summary>64 bytes in base64: secret under every name but those of digests.</summary>
    private static readonly string KeySample = Convert.ToBase64String([.. Enumerable.Range(0, 64).Select(static index => (byte)((index * 37) + 11))]);

    private static readonly SearchValues<char> PlainCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_./");
    private static readonly SearchValues<char> NotInReferences = SearchValues.Create(" \t\r\n;=?&");

    private readonly Dictionary<string, SecretRules.TypeRules> _rulesByType = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NameClass> _names = new(StringComparer.Ordinal);
    private readonly (string? Text, bool Secret)[] _verdicts = new (string?, bool)[RememberedTextsSlots];

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

    private bool IsSecretName(string name) => ClassOf(name) is NameClass.Secret;

    private NameClass ClassOf(string name)
    {
        if (_names.TryGetValue(name, out NameClass kept)) return kept;
        NameClass found = SecretDetector.IsSecretName(name) ? NameClass.Secret
            : SecretDetector.IsSecret(name, OpaqueSample) || !SecretDetector.IsSecret(name, KeySample) ? NameClass.Special
            : NameClass.Ordinary;
        if (_names.Count < RememberedNamesMax) _names.Add(name, found);
        return found;
    }

    private bool IsSecret(string name, string text)
    {
        NameClass nameClass = name.Length == 0 ? NameClass.Ordinary : ClassOf(name);
        if (nameClass is not NameClass.Ordinary) return SecretDetector.IsSecret(name, text);
        if (IsPlain(text)) return false;
        // Under ordinary names the text alone decides. Readers give the same object for the same text most of the time.
        ref (string? Text, bool Secret) kept = ref _verdicts[RuntimeHelpers.GetHashCode(text) & (RememberedTextsSlots - 1)];
        if (ReferenceEquals(kept.Text, text)) return kept.Secret;
        kept = (text, SecretDetector.LooksSecret(text));
        return kept.Secret;
    }

    /// <summary>Short words and ids: too short for any key, and without the signs that separate a name from its secret.</summary>
    private static bool IsPlain(string text) => text.Length <= PlainLengthMax && !text.AsSpan().ContainsAnyExcept(PlainCharacters);

    private enum NameClass : byte
    {
        Ordinary,
        Secret,

        /// <summary>Names of doubtful values and of digests: name and value decide together.</summary>
        Special,
    }
}
