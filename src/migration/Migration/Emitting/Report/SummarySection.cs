using Sirsi.Migration.Assessing;

namespace Sirsi.Migration.Emitting.Report;

/// <summary>The tiles at the top.</summary>
internal static class SummarySection
{
    public static void Write(HtmlWriter html, ReportFacts facts)
    {
        MigrationResult result = facts.Result;
        html.Write($"<section id=\"summary\" aria-label=\"Summary\"><div class=\"tiles\">\n");
        CostTile(html, facts);
        Readiness(html, result.Assessment);
        Findings(html, result.Assessment);
        int families = result.Estate.Resources.Select(static resource => resource.Kind).Distinct().Count();
        Tile(html, "Resources", Wording.Number(result.Estate.Resources.Length), $"of {Wording.Count(families, "kind")}");
        Tile(html, "Duration", Wording.Span(result.Plan.Duration),
            $"{Wording.Count(result.Plan.Waves.Length, "wave")} with {Wording.Count(result.Plan.Steps.Length, "step")}, {Wording.Number(result.Plan.Assumptions.Crew)} side by side");
        Tile(html, "Downtime", Wording.Span(result.Plan.Downtime), "the longest of each wave, added up");
        Tile(html, "Data to copy", Wording.Data(result.Plan.TransferGiB), result.Plan.Steps.Any(static step => step.TransferGiB is null)
            ? "as far as sizes are known" : $"at {result.Plan.Assumptions.BandwidthMbps * result.Plan.Assumptions.BandwidthShare:#,0} Mbit/s");
        html.Write($"</div></section>\n");
    }

    private static void Tile(HtmlWriter html, string name, string value, string note) =>
        html.Write($"<div class=\"tile\"><h2>{name}</h2><p class=\"value\">{value}</p><p class=\"note\">{note}</p></div>\n");

    private static void CostTile(HtmlWriter html, ReportFacts facts)
    {
        decimal before = facts.Result.Assessment.MonthlyUsd;
        decimal after = facts.Result.Design.MonthlyUsd;
        var like = CostComparison.Of(facts.Result.Assessment, facts.Result.Design);
        int unpricedBefore = facts.Result.Assessment.UnpricedCount;
        int unpricedAfter = facts.Result.Design.Mappings.Count(static mapping => ReportFacts.LacksPrice(mapping.Cost));
        html.Write(
            $"<div class=\"tile wide\"><h2>Monthly cost of what has a price</h2><p class=\"value\">{Wording.Usd(before)} <span class=\"arrow\" aria-label=\"becomes\">→</span> {Wording.Usd(after)}</p>");
        if (like.Change is not null)
            html.Write(
                $"<p class=\"note\">Like for like: {Wording.Usd(like.BeforeUsd)} → {Wording.Usd(like.AfterUsd)} <b class=\"{(like.Change < 0 ? "less" : like.Change > 0 ? "more" : "same")}\">{CostSection.Percent(like.BeforeUsd, like.AfterUsd)}</b> over {Wording.Count(like.Resources, "resource")} priced in full on both sides.</p>");
        if (unpricedBefore + unpricedAfter > 0)
            html.Write(
                $"<p class=\"note\">Price missing, in part or whole: {Wording.Number(unpricedBefore)} before, {Wording.Number(unpricedAfter)} after. They are not counted as 0.</p>");
        html.Write($"</div>\n");
    }

    private static void Readiness(HtmlWriter html, Assessment assessment)
    {
        int Count(ReadinessLevel level) => assessment.Resources.Count(resource => resource.Readiness.Level == level);
        int ready = Count(ReadinessLevel.Ready);
        int conditional = Count(ReadinessLevel.Conditional);
        int notReady = Count(ReadinessLevel.NotReady);
        int unknown = Count(ReadinessLevel.Unknown);
        int moving = ready + conditional + notReady + unknown;
        string share = moving == 0 ? "–" : $"{100.0 * ready / moving:0} %";
        html.Write($"<div class=\"tile\"><h2>Ready to move</h2><p class=\"value\">{share}</p>");
        if (moving > 0)
        {
            html.Write($"<svg class=\"stack\" viewBox=\"0 0 {moving} 6\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
            int x = 0;
            ReadOnlySpan<(int, string)> parts = [(ready, "ready"), (conditional, "conditional"), (notReady, "notready"), (unknown, "unknown")];
            foreach ((int count, string name) in parts)
            {
                html.Write($"<rect class=\"{name}\" x=\"{x}\" width=\"{count}\" height=\"6\"/>");
                x += count;
            }

            html.Write($"</svg>");
        }

        html.Write(
            $"<p class=\"note\">{Wording.Number(ready)} ready, {Wording.Number(conditional)} with conditions, {Wording.Number(notReady)} not ready{(unknown > 0 ? $", {Wording.Number(unknown)} unknown" : "")}</p></div>\n");
    }

    private static void Findings(HtmlWriter html, Assessment assessment)
    {
        html.Write(
            $"<div class=\"tile\"><h2>Findings</h2><p class=\"value\">{Wording.Number(assessment.Findings.Length)}</p><p class=\"note chips\">");
        foreach (var group in assessment.Findings.GroupBy(static finding => finding.Check.Severity).OrderByDescending(
            static group => group.Key))
            html.Write($"<span class=\"chip {group.Key.Word()}\">{Wording.Number(group.Count())} {group.Key.Word()}</span> ");
        html.Write($"</p></div>\n");
    }
}
