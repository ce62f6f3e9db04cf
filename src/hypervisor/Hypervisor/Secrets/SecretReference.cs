using System.Globalization;
using System.Runtime.InteropServices;

namespace Sirsi.Hypervisor.Secrets;

/// <summary>
/// What agents have instead of a secret: <c>secret:NAME</c> for the latest version, <c>secret:NAME#VERSION</c> for a fixed one. A name is letters, digits,
/// <c>-</c> and <c>_</c> in parts joined by <c>.</c> or <c>/</c>; each part begins with a letter or digit; case matters. The default value refers to nothing.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SecretReference
{
    /// <summary>The most characters of a name.</summary>
    public const int NameLengthMax = 128;

    private const string Prefix = "secret:";

    /// <summary>A reference to a secret.</summary>
    /// <exception cref="HypervisorException">3060: the name is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The version is not 1 or more.</exception>
    public SecretReference(string name, int? version = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsName(name)) throw new HypervisorException(HypervisorErrors.SecretNameInvalid, "A text that should name a secret does not.");
        if (version is { } given) ArgumentOutOfRangeException.ThrowIfLessThan(given, 1, nameof(version));
        Name = name;
        Version = version;
    }

    /// <summary>The secret's name within its tenant and project.</summary>
    public string Name { get; }

    /// <summary>Which version, from 1; null for the latest.</summary>
    public int? Version { get; }

    /// <summary>Reads a reference.</summary>
    /// <exception cref="HypervisorException">3060: the text is none. It is not quoted, for it might be the secret itself.</exception>
    public static SecretReference Parse(ReadOnlySpan<char> text) => TryParse(text, out SecretReference reference)
        ? reference
        : throw new HypervisorException(HypervisorErrors.SecretNameInvalid, "A text that should refer to a secret does not; it has the form 'secret:NAME' or 'secret:NAME#VERSION'.");

    /// <summary>Reads a reference; there is one text for each.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out SecretReference reference)
    {
        reference = default;
        if (!text.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        ReadOnlySpan<char> name = text[Prefix.Length..];
        int? version = null;
        int hash = name.IndexOf('#');
        if (hash >= 0)
        {
            ReadOnlySpan<char> digits = name[(hash + 1)..];
            if (digits.IsEmpty || digits[0] == '0' || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number)) return false;
            version = number;
            name = name[..hash];
        }

        if (!IsName(name)) return false;
        reference = new SecretReference(name.ToString(), version);
        return true;
    }

    /// <summary>The text of the reference; empty for the default value.</summary>
    public override string ToString() => Name is null ? "" : Version is { } version ? $"{Prefix}{Name}#{version}" : Prefix + Name;

    internal static bool IsName(ReadOnlySpan<char> text)
    {
        if (text.Length > NameLengthMax) return false;
        bool begins = true;
        foreach (char letter in text)
        {
            bool separates = letter is '.' or '/';
            if (!char.IsAsciiLetterOrDigit(letter) && (begins || (!separates && letter is not ('-' or '_')))) return false;
            begins = separates;
        }

        return !begins;
    }
}
