using System.Globalization;
using System.Text;
using Sirsi.Core.Secrets;

namespace Sirsi.Core.Logging;

/// <summary>
/// Keeps secrets out of messages. In <c>"log in with {Password}"</c> the formatted text no longer tells which word is the secret, so such
/// a message is built anew from its template with that value masked.
/// </summary>
internal static class MaskedMessage
{
    private const string TemplateName = "{OriginalFormat}";

    /// <summary>The message with secret values masked, or null when no value is secret by its name.</summary>
    public static string? Of(IReadOnlyList<KeyValuePair<string, object?>> fields)
    {
        bool anySecret = false;
        string? template = null;
        foreach ((string name, object? value) in fields)
        {
            if (name == TemplateName) template = value as string;
            else if (SecretDetector.IsSecret(name, Text(value))) anySecret = true;
        }
        if (!anySecret) return null;
        return template is null ? SecretDetector.Replacement : Rendered(template, fields);
    }

    /// <summary>The value of a field as it may be shown, at most <paramref name="textMax"/> characters.</summary>
    public static string Shown(string name, object? value, int textMax) => Shown(Masked(name, Text(value)), textMax);

    /// <summary>
    /// Text as it may be shown, at most <paramref name="textMax"/> characters. It is cut after masking: half a secret has no shape.
    /// </summary>
    public static string Shown(string text, int textMax)
    {
        string masked = SecretDetector.Mask(text);
        if (masked.Length <= textMax) return masked;
        int cut = char.IsHighSurrogate(masked[textMax - 1]) ? textMax - 1 : textMax;
        return string.Create(CultureInfo.InvariantCulture, $"{masked.AsSpan(0, cut)}… ({masked.Length - cut} more characters)");
    }

    /// <summary>A value that is secret by its name goes whole; of any other, what looks like a secret.</summary>
    private static string Masked(string name, string text)
    {
        if (!SecretDetector.IsSecret(name, text)) return text;
        if (SecretDetector.IsSecretName(name)) return SecretDetector.Replacement;
        string masked = SecretDetector.Mask(text);
        return masked == text ? SecretDetector.Replacement : masked;
    }

    public static bool IsTemplate(string name) => name == TemplateName;

    public static string Text(object? value) => value switch
    {
        null => "null",
        string text => text,
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        System.Collections.IEnumerable many => string.Join(", ", many.Cast<object?>().Select(Text)),
        _ => value.ToString() ?? "",
    };

    private static string Rendered(string template, IReadOnlyList<KeyValuePair<string, object?>> fields)
    {
        var message = new StringBuilder();
        int at = 0;
        while (at < template.Length)
        {
            char c = template[at];
            bool doubled = at + 1 < template.Length && template[at + 1] == c;
            int close = c == '{' && !doubled ? template.IndexOf('}', at) : -1;
            if (close > at)
            {
                message.Append(ValueOf(template[(at + 1)..close], fields));
                at = close + 1;
                continue;
            }
            message.Append(c);
            at += c is '{' or '}' && doubled ? 2 : 1;
        }
        return message.ToString();
    }

    private static string ValueOf(string hole, IReadOnlyList<KeyValuePair<string, object?>> fields)
    {
        int end = hole.AsSpan().IndexOfAny(',', ':');
        string name = end < 0 ? hole : hole[..end];
        foreach ((string field, object? value) in fields)
        {
            if (field != name) continue;
            return Masked(name, Text(value));
        }
        return "{" + hole + "}";
    }
}
