using Sirsi.Clouds.Estates;
using Sirsi.Migration.Assessing;
using Sirsi.Migration.Designing;

namespace Sirsi.Migration.Emitting.Report;

/// <summary>What becomes of each resource.</summary>
internal static class MappingSection
{
    private const int RowsMax = 5_000;
    private const long LengthMax = 8_000_000;

    public static void Write(HtmlWriter html, ReportFacts facts)
    {
        // The dearest first; settings, which go with their owners, are left to design.json.
        int[] shown = [.. Enumerable.Range(0,
            facts.Mappings.Length).Where(index => facts.Mappings[index] is { Outcome: not MappingOutcome.Folded })
            .OrderByDescending(index => Math.Max(facts.Before[index]?.MonthlyUsd ?? 0, facts.Mappings[index]!.Cost.MonthlyUsd ?? 0))];
        int folded = facts.Mappings.Count(static mapping => mapping is { Outcome: MappingOutcome.Folded });
        html.Write(
            $"<section id=\"mapping\"><h2>Mapping</h2><p class=\"intro\">What each resource becomes, and why. {Wording.Count(folded, "setting goes", "settings go")} with what {(folded == 1 ? "it belongs" : "they belong")} to and {(folded == 1 ? "is" : "are")} not listed.</p>\n");
        Filters(html, facts, shown);
        html.Write($"""
            <table id="mapping-table" class="cards sortable"><caption class="quiet">Mapping of resources to the target</caption>
            <thead><tr><th scope="col" class="c-source">Source</th><th scope="col" class="c-kind">Kind</th><th scope="col" class="c-target">Becomes</th><th scope="col" class="num" data-sort="number">Today</th><th scope="col" class="num" data-sort="number">Target</th><th scope="col" data-sort="none">Why</th></tr></thead><tbody>

            """);
        long start = html.Length;
        int written = 0;
        foreach (int index in shown)
        {
            if (written == RowsMax || html.Length - start > LengthMax) break;
            Row(html, facts, index);
            written++;
        }

        html.Write($"</tbody></table>\n");
        if (written < shown.Length)
            html.Write(
                $"<p class=\"fine\">The {Wording.Number(written)} dearest of {Wording.Number(shown.Length)} are shown; all are in design.json.</p>\n");
        html.Write($"</section>\n");
    }

    private static void Filters(HtmlWriter html, ReportFacts facts, int[] shown)
    {
        html.Write(
            $"<div class=\"filters\" data-for=\"mapping-table\"><label>Search <input type=\"search\" data-text></label><label>Kind <select data-key=\"kind\"><option value=\"\">all</option>");
        foreach (string kind in shown.Select(index => facts.Result.Estate.Resources[index].Kind.Name).Distinct(
            StringComparer.Ordinal).Order(StringComparer.Ordinal))
            html.Write($"<option value=\"{kind}\">{ReportFacts.KindTitle(kind)}</option>");
        html.Write($"</select></label><label>Outcome <select data-key=\"outcome\"><option value=\"\">all</option>");
        foreach (MappingOutcome outcome in shown.Select(index => facts.Mappings[index]!.Outcome).Distinct().Order())
            html.Write($"<option>{ReportFacts.OutcomeTitle(outcome)}</option>");
        html.Write($"</select></label><output></output></div>\n");
    }

    private static void Row(HtmlWriter html, ReportFacts facts, int index)
    {
        Resource resource = facts.Result.Estate.Resources[index];
        Mapping mapping = facts.Mappings[index]!;
        string outcome = ReportFacts.OutcomeTitle(mapping.Outcome);
        html.Write(
            $"<tr class=\"row\" data-kind=\"{resource.Kind.Name}\" data-outcome=\"{outcome}\"><td data-label=\"Source\"><b>{resource.Name}</b><span class=\"id\">{resource.Id}</span></td><td data-label=\"Kind\">{ReportFacts.KindTitle(resource.Kind.Name)}</td><td data-label=\"Becomes\">");
        if (mapping.Target is { } target)
            html.Write(
                $"<b>{target.Service}</b>{(target.Size is null ? "" : " ")}<span class=\"size\">{target.Size}</span><span class=\"id\">{target.Type}{(target.Region == facts.Result.Design.Region ? "" : $" · {target.Region}")}</span>");
        else
            html.Write($"<span class=\"outcome {Class(mapping.Outcome)}\">{outcome}</span>");
        html.Write($"</td>");
        Cost(html, "Today", facts.Before[index]);
        Cost(html, "Target", mapping.Target is null && mapping.Outcome is not MappingOutcome.Stays ? null : mapping.Cost);
        html.Write($"<td data-label=\"Why\">{mapping.Reason}");
        Details(html, mapping);
        html.Write($"</td></tr>\n");
    }

    private static void Details(HtmlWriter html, Mapping mapping)
    {
        int parts = mapping.Alternatives.Length + mapping.Differences.Length + mapping.Decisions.Length;
        if (parts == 0) return;
        string[] summary =
        [
            .. Part(mapping.Decisions.Length, "decision"), .. Part(mapping.Differences.Length, "difference"),
                .. Part(mapping.Alternatives.Length, "alternative"),
        ];
        html.Write($"<details><summary>{string.Join(", ", summary)}</summary>");
        List(html, "To decide", mapping.Decisions);
        List(html, "Different on the target", mapping.Differences);
        if (mapping.Alternatives.Length > 0)
        {
            html.Write($"<h4>Also considered</h4><ul>");
            foreach (Alternative alternative in mapping.Alternatives)
                html.Write(
                    $"<li><b>{alternative.Choice}</b>{(alternative.MonthlyUsd is { } usd ? $", {Wording.Usd(usd)} a month" : "")}: {alternative.Difference}</li>");
            html.Write($"</ul>");
        }

        html.Write($"</details>");
    }

    private static string[] Part(int count, string noun) => count == 0 ? [] : [Wording.Count(count, noun)];

    private static void List(HtmlWriter html, string title, IReadOnlyCollection<string> items)
    {
        if (items.Count == 0) return;
        html.Write($"<h4>{title}</h4><ul>");
        foreach (string item in items) html.Write($"<li>{item}</li>");
        html.Write($"</ul>");
    }

    private static void Cost(HtmlWriter html, string label, CostEstimate? cost)
    {
        (string text, decimal value) = cost switch
        {
            null => ("–", -3),
            { Status: CostStatus.Free } => ("free", 0),
            { Status: CostStatus.Usage } => ("by use", -1),
            { MonthlyUsd: { } usd, Status: CostStatus.Partial } => ($"over {Wording.Usd(usd)}", usd),
            { MonthlyUsd: { } usd } => (Wording.Usd(usd), usd),
            _ => ("no price", -2),
        };
        html.Write(
            $"<td class=\"num\" data-label=\"{label}\" data-value=\"{value.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture)}\">{text}</td>");
    }

    private static string Class(MappingOutcome outcome) =>
        outcome is MappingOutcome.NoEquivalent or MappingOutcome.Unknown ? "person" : "quietly";
}
