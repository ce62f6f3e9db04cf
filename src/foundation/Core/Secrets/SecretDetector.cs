namespace Sirsi.Core.Secrets;

/// <summary>
/// Tells secrets from ordinary text, by the name a value goes under and by the shape of the value, and masks them.
/// Everything that is logged, shown or written out passes through here; so do attributes read from Terraform files.
/// </summary>
/// <remarks>
/// Every method takes time linear in its input and may be called from any thread. Over-masking is preferred to leaking:
/// what cannot be told from a secret (64 bare bytes in base64, for one) counts as one.
/// </remarks>
public static class SecretDetector
{
    /// <summary>What stands where a secret stood.</summary>
    public const string Replacement = "***";

    /// <summary>
    /// True when a value under this name is a secret whatever it looks like: passwords, tokens, private and access keys,
    /// connection strings, and free-form carriers of such (<c>user_data</c>, <c>container_definitions</c>, <c>app_settings</c>,
    /// <c>environment_variables</c>). Names that only refer to a secret or describe it (<c>secret_arn</c>,
    /// <c>password_length</c>, <c>kms_key_id</c>, <c>public_key</c>) are ordinary.
    /// </summary>
    /// <param name="attributeName">snake_case, camelCase, kebab-case, dotted or glued; case does not matter.</param>
    public static bool IsSecretName(ReadOnlySpan<char> attributeName) => SecretNames.Judge(attributeName) is NameVerdict.Secret;

    /// <summary>
    /// True when the value holds something that is a secret under any name: a private key block, a cloud or service key,
    /// a JWT, an authorisation header, a URL or connection string with a password, a shared access signature,
    /// or <c>name=value</c> where the name is a secret one.
    /// </summary>
    public static bool LooksSecret(ReadOnlySpan<char> value) => new SecretScanner(value, firstOnly: true).Scan();

    /// <summary>
    /// The best verdict when both name and value are known. Beyond <see cref="IsSecretName"/> and <see cref="LooksSecret"/> it
    /// masks values of doubtful names (<c>primary_key</c>, <c>key</c>, <c>auth</c>) when they look random, lets references
    /// under secret names pass (an ARN, a <c>projects/…</c> path, a key vault address), and values that are no text of
    /// their own (<c>true</c>, <c>null</c>, empty), and does not take digests under names like <c>source_code_hash</c> for keys.
    /// </summary>
    public static bool IsSecret(ReadOnlySpan<char> attributeName, ReadOnlySpan<char> value)
    {
        if (value.IsEmpty || value is "true" or "false" or "null" or Replacement) return false;
        return SecretNames.Judge(attributeName) switch
        {
            NameVerdict.Secret => !SecretShapes.IsReference(value),
            NameVerdict.Doubtful => SecretShapes.IsOpaque(value) || LooksSecret(value),
            NameVerdict.Digest => new SecretScanner(value, firstOnly: true, labelledShapesOnly: true).Scan(),
            _ => LooksSecret(value),
        };
    }

    /// <summary>
    /// The text with each secret in it replaced by <see cref="Replacement"/>: the shapes of <see cref="LooksSecret"/> and the
    /// values of secret names in <c>name=value</c>, <c>name: value</c>, <c>--name value</c>, JSON (also as a string inside
    /// JSON), XML, YAML blocks and connection strings. Text without secrets comes back as the same instance.
    /// </summary>
    public static string Mask(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var scanner = new SecretScanner(text, firstOnly: false);
        return scanner.Scan() ? scanner.MaskedText() : text;
    }
}
