using Sirsi.Clouds.Prices;
using Sirsi.Migration.Assessing;
using Sirsi.Migration.Planning;

namespace Sirsi.Migration.Emitting.Report;

/// <summary>What the figures rest on.</summary>
internal static class AssumptionsSection
{
    private const int RowsMax = 60;

    public static void Write(HtmlWriter html, ReportFacts facts)
    {
        PlanAssumptions plan = facts.Result.Plan.Assumptions;
        html.Write(
            $"<section id=\"assumptions\"><h2>Assumptions</h2><p class=\"intro\">Change one of these and the figures change with it.</p>\n<dl class=\"assumptions\">");
        Entry(html, "Hours in a month", "730");
        Entry(html, "Prices", "public on-demand list prices in US dollars, without tax, discount, commitment or free allowance");
        Entry(html, "Line between the clouds", $"{plan.BandwidthMbps:#,0.##} Mbit/s, of which copies get {100 * plan.BandwidthShare:0} %");
        Entry(html, "Steps side by side", Wording.Number(plan.Crew));
        Entry(html, "Resources in a wave", $"at most {Wording.Number(plan.WaveResourcesMax)}, unless what belongs together is more");
        Entry(html, "Stores of unknown size", $"taken as {Wording.Data(plan.UnknownStoreGiB)} each");
        html.Write($"</dl>\n");
        Sources(html, facts);
        Missing(html, facts);
        html.Write($"</section>\n");
    }

    private static void Entry(HtmlWriter html, string name, string value) => html.Write($"<div><dt>{name}</dt><dd>{value}</dd></div>\n");

    private static IEnumerable<CostEstimate> Costs(ReportFacts facts) =>
        facts.Result.Assessment.Resources.Select(static resource => resource.Cost).Concat(
            facts.Result.Design.Mappings.Select(static mapping => mapping.Cost));

    private static void Sources(HtmlWriter html, ReportFacts facts)
    {
        var sources = Costs(facts).SelectMany(static cost => cost.Lines).Select(static line => line.Price)
            .GroupBy(static price => (price.Source.Name, price.Source.AsOf, price.Source.Note))
            .OrderByDescending(static group => group.Count()).ThenBy(static group => group.Key.Name, StringComparer.Ordinal)
            .ThenBy(static group => group.Key.AsOf, StringComparer.Ordinal).ThenBy(static group => group.Key.Note,
                StringComparer.Ordinal).ToList();
        if (sources.Count == 0) return;
        html.Write(
            $"<h3>Where prices come from</h3><table class=\"cards\"><caption class=\"quiet\">Price sources with their dates</caption><thead><tr><th scope=\"col\">Source</th><th scope=\"col\">As of</th><th scope=\"col\" class=\"num\">Prices used</th><th scope=\"col\">Remark</th></tr></thead><tbody>\n");
        foreach (var source in sources.Take(RowsMax))
        {
            int elsewhere = source.Count(static price => price.Quality is PriceQuality.OtherRegion);
            string remark = string.Join("; ",
                new[] { source.Key.Note, elsewhere > 0 ? $"{Wording.Count(elsewhere, "price")} of another region" : "" }.Where(
                static part => part.Length > 0));
            html.Write(
                $"<tr><td data-label=\"Source\">{source.Key.Name}</td><td data-label=\"As of\">{source.Key.AsOf}</td><td data-label=\"Prices used\" class=\"num\">{Wording.Number(source.Count())}</td><td data-label=\"Remark\">{remark}</td></tr>\n");
        }

        html.Write($"</tbody></table>\n");
    }

    private static void Missing(HtmlWriter html, ReportFacts facts)
    {
        var missing = Costs(facts).SelectMany(static cost => cost.Missing).GroupBy(static reason => reason, StringComparer.Ordinal)
            .OrderByDescending(static group => group.Count()).ThenBy(static group => group.Key, StringComparer.Ordinal).ToList();
        if (missing.Count == 0) return;
        html.Write($"<h3>What has no price</h3><ul class=\"plain\">\n");
        foreach (var reason in missing.Take(RowsMax)) html.Write(
            $"<li>{reason.Key}{(reason.Count() > 1 ? $" ({reason.Count()}×)" : "")}</li>\n");
        html.Write($"</ul>\n");
        if (missing.Count > RowsMax) html.Write(
            $"<p class=\"fine\">{Wording.Count(missing.Count - RowsMax, "more reason")} in assessment.json and design.json.</p>\n");
    }
}
