using System.Text.RegularExpressions;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>
/// The language and version behind the names that clouds give to runtimes: <c>nodejs20.x</c>, <c>NODE|20-lts</c>, <c>nodejs20</c>,
/// <c>python311</c>.
/// </summary>
/// <param name="Language">One of node, python, java, dotnet, go, ruby, php.</param>
/// <param name="Version">The version with a dot where it has one: <c>20</c>, <c>3.11</c>.</param>
internal readonly partial record struct Runtime(string Language, string Version)
{
    /// <summary>Reads a cloud's name of a runtime; null when it names none of the languages.</summary>
    public static Runtime? Read(string? name)
    {
        if (name is null || Pattern().Match(name.ToLowerInvariant()) is not { Success: true } match) return null;
        string language = match.Groups["language"].Value switch { "nodejs" => "node", "dotnetcore" => "dotnet", var other => other };
        string version = match.Groups["version"].Value;
        bool packed = language is "python" or "ruby" or "php" or "go" && version.Length is 2 or 3
            && !version.Contains('.', StringComparison.Ordinal);
        return new(language, packed ? $"{version[0]}.{version[1..]}" : version);
    }

    /// <summary>The version's first part.</summary>
    public string Major => Version.Split('.')[0];

    [GeneratedRegex(@"(?<language>nodejs|node|python|java|dotnetcore|dotnet|go|ruby|php)[^0-9a-z]*(?<version>[0-9]+(\.[0-9]+)?)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
