using System.Text;
using Sirsi.Clouds;

namespace Sirsi.Migration.Emitting.Report;

/// <summary>
/// Writes <c>report.html</c>: one file that opens without network. Works without its script, which adds filters and sorting. Tables are
/// cut at fixed sizes, with a word on what is left out, so the file stays below 15 MB; time is linear in the result.
/// </summary>
internal static class ReportWriter
{
    /// <summary>Writes the report as UTF-8.</summary>
    public static void Write(MigrationResult result, Stream stream)
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 64 * 1024,
            leaveOpen: true);
        var html = new HtmlWriter(text);
        var facts = new ReportFacts(result);
        Head(html, facts);
        SummarySection.Write(html, facts);
        CostSection.Write(html, facts);
        FindingsSection.Write(html, facts);
        MappingSection.Write(html, facts);
        DependencyPicture.Write(html, facts);
        WaveTimeline.Write(html, facts);
        DecisionsSection.Write(html, facts);
        AssumptionsSection.Write(html, facts);
        DiagnosticsSection.Write(html, facts);
        html.Write(
            $"</main>\n<footer><p>Written by SirsiNexus on {Wording.Instant(result.Now)}. All figures come from the files beside this one: estate.json, assessment.json, design.json and plan.json.</p></footer>\n<script>");
        html.Asset(ReportAsset.Script.Content);
        html.Write($"</script>\n</body>\n</html>\n");
    }

    private static void Head(HtmlWriter html, ReportFacts facts)
    {
        html.Write($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '{ReportAsset.Styles.Hash}'; script-src '{ReportAsset.Script.Hash}'; base-uri 'none'; form-action 'none'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{facts.Title} – migration report</title>
            <style>
            """);
        html.Asset(ReportAsset.Styles.Content);
        html.Write($"""
            </style>
            </head>
            <body>
            <a class="skip" href="#summary">Skip to the report</a>
            <nav class="bar" aria-label="Sections"><div><a class="brand" href="#top">SirsiNexus</a><ul>
            <li><a href="#cost">Cost</a></li><li><a href="#findings">Findings</a></li><li><a href="#mapping">Mapping</a></li><li><a href="#dependencies">Dependencies</a></li><li><a href="#waves">Waves</a></li><li><a href="#decisions">Decisions</a></li><li><a href="#assumptions">Assumptions</a></li>
            </ul></div></nav>
            <header id="top"><p class="eyebrow">Migration report</p>
            <h1>{facts.Title}</h1>
            <p class="lead">What runs today, what it becomes in {facts.Result.Design.Target.Title()} ({facts.Result.Design.Region}), and how it gets there.</p>
            <p class="meta">{Wording.Instant(facts.Result.Now)} · {Inputs(facts.Result)}</p></header>
            <main>

            """);
    }

    private static string Inputs(MigrationResult result) => result.Inputs.Length switch
    {
        0 => "estate given by program",
        <= 3 => string.Join(", ", result.Inputs),
        var count => $"{result.Inputs[0]} and {Wording.Count(count - 1, "other input")}",
    };
}
