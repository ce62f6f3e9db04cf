using Sirsi.Core.Errors;

namespace Sirsi.Migration.Emitting.Report;

/// <summary>What was noticed while the inputs were read.</summary>
internal static class DiagnosticsSection
{
    private const int RowsMax = 300;

    public static void Write(HtmlWriter html, ReportFacts facts)
    {
        var diagnostics = facts.Result.Estate.Diagnostics;
        if (diagnostics.Length == 0) return;
        html.Write(
            $"<section id=\"diagnostics\"><h2>Noticed while reading</h2><table class=\"cards\"><caption class=\"quiet\">Diagnostics of the inputs</caption><thead><tr><th scope=\"col\">Code</th><th scope=\"col\">Severity</th><th scope=\"col\">Message</th><th scope=\"col\">Place</th></tr></thead><tbody>\n");
        foreach (Diagnostic diagnostic in diagnostics.Take(RowsMax))
            html.Write(
                $"<tr><td data-label=\"Code\">{diagnostic.Code.ToString()}</td><td data-label=\"Severity\">{Word(diagnostic.Severity)}</td><td data-label=\"Message\">{diagnostic.Message}</td><td data-label=\"Place\"><span class=\"id\">{diagnostic.Position?.ToString()}</span></td></tr>\n");
        html.Write($"</tbody></table>\n");
        if (diagnostics.Length > RowsMax) html.Write(
            $"<p class=\"fine\">{Wording.Count(diagnostics.Length - RowsMax, "more message")} were noticed.</p>\n");
        html.Write($"</section>\n");
    }

    private static string Word(DiagnosticSeverity severity) => severity switch
    {
        DiagnosticSeverity.Error => "error",
        DiagnosticSeverity.Warning => "warning",
        _ => "information",
    };
}
