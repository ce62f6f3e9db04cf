namespace Sirsi.Migration.Emitting.Report;

/// <summary>What people must decide or do.</summary>
internal static class DecisionsSection
{
    private const int RowsMax = 500;

    public static void Write(HtmlWriter html, ReportFacts facts)
    {
        var decisions = facts.Result.Design.Mappings
            .SelectMany(static mapping => mapping.Decisions.Select(decision => (decision, mapping.ResourceId)))
            .GroupBy(static pair => pair.decision, StringComparer.Ordinal).ToList();
        html.Write(
            $"<section id=\"decisions\"><h2>Decisions</h2><p class=\"intro\">What no program should decide for you: {Wording.Count(decisions.Count, "decision")}, each with the resources it is about.</p>\n");
        if (decisions.Count == 0) html.Write($"<p class=\"empty\">Nothing is left to decide.</p>\n");
        html.Write($"<ol class=\"decisions\">\n");
        foreach (var decision in decisions.Take(RowsMax))
        {
            string[] ids = [.. decision.Select(static pair => pair.ResourceId)];
            html.Write(
                $"<li><p>{decision.Key}</p><p class=\"id\">{string.Join(", ", ids.Take(4))}{(ids.Length > 4 ? $" and {Wording.Count(ids.Length - 4, "other")}" : "")}</p></li>\n");
        }

        html.Write($"</ol>\n");
        if (decisions.Count > RowsMax) html.Write(
            $"<p class=\"fine\">{Wording.Count(decisions.Count - RowsMax, "more decision")} in design.json.</p>\n");
        html.Write($"</section>\n");
    }
}
