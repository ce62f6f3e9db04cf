using Sirsi.Clouds.Estates;
using Sirsi.Migration.Assessing;

namespace Sirsi.Migration.Emitting.Report;

/// <summary>Cost before and after by family.</summary>
internal static class CostSection
{
    public static void Write(HtmlWriter html, ReportFacts facts)
    {
        Row[] rows = Rows(facts);
        decimal top = rows.Select(static row => Math.Max(row.Before, row.After)).DefaultIfEmpty().Max();
        html.Write($"""
            <section id="cost"><h2>Cost, before and after</h2>
            <p class="intro">US dollars a month at public on-demand list prices, for 730 hours. Discounts, commitments, taxes and what is charged by use are not in these sums.</p>
            <div class="scroll" tabindex="0" role="region" aria-label="Cost by family"><table class="cost"><caption class="quiet">Monthly cost by family</caption>
            <thead><tr><th scope="col">Family</th><th scope="col" class="bars"><span class="key before">today</span> <span class="key after">target</span></th><th scope="col" class="num">Today</th><th scope="col" class="num">Target</th><th scope="col" class="num">Difference</th><th scope="col" class="num">Without price</th></tr></thead><tbody>

            """);
        foreach (Row row in rows)
        {
            html.Write(
                $"<tr><th scope=\"row\">{ReportFacts.FamilyTitle(row.Family)}</th><td class=\"bars\"><svg viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"before\" width=\"{Share(row.Before, top)}\" height=\"4\"/><rect class=\"after\" y=\"6\" width=\"{Share(row.After, top)}\" height=\"4\"/></svg></td>");
            html.Write(
                $"<td class=\"num\" data-label=\"Today\">{Sum(row.Before, row.LacksBefore, row.UsageBefore)}</td><td class=\"num\" data-label=\"Target\">{Sum(row.After, row.LacksAfter, row.UsageAfter)}</td><td class=\"num\" data-label=\"Difference\">{Difference(row.Before, row.After, row.LacksBefore + row.LacksAfter + row.UsageBefore + row.UsageAfter)}</td><td class=\"num\" data-label=\"Without price\">{(row.LacksBefore + row.LacksAfter == 0 ? "–" : $"{row.LacksBefore} / {row.LacksAfter}")}</td></tr>\n");
        }

        decimal before = facts.Result.Assessment.MonthlyUsd;
        decimal after = facts.Result.Design.MonthlyUsd;
        int lacksBefore = rows.Sum(static row => row.LacksBefore);
        int lacksAfter = rows.Sum(static row => row.LacksAfter);
        int usageBefore = rows.Sum(static row => row.UsageBefore);
        int usageAfter = rows.Sum(static row => row.UsageAfter);
        html.Write(
            $"</tbody><tfoot><tr><th scope=\"row\">Total</th><td class=\"bars\"></td><td class=\"num\" data-label=\"Today\">{Sum(before, lacksBefore, usageBefore)}</td><td class=\"num\" data-label=\"Target\">{Sum(after, lacksAfter, usageAfter)}</td><td class=\"num\" data-label=\"Difference\">{Difference(before, after, lacksBefore + lacksAfter + usageBefore + usageAfter)}</td><td class=\"num\" data-label=\"Without price\">{(lacksBefore + lacksAfter == 0 ? "–" : $"{lacksBefore} / {lacksAfter}")}</td></tr></tfoot></table></div>\n");
        int usage = facts.Result.Assessment.Resources.Count(static resource => resource.Cost.Status is CostStatus.Usage
            || resource.Cost.Usage.Length > 0);
        html.Write(
            $"<p class=\"fine\">“Without price” counts resources today / on the target that lack a price in part or whole: sums marked “≥” are lower bounds, and their difference is not known.{(usage > 0 ? $" {Wording.Count(usage, "resource is", "resources are")} also charged by use, such as requests and traffic, which a configuration does not tell." : "")}</p></section>\n");
    }

    /// <summary>The change in per cent: <c>−12 %</c>.</summary>
    public static string Percent(decimal before, decimal after)
    {
        decimal change = Math.Round(100 * (after - before) / before, 0, MidpointRounding.AwayFromZero);
        if (change == 0) return "unchanged";
        return change < 0 ? $"−{-change:0} %" : $"+{change:0} %";
    }

    // A sum that lacks a price, or a part charged by use, is a lower bound, and never 0.
    private static string Sum(decimal amount, int lacking, int usage) => (amount, lacking, usage) switch
    {
        (0, > 0, _) => "no price",
        (0, _, > 0) => "by use",
        (_, 0, 0) => Wording.Usd(amount),
        _ => $"≥ {Wording.Usd(amount)}",
    };

    private static string Difference(decimal before, decimal after, int lacking) => lacking > 0 ? "not known" : Signed(after - before);

    private static string Signed(decimal difference) => difference > 0 ? $"+{Wording.Usd(difference)}" : Wording.Usd(difference);

    private static double Share(decimal amount, decimal top) => top <= 0 || amount <= 0 ? 0 : Math.Max(0.4, (double)(100 * amount / top));

    private static Row[] Rows(ReportFacts facts)
    {
        var rows = new Dictionary<string, Row>(StringComparer.Ordinal);
        for (int index = 0; index < facts.Before.Length; index++)
        {
            Resource resource = facts.Result.Estate.Resources[index];
            string family = resource.Kind.Family;
            Row row = rows.TryGetValue(family, out Row? known) ? known : new(family, 0, 0, 0, 0, 0, 0);
            CostEstimate? old = facts.Before[index];
            CostEstimate? planned = facts.Mappings[index]?.Cost;
            rows[family] = row with
            {
                Before = row.Before + (old?.MonthlyUsd ?? 0),
                After = row.After + (planned?.MonthlyUsd ?? 0),
                LacksBefore = row.LacksBefore + (ReportFacts.LacksPrice(old) ? 1 : 0),
                LacksAfter = row.LacksAfter + (ReportFacts.LacksPrice(planned) ? 1 : 0),
                UsageBefore = row.UsageBefore + (old is { Status: CostStatus.Usage } ? 1 : 0),
                UsageAfter = row.UsageAfter + (planned is { Status: CostStatus.Usage } ? 1 : 0),
            };
        }

        return [.. rows.Values.Where(static row => row.Before + row.After > 0
            || row.LacksBefore + row.LacksAfter + row.UsageBefore + row.UsageAfter > 0)
            .OrderByDescending(static row => Math.Max(row.Before, row.After)).ThenBy(static row => row.Family, StringComparer.Ordinal)];
    }

    private sealed record Row(string Family, decimal Before, decimal After, int LacksBefore, int LacksAfter, int UsageBefore,
        int UsageAfter);
}
