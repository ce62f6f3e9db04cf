using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Sirsi.Core.Plugins;

/// <summary>
/// A set of versions, written as alternatives separated by <c>||</c>, each a list of conditions that all hold, separated by spaces:
/// <c>*</c>, <c>1.2.3</c> or <c>=1.2.3</c>, <c>&gt;1.2.3</c>, <c>&gt;=</c>, <c>&lt;</c>, <c>&lt;=</c>, <c>^1.2.3</c> (up to the next
/// change that breaks: of the leftmost part that is not zero), <c>~1.2.3</c> (up to the next minor version). A pre-release is in only where
/// a condition of the same alternative names a pre-release of the same three numbers, as in npm; <c>*</c> admits no pre-release.
/// </summary>
public sealed class VersionRange
{
    /// <summary>The longest text that is read as a range.</summary>
    public const int LengthMax = 1_000;

    private readonly string _text;
    private readonly ImmutableArray<ImmutableArray<Condition>> _alternatives;

    private VersionRange(string text, ImmutableArray<ImmutableArray<Condition>> alternatives) => (_text, _alternatives) = (text, alternatives);

    private enum Sign
    {
        Any,
        Equal,
        Above,
        AtLeast,
        Below,
        AtMost,
    }

    private sealed record Condition(Sign Sign, SemanticVersion Version);

    /// <summary>Every release.</summary>
    public static VersionRange Any { get; } = Parse("*");

    /// <summary>Reads a range.</summary>
    /// <exception cref="FormatException">The text is no range.</exception>
    public static VersionRange Parse(string text) =>
        TryParse(text, out VersionRange? range) ? range : throw new FormatException("A range of versions looks like '>=1.2.0 <2.0.0', '^1.2.0', '~1.2.0' or '*'.");

    /// <summary>Reads a range; false for any other text.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out VersionRange? range)
    {
        range = null;
        if (text is null || text.Length > LengthMax) return false;
        var alternatives = ImmutableArray.CreateBuilder<ImmutableArray<Condition>>();
        foreach (string alternative in text.Split("||"))
        {
            var conditions = ImmutableArray.CreateBuilder<Condition>();
            foreach (string word in alternative.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                if (!TryRead(word, conditions)) return false;
            if (conditions.Count == 0) return false;
            alternatives.Add(conditions.ToImmutable());
        }

        range = new VersionRange(text, alternatives.ToImmutable());
        return true;
    }

    /// <summary>Whether a version is in the range.</summary>
    public bool Contains(SemanticVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        return _alternatives.Any(conditions => conditions.All(condition => Holds(condition, version))
            && (version.PreRelease.Length == 0 || conditions.Any(condition => NamesPreReleaseOf(condition, version))));
    }

    /// <summary>The range as it was written.</summary>
    public override string ToString() => _text;

    private static bool TryRead(string word, ImmutableArray<Condition>.Builder conditions)
    {
        if (word == "*")
        {
            conditions.Add(new Condition(Sign.Any, SemanticVersion.Of(0, 0, 0)));
            return true;
        }

        (Sign sign, int length) = word switch
        {
            ['>', '=', ..] => (Sign.AtLeast, 2),
            ['<', '=', ..] => (Sign.AtMost, 2),
            ['>', ..] => (Sign.Above, 1),
            ['<', ..] => (Sign.Below, 1),
            ['=', ..] or ['^', ..] or ['~', ..] => (Sign.Equal, 1),
            _ => (Sign.Equal, 0),
        };
        if (!SemanticVersion.TryParse(word[length..], out SemanticVersion? version)) return false;
        if (word[0] is not ('^' or '~'))
        {
            conditions.Add(new Condition(sign, version));
            return true;
        }

        if (version.Major == ulong.MaxValue || version.Minor == ulong.MaxValue || version.Patch == ulong.MaxValue) return false;
        SemanticVersion end = word[0] == '~' ? SemanticVersion.Of(version.Major, version.Minor + 1, 0)
            : version.Major > 0 ? SemanticVersion.Of(version.Major + 1, 0, 0)
            : version.Minor > 0 ? SemanticVersion.Of(0, version.Minor + 1, 0)
            : SemanticVersion.Of(0, 0, version.Patch + 1);
        conditions.Add(new Condition(Sign.AtLeast, version));
        conditions.Add(new Condition(Sign.Below, end));
        return true;
    }

    private static bool Holds(Condition condition, SemanticVersion version) => condition.Sign switch
    {
        Sign.Any => true,
        Sign.Equal => version == condition.Version,
        Sign.Above => version > condition.Version,
        Sign.AtLeast => version >= condition.Version,
        Sign.Below => version < condition.Version,
        _ => version <= condition.Version,
    };

    private static bool NamesPreReleaseOf(Condition condition, SemanticVersion version) =>
        condition.Version.PreRelease.Length > 0 && condition.Version.Major == version.Major
        && condition.Version.Minor == version.Minor && condition.Version.Patch == version.Patch;
}
