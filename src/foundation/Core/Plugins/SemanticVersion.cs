using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Sirsi.Core.Plugins;

/// <summary>
/// A version by Semantic Versioning 2.0.0. Order and equality are the specification's precedence (section 11), so build metadata is
/// kept and shown but does not tell versions apart.
/// </summary>
public sealed class SemanticVersion : IComparable<SemanticVersion>, IEquatable<SemanticVersion>
{
    /// <summary>The longest text that is read as a version.</summary>
    public const int LengthMax = 200;

    private SemanticVersion(ulong major, ulong minor, ulong patch, string preRelease, string build) =>
        (Major, Minor, Patch, PreRelease, Build) = (major, minor, patch, preRelease, build);

    /// <summary>Changes that break users.</summary>
    public ulong Major { get; }

    /// <summary>Additions.</summary>
    public ulong Minor { get; }

    /// <summary>Corrections.</summary>
    public ulong Patch { get; }

    /// <summary>The dot-separated identifiers after the hyphen; empty for a release.</summary>
    public string PreRelease { get; }

    /// <summary>The build metadata after the plus sign; empty when there is none.</summary>
    public string Build { get; }

    /// <summary>A release.</summary>
    public static SemanticVersion Of(ulong major, ulong minor, ulong patch) => new(major, minor, patch, "", "");

    /// <summary>Reads a version.</summary>
    /// <exception cref="FormatException">The text is no version.</exception>
    public static SemanticVersion Parse(string text) =>
        TryParse(text, out SemanticVersion? version) ? version : throw new FormatException("A version looks like 1.2.3, 1.2.3-beta.1 or 1.2.3+build.");

    /// <summary>Reads a version; false for any text the specification's grammar does not allow.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out SemanticVersion? version)
    {
        version = null;
        if (text is null || text.Length is 0 or > LengthMax) return false;
        ReadOnlySpan<char> rest = text;
        string build = "";
        if (rest.IndexOf('+') is >= 0 and int plus)
        {
            build = rest[(plus + 1)..].ToString();
            rest = rest[..plus];
            if (!AreIdentifiers(build, numbersArePlain: false)) return false;
        }

        string preRelease = "";
        if (rest.IndexOf('-') is >= 0 and int hyphen)
        {
            preRelease = rest[(hyphen + 1)..].ToString();
            rest = rest[..hyphen];
            if (!AreIdentifiers(preRelease, numbersArePlain: true)) return false;
        }

        Span<Range> parts = stackalloc Range[4];
        if (rest.Split(parts, '.') != 3 || !TryNumber(rest[parts[0]], out ulong major)
            || !TryNumber(rest[parts[1]], out ulong minor) || !TryNumber(rest[parts[2]], out ulong patch)) return false;
        version = new SemanticVersion(major, minor, patch, preRelease, build);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(SemanticVersion? other)
    {
        if (other is null) return 1;
        int order = Major.CompareTo(other.Major);
        if (order == 0) order = Minor.CompareTo(other.Minor);
        if (order == 0) order = Patch.CompareTo(other.Patch);
        return order != 0 ? order : ComparePreRelease(PreRelease, other.PreRelease);
    }

    /// <inheritdoc/>
    public bool Equals(SemanticVersion? other) => other is not null && CompareTo(other) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SemanticVersion);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Major, Minor, Patch, PreRelease);

    /// <summary>The version as it was written.</summary>
    public override string ToString() =>
        $"{Major}.{Minor}.{Patch}{(PreRelease.Length > 0 ? "-" + PreRelease : "")}{(Build.Length > 0 ? "+" + Build : "")}";

    /// <summary>Whether both have the same precedence.</summary>
    public static bool operator ==(SemanticVersion? left, SemanticVersion? right) => left?.Equals(right) ?? right is null;

    /// <summary>Whether their precedence differs.</summary>
    public static bool operator !=(SemanticVersion? left, SemanticVersion? right) => !(left == right);

    /// <summary>Whether the left one comes before.</summary>
    public static bool operator <(SemanticVersion left, SemanticVersion right) => Order(left, right) < 0;

    /// <summary>Whether the left one comes after.</summary>
    public static bool operator >(SemanticVersion left, SemanticVersion right) => Order(left, right) > 0;

    /// <summary>Whether the left one does not come after.</summary>
    public static bool operator <=(SemanticVersion left, SemanticVersion right) => Order(left, right) <= 0;

    /// <summary>Whether the left one does not come before.</summary>
    public static bool operator >=(SemanticVersion left, SemanticVersion right) => Order(left, right) >= 0;

    private static int Order(SemanticVersion left, SemanticVersion right)
    {
        ArgumentNullException.ThrowIfNull(left);
        return left.CompareTo(right);
    }

    private static int ComparePreRelease(string left, string right)
    {
        if (left.Length == 0 || right.Length == 0) return right.Length.CompareTo(left.Length); // A release comes after its pre-releases.
        string[] ours = left.Split('.');
        string[] theirs = right.Split('.');
        for (int i = 0; i < Math.Min(ours.Length, theirs.Length); i++)
            if (CompareIdentifiers(ours[i], theirs[i]) is not 0 and int order) return order;
        return ours.Length.CompareTo(theirs.Length);
    }

    private static int CompareIdentifiers(string left, string right)
    {
        bool leftIsNumber = left.All(char.IsAsciiDigit);
        bool rightIsNumber = right.All(char.IsAsciiDigit);
        if (leftIsNumber != rightIsNumber) return leftIsNumber ? -1 : 1;
        // Without leading zeros a longer number is a greater one, so numbers of any size compare without being converted.
        if (leftIsNumber && left.Length != right.Length) return left.Length.CompareTo(right.Length);
        return string.CompareOrdinal(left, right);
    }

    private static bool AreIdentifiers(ReadOnlySpan<char> text, bool numbersArePlain)
    {
        foreach (Range part in text.Split('.'))
        {
            ReadOnlySpan<char> identifier = text[part];
            if (identifier.Length == 0) return false;
            bool isNumber = true;
            foreach (char letter in identifier)
            {
                if (!char.IsAsciiLetterOrDigit(letter) && letter != '-') return false;
                isNumber &= char.IsAsciiDigit(letter);
            }

            if (numbersArePlain && isNumber && identifier.Length > 1 && identifier[0] == '0') return false;
        }

        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out ulong number) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && (text.Length == 1 || text[0] != '0');
}
