using Sirsi.Migration.Assessing;

namespace Sirsi.Cli.Output;

/// <summary>How severities are shown.</summary>
internal static class SeverityText
{
    /// <summary>The lower-case word.</summary>
    public static string Word(Severity severity) => severity.ToString().ToLowerInvariant();

    /// <summary>The word in its colour.</summary>
    public static string Marked(Severity severity) => severity switch
    {
        Severity.Critical => "[bold red]critical[/]",
        Severity.High => "[red]high[/]",
        Severity.Medium => "[yellow]medium[/]",
        Severity.Low => "[blue]low[/]",
        _ => "[dim]information[/]",
    };
}
