using Sirsi.Migration.Assessing;

namespace Sirsi.Migration.Emitting.Report;

/// <summary>What is wrong, by check: evidence, what to do, and which controls it is evidence for.</summary>
internal static class FindingsSection
{
    private const int ResourcesMax = 100;
    private const long LengthMax = 2_500_000;

    public static void Write(HtmlWriter html, ReportFacts facts)
    {
        var findings = facts.Result.Assessment.Findings;
        // Findings come most severe first and by check, so groups are in the order to read them.
        List<IGrouping<string, Finding>> groups = [.. findings.GroupBy(static finding => finding.Check.Id, StringComparer.Ordinal)];
        html.Write(
            $"<section id=\"findings\"><h2>Findings</h2><p class=\"intro\">{Wording.Count(findings.Length, "finding")} of {Wording.Count(groups.Count, "check")}. Open one to see where it was found, the evidence, and what to do.</p>\n");
        if (groups.Count == 0)
        {
            html.Write($"<p class=\"empty\">No check failed.</p></section>\n");
            return;
        }

        html.Write(
            $"<div class=\"filters\" data-for=\"finding-list\"><label>Search <input type=\"search\" data-text></label><label>Severity <select data-key=\"severity\"><option value=\"\">all</option>");
        foreach (Severity severity in findings.Select(static finding => finding.Check.Severity).Distinct().OrderDescending())
            html.Write($"<option>{severity.Word()}</option>");
        html.Write($"</select></label><label>Category <select data-key=\"category\"><option value=\"\">all</option>");
        foreach (string category in findings.Select(static finding => finding.Check.Category).Distinct(StringComparer.Ordinal).Order(
            StringComparer.Ordinal))
            html.Write($"<option>{category}</option>");
        html.Write($"</select></label><output></output></div>\n<div id=\"finding-list\" class=\"findings\">\n");
        long start = html.Length;
        int written = 0;
        foreach (IGrouping<string, Finding> group in groups)
        {
            if (html.Length - start > LengthMax) break;
            Group(html, facts, group);
            written++;
        }

        html.Write($"</div>\n");
        if (written < groups.Count) html.Write(
            $"<p class=\"fine\">{Wording.Count(groups.Count - written, "more check")} with findings in assessment.json.</p>\n");
        html.Write($"</section>\n");
    }

    private static void Group(HtmlWriter html, ReportFacts facts, IGrouping<string, Finding> group)
    {
        Check check = group.First().Check;
        int count = group.Count();
        string severity = check.Severity.Word();
        html.Write(
            $"<details class=\"finding row\" data-severity=\"{severity}\" data-category=\"{check.Category}\"><summary><span class=\"chip {severity}\">{severity}</span><span class=\"what\">{check.Title}</span><span class=\"where\">{check.Category} · {Wording.Count(count, "resource")}</span></summary><div class=\"body\">");
        html.Write($"<p><b>What to do.</b> {check.Remediation}</p>");
        if (check.References.Length > 0) html.Write(
            $"<p class=\"fine\">Evidence for {string.Join(" · ", check.References)} <span class=\"id\">{check.Id}</span></p>");
        html.Write(
            $"<table><caption class=\"quiet\">Resources with this finding</caption><thead><tr><th scope=\"col\">Resource</th><th scope=\"col\">Evidence</th></tr></thead><tbody>");
        foreach (Finding finding in group.Take(ResourcesMax))
            html.Write(
                $"<tr><td data-label=\"Resource\"><b>{facts.Result.Estate.Find(finding.ResourceId)?.Name ?? finding.ResourceId}</b><span class=\"id\">{finding.ResourceId}</span></td><td data-label=\"Evidence\"><code>{finding.Evidence}</code></td></tr>");
        html.Write($"</tbody></table>");
        if (count > ResourcesMax) html.Write(
            $"<p class=\"fine\">{Wording.Count(count - ResourcesMax, "more resource")} in assessment.json.</p>");
        html.Write($"</div></details>\n");
    }
}
